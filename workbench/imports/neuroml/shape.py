"""The sections of a NeuroML cell, and what its groups are in a study.

Sections are the groups that are marked as unbranched, and every segment one where none is, as in
the NEURON files that jNeuroML 0.14.0 writes. A lone segment whose ends are one point is a sphere,
and as there a cylinder as long as wide, which has its area.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, MorphologyError, unknown
from workbench.imports.neuroml.groups import Group, Groups, Segment, segments_of
from workbench.inputs import Element
from workbench.morphology import REGIONS, Kind, Morphology, Region, Section
from workbench.morphology.section_tree import parents_first

_SAME_um = 1e-3
_NEUROLEX: Mapping[str, Region] = {
    "GO:0043025": "somatic",
    "sao1044911821": "somatic",
    "GO:0030424": "axonal",
    "sao1770195789": "axonal",
    "GO:0030425": "basal",
    "sao1211023249": "basal",
}
_NAMES: Mapping[str, Region] = {
    "soma_group": "somatic",
    "axon_group": "axonal",
    "dendrite_group": "basal",
}
_BEGINNINGS: Mapping[str, Region] = {
    "soma": "somatic",
    "axon": "axonal",
    "dend": "basal",
    "basal": "basal",
    "apic": "apical",
}


@dataclass(frozen=True)
class _Cable:
    """A section to be: its name, and its segments from the soma outwards."""

    name: str
    where: str
    segments: tuple[int, ...]
    divisions: int | None


@dataclass(frozen=True, eq=False)
class Shape:
    """A cell's tree, and where its segments and groups are in it.

    Attributes
    ----------
    names
        What the file calls the sections.
    counts
        Into how many segments each is cut; 1 where the file does not say.
    """

    tree: Morphology
    names: tuple[str, ...]
    counts: tuple[int, ...]
    groups: Groups
    section_of: Mapping[int, int]

    def sections(self, group: str, where: str) -> tuple[int, ...]:
        """Return the sections of a group.

        Raises
        ------
        InputError
            If there is no such group, or it ends inside of a section.
        """
        return self.sections_with(self.groups.members(group, where), f"{where}: group {group}")

    def sections_with(self, members: Sequence[int], what: str) -> tuple[int, ...]:
        """Return the sections that some segments make up.

        Raises
        ------
        InputError
            If they are only a part of one.
        """
        found = sorted({self.section_of[key] for key in members})
        inside = set(members)
        for key, section in self.section_of.items():
            if key not in inside and section in found:
                raise InputError(
                    f"{what} ends inside of the section {self.names[section]}, of which segment "
                    f"{key} is no part of it; make two sections of it in the file"
                )
        return tuple(found)

    def region(self, sections: Sequence[int]) -> str | None:
        """Return `all` or the one of the four regions that holds just these sections, if any."""
        regions = ("all", *REGIONS)
        return next((r for r in regions if self.tree.indices(r) == tuple(sections)), None)


def shape_of(name: str, morphology: Element, kinds: Mapping[str, Kind]) -> Shape:
    """Return the sections of a cell.

    Parameters
    ----------
    kinds
        Regions by groups, where their names do not tell.

    Raises
    ------
    InputError
        If the file gives no tree of sections, or not to which region they belong.
    """
    segments = segments_of(morphology)
    groups = Groups(morphology, segments)
    cables = _cables(segments, groups)
    cable_of = {key: n for n, one in enumerate(cables) for key in one.segments}
    above = [cable_of.get(segments[one.segments[0]].parent, -1) for one in cables]
    cables = [cables[n] for n in parents_first(above)]
    section_of = {key: n for n, one in enumerate(cables) for key in one.segments}
    regions = _regions(cables, segments, groups, section_of, kinds)
    sections: list[Section] = []
    arcs: dict[int, tuple[int, int]] = {}
    for cable, region in zip(cables, regions, strict=True):
        first = segments[cable.segments[0]]
        points, ends = _points(cable, segments)
        parent, x = -1, 1.0
        if first.parent >= 0:
            parent = section_of[first.parent]
            x = _place(sections[parent], arcs[first.parent], first.fraction)
        try:
            sections.append(Section(region, parent, x, points))
        except MorphologyError as error:
            raise InputError(f"{cable.where}: section {cable.name}: {error}") from None
        arcs |= ends
    tree = Morphology(name, tuple(sections), source=f"{name}, a cell of NeuroML")
    counts = tuple(one.divisions or 1 for one in cables)
    return Shape(tree, tuple(one.name for one in cables), counts, groups, section_of)


def _cables(segments: Mapping[int, Segment], groups: Groups) -> list[_Cable]:
    marked = groups.sections
    if not marked:
        return [
            _Cable(one.name or f"segment {key}", one.where, (key,), None)
            for key, one in segments.items()
        ]
    owner: dict[int, str] = {}
    for name, group in marked.items():
        for key in group.members:
            if key in owner:
                raise InputError(
                    f"{group.element.where}: segment {key} is in the sections {owner[key]} and "
                    f"{name}; sections do not overlap"
                )
            owner[key] = name
    if lost := segments.keys() - owner:
        raise InputError(
            f"{segments[min(lost)].where}: segment {min(lost)} is in no section; where some groups "
            "are marked as unbranched (neuroLexId), every segment is in one of them"
        )
    return [
        _Cable(
            " ".join(name.split()), one.element.where, _chain(name, one, segments), one.divisions
        )
        for name, one in marked.items()
    ]


def _chain(name: str, group: Group, segments: Mapping[int, Segment]) -> tuple[int, ...]:
    """Return the segments of a section one behind the other."""
    members = set(group.members)
    firsts = [key for key in group.members if segments[key].parent not in members]
    after: dict[int, list[int]] = {}
    for key in members:
        after.setdefault(segments[key].parent, []).append(key)
    chain = firsts[:1]
    while chain and len(following := after.get(chain[-1], [])) == 1:
        if segments[following[0]].fraction != 1:
            break
        chain.append(following[0])
    if len(chain) < len(members) or not chain:
        raise InputError(
            f"{group.element.where}: {name} is marked as unbranched, and its segments do not each "
            "grow from the end of the one before; take the mark away, or correct them"
        )
    return tuple(chain)


def _points(
    cable: _Cable, segments: Mapping[int, Segment]
) -> tuple[Floats, dict[int, tuple[int, int]]]:
    """Return the points of a section, (n, 4), and between which of them each segment lies."""
    first = segments[cable.segments[0]]
    points, ends = [first.proximal], dict[int, tuple[int, int]]()
    for key in cable.segments:
        one = segments[key]
        apart_um = float(np.linalg.norm(one.proximal[:3] - points[-1][:3]))
        if apart_um > _SAME_um:
            raise InputError(
                f"{one.where}: segment {key} begins {apart_um:g} um from the end of the one before "
                "it in its section, and NEURON would make cable of the gap; make it a section of "
                "its own, or correct its <proximal>"
            )
        if one.proximal[3] != points[-1][3]:
            points.append(np.array([*points[-1][:3], one.proximal[3]]))
        begin = len(points) - 1
        points.append(one.distal)
        ends[key] = (begin, len(points) - 1)
    if len(points) == 2 and np.array_equal(first.proximal, first.distal):
        points[1] = first.distal + np.array([0.0, first.distal[3], 0.0, 0.0])
    return np.array(points), ends


def _place(section: Section, between: tuple[int, int], fraction: float) -> float:
    """Return where on a section a place on one of its segments is, 0 to 1."""
    begin_um, end_um = section.arcs_um[between[0]], section.arcs_um[between[1]]
    return min(1.0, float((begin_um + fraction * (end_um - begin_um)) / section.length_um))


def _regions(
    cables: Sequence[_Cable],
    segments: Mapping[int, Segment],
    groups: Groups,
    section_of: Mapping[int, int],
    kinds: Mapping[str, Kind],
) -> list[Region]:
    """Return the region of each section, the root's first."""
    for name in kinds:
        if name not in groups.groups:
            raise InputError(f"kinds: {unknown('segmentGroup', name, groups.groups)}")
    told: list[set[Kind]] = [set() for _ in cables]
    for name, kind in _telling(groups, kinds):
        for member in groups.groups[name].members:
            told[section_of[member]].add(kind)
    found: list[Region] = []
    for number, cable in enumerate(cables):
        parent = section_of.get(segments[cable.segments[0]].parent, -1)
        found.append(_region(cable, told[number], found[parent] if number else None))
    return found


def _telling(groups: Groups, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Kind]]:
    """Yield the groups that say to which region their segments belong."""
    for name, group in groups.groups.items():
        lex = group.element.attributes.get("neuroLexId", "")
        kind = kinds.get(name) or _NAMES.get(name) or _NEUROLEX.get(lex)
        if kind is None and name.lower().startswith("apic"):
            kind = "apical"
        if kind is not None:
            yield name, kind


def _region(cable: _Cable, told: set[Kind], parent: Region | None) -> Region:
    if "apical" in told:
        told = told - {"basal"} if told <= {"basal", "apical"} else told - {"apical"}
    if not told:
        told = {r for b, r in _BEGINNINGS.items() if cable.name.lower().startswith(b)}
        told = told or ({"somatic"} if parent is None else set())
    if len(told) != 1:
        what = f"is in groups of {', '.join(sorted(told))}" if told else "is in none of its groups"
        raise InputError(
            f"{cable.where}: {cable.name} {what}: the file does not tell its region (soma_group, "
            "axon_group, dendrite_group, and apical...). Say it of a group with --kind "
            "GROUP=basal"
        )
    [kind] = told
    if kind == "parent":
        if parent is None:
            raise InputError(f"kinds: {cable.name} is the root and has no parent")
        return parent
    if parent is None and kind != "somatic":
        raise InputError(
            f"{cable.where}: the tree grows from {cable.name}, which is {kind}; a cell needs its "
            "soma as its root"
        )
    return kind
