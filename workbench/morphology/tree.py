"""A cell's shape: a tree of sections, their names and the ways between them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.errors import MorphologyError, unknown
from workbench.morphology.drawing import as_svg
from workbench.morphology.section import REGIONS, Region, Section

ARRAYS: MappingProxyType[Region, str] = MappingProxyType(
    {"somatic": "soma", "axonal": "axon", "basal": "dend", "apical": "apic"}
)
_EDITS_SHOWN = 4


@dataclass(frozen=True, eq=False)
class Morphology:
    """A tree of sections.

    Two morphologies with the same digest are equal, whatever their names.

    Parameters
    ----------
    name
        What the cell is called.
    sections
        Every parent stands before its children; the first is the root. Sections of one region
        keep the order in which NEURON would number them.
    soma_model
        How the soma was made from the file ("neuron", "sphere", "cylinder", "given").
    source
        Where the shape comes from, in words.
    notes
        What a reader of the file should know (oddities that were read over).
    unlike_neuron
        What NEURON's own Import3d makes otherwise of the same file.
    edits
        What was done to the shape since, in order, each as a text that `edit_morphology` takes.
    unedited
        The shape before the first of them, so that they can be done anew with other arguments.

    Raises
    ------
    MorphologyError
        No section, or a parent that does not stand before its child.
    """

    name: str
    sections: tuple[Section, ...]
    soma_model: str = "given"
    source: str = ""
    notes: tuple[str, ...] = ()
    unlike_neuron: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    unedited: "Morphology | None" = None

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
        return isinstance(other, Morphology) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __len__(self) -> int:
        return len(self.sections)

    def __repr__(self) -> str:
        parts = [
            f"{len(self.indices(region))} {region} ({self.length_um(region):.0f} um)"
            for region in REGIONS
            if self.indices(region)
        ]
        edits = [text.partition(" ")[0] for text in self.edits]
        if len(edits) > _EDITS_SHOWN:
            edits[_EDITS_SHOWN:] = [f"{len(edits) - _EDITS_SHOWN} more"]
        edited = f"; edited: {', '.join(edits)}" if edits else ""
        return f"<Morphology {self.name}: {len(self)} sections; {', '.join(parts)}{edited}>"

    def _repr_html_(self) -> str:
        return f"<div>{as_svg(self.sections)}<p>{html.escape(repr(self))}</p></div>"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """How the field addresses the sections: soma[0], dend[0], dend[1], apic[0] ..."""
        counts = dict.fromkeys(REGIONS, 0)
        names = []
        for section in self.sections:
            names.append(f"{ARRAYS[section.region]}[{counts[section.region]}]")
            counts[section.region] += 1
        return tuple(names)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each section the indices of the sections that grow from it."""
        grown: list[list[int]] = [[] for _ in self.sections]
        for index, section in enumerate(self.sections[1:], start=1):
            grown[section.parent].append(index)
        return tuple(tuple(found) for found in grown)

    @cached_property
    def digest(self) -> str:
        """Sha256 of the geometry alone (not of name, source or notes), in hexadecimal."""
        return digest(self.sections)

    def index(self, section: str | int) -> int:
        """Return the index of a section given by name ("apic[36]", "soma") or by index.

        Raises
        ------
        MorphologyError
            There is none of that name or index.
        """
        if isinstance(section, str):
            found = self._index_of.get(section, self._index_of.get(f"{section}[0]"))
            if found is None:
                raise MorphologyError(self._no_section(section))
            return found
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
            return (self.index(region),)
        if region not in REGIONS:
            raise MorphologyError(unknown("region", region, ("all", *REGIONS)))
        return self._regions[region]

    @cached_property
    def _regions(self) -> dict[str, tuple[int, ...]]:
        regions = [section.region for section in self.sections]
        return {one: tuple(i for i, r in enumerate(regions) if r == one) for one in REGIONS}

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

    @cached_property
    def _index_of(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names)}

    def _no_section(self, given: str) -> str:
        array = re.sub(r"\[.*", "", given)
        mine = [name for name in self.names if name.startswith(f"{array}[")]
        if mine:
            return f"unknown section {given!r} of {self.name!r}; it has {mine[0]} to {mine[-1]}"
        arrays = {re.sub(r"\[.*", "", name) for name in self.names}
        return f"{self.name!r}: {unknown('section', given, arrays)} (numbered, like dend[0])"
