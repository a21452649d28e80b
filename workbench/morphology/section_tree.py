"""A tree of sections, their names and the ways between them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.errors import MorphologyError, unknown
from workbench.morphology.section import ARRAYS, REGIONS, Section


@dataclass(frozen=True, eq=False)
class SectionTree:
    """A tree of sections. Two with the same digest are equal, whatever their names.

    Parameters
    ----------
    name
        What the cell is called.
    sections
        Every parent stands before its children; the first is the root. Sections of one region
        keep the order in which NEURON would number them.

    Raises
    ------
    MorphologyError
        No section, or a parent that does not stand before its child.
    """

    name: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        if not self.sections:
            raise MorphologyError(f"morphology {self.name!r} has no sections")
        for index, section in enumerate(self.sections):
            if (section.parent == -1) != (index == 0) or section.parent >= index:
                raise MorphologyError(
                    f"section {index} of {self.name!r} has parent {section.parent}: the first "
                    "section is the only root (-1), every parent stands before its children"
                )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SectionTree) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __len__(self) -> int:
        return len(self.sections)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """How the field addresses the sections: soma[0], dend[0], dend[1], apic[0] ...

        Pieces that a region's boundary cut a section into share its number: apic[3.1], apic[3.2].
        """
        names = list(self.uncut_names)
        for pieces in self.wholes:
            for part, index in enumerate(pieces, start=1):
                if len(pieces) > 1:
                    names[index] = names[index].replace("]", f".{part}]")
        return tuple(names)

    @cached_property
    def uncut_names(self) -> tuple[str, ...]:
        """The same without regard to cuts: pieces of one section have one name."""
        counts = dict.fromkeys(REGIONS, 0)
        names = [""] * len(self)
        for pieces in self.wholes:
            region = self.sections[pieces[0]].region
            for index in pieces:
                names[index] = f"{ARRAYS[region]}[{counts[region]}]"
            counts[region] += 1
        return tuple(names)

    @cached_property
    def wholes(self) -> tuple[tuple[int, ...], ...]:
        """The sections as they were before boundaries of regions cut them: one index or more."""
        found: list[list[int]] = []
        at: list[int] = []
        for index, section in enumerate(self.sections):
            on = section.parent
            if (
                section.continues
                and section.parent_x == 1
                and section.region == self.sections[on].region
                and found[at[on]][-1] == on
            ):
                at.append(at[on])
                found[at[on]].append(index)
            else:
                at.append(len(found))
                found.append([index])
        return tuple(map(tuple, found))

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each section the indices of the sections that grow from it."""
        grown: list[list[int]] = [[] for _ in self.sections]
        for index, section in enumerate(self.sections[1:], start=1):
            grown[section.parent].append(index)
        return tuple(tuple(found) for found in grown)

    @cached_property
    def digest(self) -> str:
        """Sha256 of the sections alone (not of the name), in hexadecimal."""
        return digest(self.sections)

    def index(self, section: str | int) -> int:
        """Return the index of a section given by name ("apic[36]", "soma") or by index.

        Raises
        ------
        MorphologyError
            There is none of that name or index, or it is cut into several.
        """
        if isinstance(section, str):
            found = self._pieces(section)
            if len(found) > 1:
                pieces = ", ".join(self.names[index] for index in found)
                raise MorphologyError(
                    f"{section} of {self.name!r} is cut by the boundary of a region; name one of "
                    f"its pieces: {pieces}"
                )
            return found[0]
        if not 0 <= section < len(self.sections):
            raise MorphologyError(
                f"section {section} of {self.name!r}: it has sections 0 to {len(self) - 1}"
            )
        return int(section)

    def indices(self, region: str = "all") -> tuple[int, ...]:
        """Return the indices of a region's sections, of every section for "all".

        A section's own name ("apic[36]") is a region of one.

        Raises
        ------
        MorphologyError
            Not a region. (A region without sections is an empty answer.)
        """
        if region == "all":
            return tuple(range(len(self.sections)))
        if "[" in region:
            return self._pieces(region)
        if region not in REGIONS:
            raise MorphologyError(unknown("region", region, ("all", *REGIONS)))
        return self._regions[region]

    @cached_property
    def _regions(self) -> dict[str, tuple[int, ...]]:
        regions = [section.region for section in self.sections]
        return {one: tuple(i for i, r in enumerate(regions) if r == one) for one in REGIONS}

    def place(self, section: str, x: float) -> tuple[int, float]:
        """Return the section and the place on it where a named one has a place, 0 to 1.

        They are another section and place where the named one is cut: x counts along all of it.

        Raises
        ------
        MorphologyError
            There is none of that name.
        """
        found = self._pieces(section)
        if len(found) == 1:
            return found[0], x
        ends_um = np.cumsum([self.sections[index].length_um for index in found])
        at = min(int(np.searchsorted(ends_um, x * ends_um[-1])), len(found) - 1)
        length = self.sections[found[at]].length_um
        inside = (x * ends_um[-1] - (ends_um[at] - length)) / length
        return found[at], min(max(float(inside), 0.0), 1.0)

    def length_um(self, region: str = "all") -> float:
        """Return the total length of a region's sections."""
        return sum(self.sections[i].length_um for i in self.indices(region))

    def area_um2(self, region: str = "all") -> float:
        """Return the total membrane area of a region's sections."""
        return sum(self.sections[i].area_um2 for i in self.indices(region))

    def diameter_um(self, section: str | int, x0: float = 0.0, x1: float = 1.0) -> float:
        """Return the mean diameter of a section between two places, or at one where x0 is x1.

        See `Section.diameters_um`, which takes many places at once.
        """
        here = self.sections[self.index(section)]
        return here.diameter_at_um(x0) if x0 == x1 else float(here.diameters_um((x0, x1))[0])

    def path_distance_um(
        self, section: str | int, x: npt.ArrayLike, origin: tuple[str | int, float] = (0, 0.5)
    ) -> Floats:
        """Return distances along the tree.

        Parameters
        ----------
        section, x
            A section and places on it, 0 to 1, of any shape.
        origin
            The section and place to count from; by default the middle of the root, which is
            soma(0.5) in a cell with a soma.

        Returns
        -------
        Distances in um, shaped like `x`. Places are exact: NEURON's `h.distance` agrees where
        they are segment centres or section ends.
        """
        places = np.asarray(x, dtype=float)
        if not ((places >= 0) & (places <= 1)).all():
            raise MorphologyError(f"places {places.tolist()}: a place on a section is 0 to 1")
        start = self.index(section)
        out = {at: (place, walked) for at, place, walked in self._rootward(*origin)}
        at, attached, climbed = next(step for step in self._rootward(start, 0.0) if step[0] in out)
        place, walked = out[at]
        length = self.sections[at].length_um
        if at == start:
            return np.asarray(walked + np.abs(places - place) * length)
        here = self.sections[start].length_um * places
        return np.asarray(here + climbed + abs(attached - place) * length + walked)

    def _rootward(self, section: str | int, x: float) -> Iterator[tuple[int, float, float]]:
        """Yield section, place on it and way walked so far, from a place up to the root."""
        index, place, walked = self.index(section), x, 0.0
        while index >= 0:
            yield index, place, walked
            here = self.sections[index]
            walked += place * here.length_um
            index, place = here.parent, here.parent_x

    def _pieces(self, section: str) -> tuple[int, ...]:
        found = self._pieces_of.get(section) or self._pieces_of.get(f"{section}[0]")
        if found is None:
            raise MorphologyError(self._no_section(section))
        return found

    @cached_property
    def _pieces_of(self) -> dict[str, tuple[int, ...]]:
        """By the name of a section, and of one before it was cut, what it is."""
        whole = {self.uncut_names[pieces[0]]: pieces for pieces in self.wholes}
        return whole | {name: (index,) for index, name in enumerate(self.names)}

    def _no_section(self, given: str) -> str:
        array = re.sub(r"\[.*", "", given)
        mine = [name for name in self.uncut_names if name.startswith(f"{array}[")]
        if mine:
            return f"unknown section {given!r} of {self.name!r}; it has {mine[0]} to {mine[-1]}"
        arrays = {re.sub(r"\[.*", "", name) for name in self.names}
        return f"{self.name!r}: {unknown('section', given, arrays)} (numbered, like dend[0])"


def parents_first(parents: Sequence[int]) -> list[int]:
    """Return indices so that parents come before children, and otherwise as they were.

    A root has the parent -1. What hangs on none is left out.
    """
    children: dict[int, list[int]] = {}
    for index, parent in enumerate(parents):
        children.setdefault(parent, []).append(index)
    ready, found = children.get(-1, []), list[int]()
    heapify(ready)
    while ready:
        found.append(heappop(ready))
        for child in children.get(found[-1], []):
            heappush(ready, child)
    return found
