"""Diameters that are missing, or that no cell has."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.morphology.checks.check import (
    Finding,
    Mended,
    check,
    lines_of,
    neurites,
    place_of,
    points_of,
)
from workbench.morphology.section import REGIONS, Section
from workbench.morphology.tree import Morphology

THINNEST_um = 1e-3
"""A membrane alone is some 5 nm thick: what is thinner than 1 nm has no diameter."""

JUMP = 5.0
"""From one point to the next no neurite becomes so many times as thick,"""
JUMP_um = 2.0
"""and so much thicker too."""

FEW = 50
"""Points from which a whole tracing is judged."""

WIDENING = 1.5
"""No tree's tips are so many times as thick as its stems."""


def filled(morphology: Morphology) -> Mended:
    """Give points without thickness the diameter of their neighbours, along a straight line."""
    done = []
    for index, name in enumerate(morphology.names):
        bad, _ = _thin(morphology, index)
        if not bad.any() or not _can_be_filled(morphology, index):
            continue
        section = morphology.sections[index]
        points = section.points.copy()
        if bad[0] and (on := _goes_on_from(morphology, index)) >= 0:
            points[0, 3] = morphology.sections[on].points[-1, 3]
        thick = points[:, 3] >= THINNEST_um
        thin = bad & ~thick
        points[thin, 3] = np.interp(section.arcs_um[thin], section.arcs_um[thick], points[thick, 3])
        given = ", ".join(f"{width:.4g}" for width in points[bad, 3][:5].tolist())
        done.append(
            f"{name}: {int(bad.sum())} of its diameters, 0 um, are those between the neighbours: "
            f"{given}{' ...' * bool(bad.sum() > 5)} um"
        )
        sections = list(morphology.sections)
        sections[index] = replace(section, points=points)
        morphology = replace(morphology, sections=tuple(sections))
    return morphology, tuple(done)


@check("zero diameter", "error", mend=filled)
def zero_diameter(morphology: Morphology) -> Iterator[Finding]:
    """Find points without thickness: no current passes there, and NEURON gives NaN."""
    for index, section in enumerate(morphology.sections):
        bad, closed = _thin(morphology, index)
        name = morphology.names[index]
        if bad.any():
            points = np.flatnonzero(bad)
            it = "it" if len(points) == 1 else "them"
            fixable = _can_be_filled(morphology, index)
            message = (
                f"{lines_of(morphology, section, points)}{name} has a diameter of 0 um at "
                f"{points_of(section, points)}: no current passes there, and NEURON gives NaN or "
                "cuts off what lies behind"
            )
            mend = f"Give {it} the radius that is meant, or take {it} out"
            mend += "; --fix gives the one between the neighbours" * fixable
            place = place_of(section, int(points[0]))
            yield Finding("zero diameter", name, message, "error", mend, place, fixable)
        if closed.any():
            points = np.flatnonzero(closed)
            where = lines_of(morphology, section, points)
            message = f"{where}{name} closes to a point (diameter 0 at its end)"
            place = place_of(section, int(points[0]))
            yield Finding("zero diameter", name, message, "remark", place_um=place)


def _thin(
    morphology: Morphology, index: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which points have no thickness, and which of a free end that closes to a point."""
    section = morphology.sections[index]
    thin = section.points[:, 3] < THINNEST_um
    at = [morphology.sections[child].parent_x for child in morphology.children[index]]
    closed = np.zeros(len(thin), dtype=bool)
    closed[-1] = not any(x == 1 for x in at) and not thin[-2]
    closed[0] = index == 0 and not any(x == 0 for x in at) and not thin[1]
    return thin & ~closed, thin & closed


def _can_be_filled(morphology: Morphology, index: int) -> bool:
    """Tell whether a section has a point with a diameter, or goes on from one that has."""
    if (morphology.sections[index].points[:, 3] >= THINNEST_um).any():
        return True
    on = _goes_on_from(morphology, index)
    return on >= 0 and _can_be_filled(morphology, on)


def _goes_on_from(morphology: Morphology, index: int) -> int:
    """Return the section from whose last point a section goes on; -1 where it is its own."""
    section = morphology.sections[index]
    if section.parent < 0 or section.parent_x != 1:
        return -1
    parent = morphology.sections[section.parent]
    same = (parent.points[-1, :3] == section.points[0, :3]).all()
    return section.parent if same and parent.region != "somatic" else -1


@check("diameter jump", "note")
def diameter_jump(morphology: Morphology) -> Iterator[Finding]:
    """Find points that are five times as thick as the next, by more than 2 um."""
    for index in neurites(morphology):
        section = morphology.sections[index]
        widths = section.points[:, 3]
        if section.parent >= 0 and morphology.sections[section.parent].region == "somatic":
            widths = np.where(np.arange(len(widths)) == 0, widths[1], widths)
        thin, thick = np.minimum(widths[1:], widths[:-1]), np.maximum(widths[1:], widths[:-1])
        jumps = np.flatnonzero(
            (thick > JUMP * thin) & (thick - thin > JUMP_um) & (thin >= THINNEST_um)
        )
        if not len(jumps):
            continue
        first = int(jumps[0])
        message = (
            f"{lines_of(morphology, section, [first, first + 1])}{morphology.names[index]} goes "
            f"from {widths[first]:.3g} to {widths[first + 1]:.3g} um in diameter from one point to "
            f"the next{f', the first of {len(jumps)} such places' * (len(jumps) > 1)}"
        )
        yield Finding(
            "diameter jump", morphology.names[index], message, "note",
            "Look at the tracing, and correct the radius there", place_of(section, first + 1),
        )  # fmt: skip


@check("one diameter", "note")
def one_diameter(morphology: Morphology) -> Iterator[Finding]:
    """Find tracings in which all points of all neurites have one diameter."""
    traced = [morphology.sections[index].points[:, 3] for index in neurites(morphology)]
    widths = np.concatenate(traced) if traced else np.empty(0)
    if len(widths) >= FEW and np.ptp(widths) == 0:
        message = (
            f"all {len(widths)} points of the neurites are {widths[0]:.4g} um thick: they were "
            "traced without diameters"
        )
        mend = "Give diameters that were measured, or of a law: the edits taper, rall-diameters"
        yield Finding("one diameter", "", message, "note", mend)


@check("widening", "note")
def widening(morphology: Morphology) -> Iterator[Finding]:
    """Find regions whose tips are thicker than their stems."""
    for region in REGIONS[2:]:
        own = [i for i in neurites(morphology) if morphology.sections[i].region == region]
        sections = morphology.sections
        stems = [i for i in own if sections[i].parent < 0 or
                 sections[sections[i].parent].region == "somatic"]  # fmt: skip
        tips = [i for i in own if not morphology.children[i] and i not in stems]
        if sum(len(sections[i].points) for i in own) < FEW or not stems or not tips:
            continue
        near, far = (_mean_um([sections[i] for i in some]) for some in (stems, tips))
        if far > WIDENING * near:
            message = (
                f"the {region} tips are {far:.3g} um thick on average, and the stems {near:.3g} "
                "um: no dendrite becomes thicker on its way"
            )
            mend = "See whether radii were written from the tips to the soma"
            name, place = morphology.names[tips[0]], place_of(sections[tips[0]], -1)
            yield Finding("widening", name, message, "note", mend, place)


def _mean_um(sections: list[Section]) -> float:
    """Return the mean diameter along sections."""
    swept = sum(float(one.diameters_um((0, 1))[0]) * one.length_um for one in sections)
    return swept / sum(one.length_um for one in sections)


@check("wide stem", "note")
def wide_stem(morphology: Morphology) -> Iterator[Finding]:
    """Find neurites that leave the soma thicker than it is."""
    somatic = morphology.indices("somatic")
    if not somatic or morphology.sections[0].is_cylinder:
        return
    widest = max(float(morphology.sections[i].points[:, 3].max()) for i in somatic)
    for index in neurites(morphology):
        section = morphology.sections[index]
        if section.parent in somatic and section.points[0, 3] > 1.5 * widest > 0:
            message = (
                f"{lines_of(morphology, section, [0])}{morphology.names[index]} leaves the soma "
                f"{section.points[0, 3]:.3g} um thick, and the soma is {widest:.3g} um wide"
            )
            mend = "Correct the soma's radius or that of the neurite; diameters are no radii"
            name = morphology.names[index]
            yield Finding("wide stem", name, message, "note", mend, place_of(section, 0))
