"""The way of a section from point to point."""

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
)
from workbench.morphology.checks.diameters import FEW, THINNEST_um
from workbench.morphology.checks.somata import begins_on_soma
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology

FAR_um = 50.0
"""A step between two points that is longer than that,"""
FAR = 10.0
"""and so many times as long as nearly all others, joins what does not belong together."""

BACK = -0.9
"""Cosine of the angle between two steps of which one goes back along the other."""


@check("zero area", "error")
def zero_area(morphology: Morphology) -> Iterator[Finding]:
    """Find sections without membrane."""
    for name, section in zip(morphology.names, morphology.sections, strict=True):
        if section.area_um2 <= 0 and not (section.points[:, 3] < THINNEST_um).any():
            message = f"{lines_of(morphology, section, [0])}{name} has no area"
            mend = "Give its points places apart from one another, or take it out"
            yield Finding("zero area", name, message, "error", mend, place_of(section, 0))


def without_doubles(morphology: Morphology) -> Mended:
    """Leave out points that are where the one before is, with its diameter."""
    sections, done = list(morphology.sections), []
    for index, section in enumerate(morphology.sections):
        twice = _twice(morphology, section)
        if len(twice):
            lines = section.lines and tuple(np.delete(section.lines, twice).tolist())
            points = np.delete(section.points, twice, axis=0)
            sections[index] = replace(section, points=points, lines=lines)
            done.append(f"{morphology.names[index]}: {_points(len(twice))} left out")
    return replace(morphology, sections=tuple(sections)), tuple(done)


@check("double point", "remark", mend=without_doubles)
def double_point(morphology: Morphology) -> Iterator[Finding]:
    """Find points that are where the one before is, with the same diameter."""
    for name, section in zip(morphology.names, morphology.sections, strict=True):
        twice = _twice(morphology, section)
        if len(twice):
            message = (
                f"{lines_of(morphology, section, twice)}{name} has {_points(len(twice))} where the "
                "one before is, with its diameter"
            )
            mend, place = "Take them out, as --fix does", place_of(section, int(twice[0]))
            yield Finding("double point", name, message, "remark", mend, place, fixable=True)


def _points(count: int) -> str:
    return f"{count} point{'s' * (count > 1)}"


def _twice(morphology: Morphology, section: Section) -> npt.NDArray[np.intp]:
    """Return the points that say what the one before says; the soma's own is not counted."""
    same = (section.points[1:] == section.points[:-1]).all(axis=1)
    same[0] &= not begins_on_soma(morphology, section)
    return np.flatnonzero(same) + 1


@check("far step", "note")
def far_step(morphology: Morphology) -> Iterator[Finding]:
    """Find single steps that are far longer than nearly all others."""
    traced = neurites(morphology)
    steps = [np.diff(morphology.sections[index].arcs_um) for index in traced]
    every = np.concatenate(steps) if steps else np.empty(0)
    if len(every) < FEW:
        return
    most_um = max(FAR_um, FAR * float(np.quantile(every, 0.95)))
    for index, own in zip(traced, steps, strict=True):
        section, name = morphology.sections[index], morphology.names[index]
        for point in np.flatnonzero(own > most_um):
            message = (
                f"{lines_of(morphology, section, [point, point + 1])}{name} goes {own[point]:.4g} "
                f"um in one step, and nearly all others are shorter than {most_um / FAR:.3g} um"
            )
            mend = "See whether its parent is the point that is meant"
            place = place_of(section, int(point) + 1)
            yield Finding("far step", name, message, "note", mend, place)


@check("way back", "remark")
def way_back(morphology: Morphology) -> Iterator[Finding]:
    """Find sections that turn and go back within their own thickness."""
    for index in neurites(morphology):
        section = morphology.sections[index]
        steps = np.diff(section.points[:, :3], axis=0)
        lengths = np.linalg.norm(steps, axis=1)
        moving = np.flatnonzero(lengths > 0)
        ways = steps[moving] / lengths[moving, None]
        turns = np.flatnonzero((ways[1:] * ways[:-1]).sum(axis=1) < BACK)
        points = moving[1:][turns]
        if len(points):
            name = morphology.names[index]
            message = (
                f"{lines_of(morphology, section, points)}{name} turns and goes back along itself"
                f"{f', {len(points)} times' * (len(points) > 1)}"
            )
            mend = "Take out the point at which it turns; the edit smooth evens all of them"
            place = place_of(section, int(points[0]))
            yield Finding("way back", name, message, "remark", mend, place)
