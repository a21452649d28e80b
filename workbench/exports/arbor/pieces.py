"""The tree of a cell as Arbor has it: frusta, cut where NEURON's segments end and in their middles.

NEURON joins a section to the middle of a segment of its parent, or to the parent's end; a location
is the middle of a segment too. So each segment of NEURON's has a piece that ends in its middle.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.exports.model import Model
from workbench.exports.sections import straight

TAGS = {region: number for number, region in enumerate(("somatic", "axonal", "basal", "apical"), 1)}
"""SWC's numbers of the regions."""

_HALVED = np.array([1.0, 1.0, 1.0, 0.5])
"""Of diameters radii."""


class Piece(NamedTuple):
    """A frustum: its number, that of the piece from whose end it grows (-1), and its ends.

    The ends are x, y, z and radius in um.
    """

    number: int
    parent: int
    begin: Floats
    end: Floats
    tag: int


class Pieces(NamedTuple):
    """The pieces of a cell; by section and segment its own, and the one that ends in its middle."""

    pieces: list[Piece]
    of: dict[tuple[int, int], list[int]]
    middle: dict[tuple[int, int], int]

    def branches(self) -> list[tuple[int, list[Piece]]]:
        """Return the unbranched stretches, each with the stretch that it grows from (-1)."""
        grown = Counter(piece.parent for piece in self.pieces)
        found: list[tuple[int, list[Piece]]] = []
        at: list[int] = []
        for piece in self.pieces:
            on = at[piece.parent] if piece.parent >= 0 else -1
            if piece.parent < 0 or grown[piece.parent] > 1:
                found.append((on, []))
                on = len(found) - 1
            at.append(on)
            found[on][1].append(piece)
        return found

    def numbered(self) -> "Pieces":
        """Return them with the numbers that Arbor gives: one branch after the other."""
        order = [piece.number for _, branch in self.branches() for piece in branch]
        new = {old: number for number, old in enumerate(order)} | {-1: -1}
        pieces = [
            self.pieces[old]._replace(number=number, parent=new[self.pieces[old].parent])
            for number, old in enumerate(order)
        ]
        of = {segment: [new[one] for one in numbers] for segment, numbers in self.of.items()}
        return Pieces(pieces, of, {segment: new[one] for segment, one in self.middle.items()})


def pieces_of(model: Model) -> Pieces:
    """Return a cell's tree in pieces."""
    tree, counts = model.recipe.morphology, model.recipe.segment_counts
    found = Pieces([], {}, {})
    begun: list[int] = []
    ended: list[int] = []
    for section, (shape, count) in enumerate(zip(tree.sections, counts, strict=True)):
        parent = -1
        if shape.parent >= 0:
            on = shape.parent
            if shape.parent_x in (0.0, 1.0):
                parent = (begun if shape.parent_x == 0 else ended)[on]
            else:
                inside = min(int(shape.parent_x * counts[on]), counts[on] - 1)
                parent = found.middle[on, inside]
        begun.append(parent)
        for half in range(2 * count):
            segment = section, half // 2
            ends = (half / (2 * count), (half + 1) / (2 * count))
            for begin, end in straight(shape, *ends):
                number = len(found.pieces)
                piece = Piece(number, parent, begin * _HALVED, end * _HALVED, TAGS[shape.region])
                found.pieces.append(piece)
                found.of.setdefault(segment, []).append(number)
                parent = number
            if half % 2 == 0:
                found.middle[segment] = parent
        ended.append(parent)
    return found.numbered()
