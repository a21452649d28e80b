"""What a file's reader hands over, and how it becomes sections.

The rules are those of NEURON's Import3d, so that a section has the same name, place and points
here and there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from workbench.arrays import Floats
from workbench.morphology.section import Region, Section, as_printed

LEFT_OUT = "branches without length were left out"


class Branch(NamedTuple):
    """A stretch of points that may still turn out too short for a section."""

    region: Region
    parent: int
    parent_x: float
    points: Floats  # (n, 4) x, y, z, diameter in um, n >= 1
    lines: tuple[int, ...] = ()  # of the file, one a point


class Notes(NamedTuple):
    """What was odd about a file: in itself, and in that NEURON's Import3d reads it otherwise."""

    odd: tuple[str, ...] = ()
    unlike_neuron: tuple[str, ...] = ()


def to_sections(branches: Sequence[Branch]) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """Return the sections of branches, and notes on what was left out.

    A branch whose points are all in one place is left out unless it is the root; what grows from
    it moves to where it was attached. (Import3d does so for one or two points, and makes sections
    without length of more.)
    """
    left_out = {i for i, branch in enumerate(branches) if i > 0 and _is_empty(branch.points)}
    new_index = {-1: -1}
    sections: list[Section] = []
    for index, branch in enumerate(branches):
        parent, parent_x = branch.parent, branch.parent_x
        while parent in left_out:
            parent, parent_x = branches[parent].parent, branches[parent].parent_x
        if index not in left_out:
            new_index[index] = len(sections)
            points = as_printed(branch.points)
            made = Section(branch.region, new_index[parent], parent_x, points, lines=branch.lines)
            sections.append(made)
    notes = (f"{len(left_out)} {LEFT_OUT}",) if left_out else ()
    return tuple(sections), notes


def _is_empty(points: Floats) -> bool:
    return bool((points[:, :3] == points[0, :3]).all())
