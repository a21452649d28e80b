"""Somata that are an outline, and what grows from one."""

from collections.abc import Iterator

import numpy as np

from workbench.morphology.checks.check import Finding, Severity, check, lines_of, some
from workbench.morphology.section import REGIONS, Section
from workbench.morphology.tree import Morphology

RING = 5
"""So many points of a soma, or more, may be an outline."""

MOST_BEGINNING = 0.005
"""Of a region's length or area that may lie before the neurites' own first points."""


@check("outline", "error")
def outline(morphology: Morphology) -> Iterator[Finding]:
    """Find somata whose points go round in a ring, and which are read as a tube along it."""
    for index in morphology.indices("somatic"):
        section = morphology.sections[index]
        places, widths = section.points[:, :3], section.points[:, 3]
        centre = places.mean(axis=0)
        radius_um = float(np.linalg.norm(places - centre, axis=1).mean())
        closes = np.linalg.norm(places[-1] - places[0]) < section.length_um / 3
        if section.is_cylinder or len(places) < RING or not closes or widths.max() > radius_um:
            continue
        x, y, z = centre.tolist()
        where = lines_of(morphology, section, np.arange(len(places)))
        message = (
            f"{where}{morphology.names[index]} goes round in a ring, as an outline does, and is "
            f"read as a tube along it, {section.area_um2:.4g} um2"
        )
        mend = (
            "An SWC file has no outlines: if it is one, write one point in their place, at "
            f"{x:.4g} {y:.4g} {z:.4g} with the radius {radius_um:.4g} "
            f"({4 * np.pi * radius_um**2:.4g} um2)"
        )
        severity: Severity = "note" if section.area_um2 > 0 else "error"
        name = morphology.names[index]
        yield Finding("outline", name, message, severity, mend, (x, y, z))


@check("beginning", "remark")
def beginning(morphology: Morphology) -> Iterator[Finding]:
    """Find neurites that begin with the soma's point that they grow from: NeuroM leaves it out."""
    for region in REGIONS[1:]:
        found, length_um, area_um2 = before_first(morphology, region)
        most_um, most_um2 = (
            MOST_BEGINNING * whole
            for whole in (morphology.length_um(region), morphology.area_um2(region))
        )
        if length_um <= most_um and area_um2 <= most_um2:
            continue
        names = [morphology.names[index] for index in found]
        message = (
            f"{some(names)}: {len(names)} begin with the point "
            f"of the soma that they grow from, as NEURON reads the file: {length_um:.4g} um and "
            f"{area_um2:.4g} um2 of the {region} neurites lie before their own first points. "
            "NeuroM leaves that out"
        )
        yield Finding("beginning", names[0], message, "remark")


def before_first(morphology: Morphology, region: str) -> tuple[list[int], float, float]:
    """Return the sections that begin with a point of the soma, and what lies before their own.

    That is a length in um and an area in um2.
    """
    found = [
        index
        for index, section in enumerate(morphology.sections)
        if section.region == region and begins_on_soma(morphology, section)
    ]
    steps = [_first_step(morphology.sections[index]) for index in found]
    return found, sum(step[0] for step in steps), sum(step[1] for step in steps)


def begins_on_soma(morphology: Morphology, section: Section) -> bool:
    """Tell whether a section's first point is one of the soma that it grows from."""
    if section.parent < 0 or not section.lines:
        return False
    parent = morphology.sections[section.parent]
    return parent.region == "somatic" and section.lines[0] in parent.lines


def _first_step(section: Section) -> tuple[float, float]:
    """Return length and area from the first point to the second."""
    end = section.arcs_um[1] / section.length_um
    return float(section.arcs_um[1]), float(section.areas_um2((0, end))[0]) if end > 0 else 0.0
