"""How sections hang together."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.checks.check import (
    Finding,
    Mended,
    check,
    lines_of,
    neurites,
    place_of,
    some,
)
from workbench.morphology.checks.diameters import FEW
from workbench.morphology.edits.merge_only_children import merge_only_children
from workbench.morphology.edits.trees import without
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology

GAP_um = 10.0
"""So far from where it hangs a neurite may be drawn."""


def closed(morphology: Morphology) -> Mended:
    """Move what was drawn far away to where it hangs, with all that grows from it."""
    sections: list[Section] = []
    shifts, done = np.zeros((len(morphology), 3)), []
    for index, section in enumerate(morphology.sections):
        if section.parent < 0 or section.is_cylinder:
            sections.append(section)
            continue
        shifts[index] = shifts[section.parent]
        gap_um, way = _gap(section, morphology.sections[section.parent])
        if gap_um > GAP_um:
            shifts[index] += way
            done.append(f"{morphology.names[index]}: moved by {gap_um:.1f} um to where it hangs")
        if shifts[index].any():
            section = replace(section, points=section.points + np.append(shifts[index], 0.0))
        sections.append(section)
    return replace(morphology, sections=tuple(sections)), tuple(done)


@check("gap", "note", mend=closed)
def gap(morphology: Morphology) -> Iterator[Finding]:
    """Find sections that were drawn farther than 10 um from the place that they hang on."""
    for index, section in enumerate(morphology.sections):
        if section.parent < 0:
            continue
        gap_um, _ = _gap(section, morphology.sections[section.parent])
        if gap_um > GAP_um:
            name, parent = morphology.names[index], morphology.names[section.parent]
            message = (
                f"{lines_of(morphology, section, [0])}{name} was drawn {gap_um:.1f} um away from "
                f"{parent}({section.parent_x:g}), where it hangs: the way between is no part of "
                "the cell"
            )
            mend = "See whether it belongs there; --fix moves it, with what grows from it"
            place = place_of(section, 0)
            yield Finding("gap", name, message, "note", mend, place, fixable=True)


def _gap(section: Section, parent: Section) -> tuple[float, Floats]:
    """Return how far a section starts from the surface of its parent, and the way there.

    A soma is near wherever it is; other parents are where the section hangs on them. Cylinders
    have no place in space, so nothing is far from them.
    """
    if section.is_cylinder or parent.is_cylinder:
        return 0.0, np.zeros(3)
    near = parent.points if parent.region == "somatic" else _place(parent, section.parent_x)
    ways = near[:, :3] - section.points[0, :3]
    away = np.linalg.norm(ways, axis=1)
    nearest = int((away - near[:, 3] / 2).argmin())
    gap_um = float(away[nearest] - near[nearest, 3] / 2)
    return gap_um, ways[nearest] * gap_um / max(away[nearest], 1e-300)


def _place(section: Section, x: float) -> Floats:
    """Return the place and diameter at x, (1, 4)."""
    at = x * section.length_um
    return np.array([[np.interp(at, section.arcs_um, column) for column in section.points.T]])


def merged(morphology: Morphology) -> Mended:
    """Make one section of each that goes on in a single one of its region."""
    after = merge_only_children(morphology)
    count = len(morphology) - len(after)
    if not count:
        return morphology, ()
    said = f"{count} section{'s' * (count > 1)} became one with what went before"
    return after, (said,)


@check("only child", "remark", mend=merged)
def only_child(morphology: Morphology) -> Iterator[Finding]:
    """Find sections that go on in a single one of their own region, from end to start."""
    for index, section in enumerate(morphology.sections):
        if len(children := morphology.children[index]) != 1 or section.is_cylinder:
            continue
        child, name = morphology.sections[children[0]], morphology.names[index]
        if child.region == section.region and child.parent_x == 1 and not child.continues:
            message = f"{name} goes on in {morphology.names[children[0]]} alone"
            yield Finding(
                "only child", name, message, "remark", "Make one section of the two, as --fix does",
                place_of(section, -1), fixable=section.region != "somatic",
            )  # fmt: skip


def without_twins(morphology: Morphology) -> Mended:
    """Take off branches that another one from the same place runs through point by point."""
    twins = _twins(morphology)
    if not twins:
        return morphology, ()
    done = [
        f"{morphology.names[second]}: taken off, for {morphology.names[first]} is the same"
        for second, first in twins.items()
    ]
    return without(morphology, set(twins), "which is there twice"), tuple(done)


@check("twin branch", "note", mend=without_twins)
def twin_branch(morphology: Morphology) -> Iterator[Finding]:
    """Find free branches that are there twice."""
    for second, first in _twins(morphology).items():
        section, name = morphology.sections[second], morphology.names[second]
        message = (
            f"{lines_of(morphology, section, np.arange(1, len(section.points)))}{name} runs "
            f"through the points of {morphology.names[first]}, from the same place"
        )
        mend = f"Take {name} out, as --fix does: its membrane counts twice"
        yield Finding(
            "twin branch", name, message, "note", mend, place_of(section, 1), fixable=True
        )


def _twins(morphology: Morphology) -> dict[int, int]:
    """Return free branches that are another one again, with that one."""
    seen: dict[tuple[int, float, bytes], int] = {}
    found = {}
    for index in neurites(morphology):
        section = morphology.sections[index]
        if morphology.children[index] or section.parent < 0:
            continue
        key = (section.parent, section.parent_x, section.points.tobytes())
        if seen.setdefault(key, index) != index:
            found[index] = seen[key]
    return found


@check("shared points", "remark")
def shared_points(morphology: Morphology) -> Iterator[Finding]:
    """Find sections that meet others in points, though neither grows from the other."""
    at: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    twins = _twins(morphology)
    for index in neurites(morphology):
        if index not in twins:
            places = morphology.sections[index].points[:, :3] + 0.0  # of -0 and 0, one
            for point, place in enumerate(places):
                at[place.tobytes()].append((index, point))
    met: dict[tuple[int, int], list[int]] = defaultdict(list)
    for here in at.values():
        for place, (first, _) in enumerate(here):
            for second, point in here[place + 1 :]:
                if first != second and not _joined(morphology, first, second, point):
                    met[first, second].append(point)
    for (first, second), points in met.items():
        section, name = morphology.sections[second], morphology.names[second]
        message = (
            f"{lines_of(morphology, section, points)}{name} meets {morphology.names[first]} in "
            f"{len(points)} points, and neither grows from the other"
        )
        mend = "See whether one was traced twice, or whether they are one branch"
        yield Finding("shared points", name, message, "remark", mend, place_of(section, points[0]))


def _joined(morphology: Morphology, first: int, second: int, point: int) -> bool:
    """Tell whether two sections meet in a point because of how they hang."""
    sections = morphology.sections
    if sections[second].parent == first:
        return point == 0
    siblings = sections[first].parent == sections[second].parent
    return siblings and point == 0


@check("no axon", "remark")
def no_axon(morphology: Morphology) -> Iterator[Finding]:
    """Find tracings without an axon."""
    traced = [morphology.sections[index] for index in neurites(morphology)]
    regions = {section.region for section in traced}
    if sum(len(one.points) for one in traced) >= FEW and "axonal" not in regions:
        message = f"no section is axonal; the neurites are {' and '.join(sorted(regions))}"
        mend = "If one is wanted, the edits stub-axon and taper-axon make one"
        yield Finding("no axon", "", message, "remark", mend)


@check("many daughters", "remark")
def many_daughters(morphology: Morphology) -> Iterator[Finding]:
    """Find neurites that end in more than three."""
    for index in neurites(morphology):
        ends = [i for i in morphology.children[index] if morphology.sections[i].parent_x == 1]
        if len(ends) > 3:
            section, name = morphology.sections[index], morphology.names[index]
            daughters = some([morphology.names[i] for i in ends])
            message = (
                f"{lines_of(morphology, section, [len(section.points) - 1])}{name} ends in "
                f"{len(ends)} at once: {daughters}"
            )
            mend = "See whether some of them have lost their own parent"
            yield Finding("many daughters", name, message, "remark", mend, place_of(section, -1))
