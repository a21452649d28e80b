"""What is odd about a shape: things that load and simulate, but were hardly meant."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology


@dataclass(frozen=True)
class Finding:
    """One oddity: the check that found it, the section it is in, and what it is."""

    check: str
    section: str
    message: str


def check_morphology(morphology: Morphology, max_gap_um: float = 10.0) -> tuple[Finding, ...]:
    """Return what is odd about a shape, nothing for a sound one.

    zero diameter
        A point without thickness: no current passes there.
    only child
        A section that goes on in a single section of its own region, from end to start.
    gap
        A section that starts farther than `max_gap_um` from the surface of its parent.
    """
    return tuple(
        finding
        for index in range(len(morphology))
        for finding in _check(morphology, index, max_gap_um)
    )


def _check(morphology: Morphology, index: int, max_gap_um: float) -> Iterator[Finding]:
    section, name = morphology.sections[index], morphology.names[index]
    thin = np.flatnonzero(section.points[:, 3] == 0)
    if len(thin):
        yield Finding("zero diameter", name, f"points {thin.tolist()} have a diameter of 0 um")
    if len(children := morphology.children[index]) == 1:
        child = morphology.sections[children[0]]
        if child.region == section.region and child.parent_x == 1:
            yield Finding("only child", name, f"goes on in {morphology.names[children[0]]} alone")
    if section.parent >= 0:
        gap_um = _gap_um(section, morphology.sections[section.parent])
        if gap_um > max_gap_um:
            yield Finding("gap", name, f"starts {gap_um:.1f} um away from its parent")


def _gap_um(section: Section, parent: Section) -> float:
    """Return how far a section starts from its parent's nearest point, less that point's radius.

    Cylinders have no place in space, so nothing is far from them.
    """
    if section.is_cylinder or parent.is_cylinder:
        return 0.0
    away = np.linalg.norm(parent.points[:, :3] - section.points[0, :3], axis=1)
    return float((away - parent.points[:, 3] / 2).min())
