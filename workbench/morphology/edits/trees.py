"""What edits share: sections taken off, moved with their parent."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology


def sections_of(morphology: Morphology, region: str) -> tuple[int, ...]:
    """Return the sections of a region, of all, or the one of this name.

    Raises
    ------
    MorphologyError
        If there are none.
    """
    found = morphology.indices(region)
    if not found:
        raise MorphologyError(f"{morphology.name!r} has no {region} section")
    return found


def neurites_of(morphology: Morphology, region: str) -> tuple[int, ...]:
    """Return the sections of a region that are neither somatic nor the root.

    Raises
    ------
    MorphologyError
        If there are none.
    """
    found = tuple(
        i
        for i in sections_of(morphology, region)
        if i > 0 and morphology.sections[i].region != "somatic"
    )
    if not found:
        raise MorphologyError(f"{morphology.name!r} has no {region} section beside its soma")
    return found


def subtree(morphology: Morphology, roots: Collection[int]) -> set[int]:
    """Return sections with all that grows from them."""
    found = set(roots)
    for index, section in enumerate(morphology.sections):
        if section.parent in found:
            found.add(index)
    return found


def without(morphology: Morphology, gone: Collection[int], why: str) -> Morphology:
    """Return the cell without sections, of which nothing that stays may grow.

    Raises
    ------
    MorphologyError
        With `why` the first that would be left hanging could not stay.
    """
    new = {-1: -1}
    sections: list[Section] = []
    for index, section in enumerate(morphology.sections):
        if index in gone:
            continue
        if section.parent not in new:
            child, parent = morphology.names[index], morphology.names[section.parent]
            raise MorphologyError(f"{child} grows from {parent}, {why}")
        new[index] = len(sections)
        sections.append(replace(section, parent=new[section.parent]))
    if not sections:
        raise MorphologyError(f"nothing of {morphology.name!r} would be left")
    return replace(morphology, sections=tuple(sections))


def pruned(morphology: Morphology, region: str, roots: Collection[int]) -> Morphology:
    """Return the cell without sections of a region and all of the region that grows from them.

    Raises
    ------
    MorphologyError
        Where another region grows from them.
    """
    gone = subtree(morphology, roots) & {*sections_of(morphology, region), *roots}
    return without(
        morphology, gone, f'which would be taken off; take it off too, or edit region = "all" '
        f"instead of {region!r}"
    )  # fmt: skip


def place_um(section: Section, x: float) -> Floats:
    """Return where a place on a section is, (3,)."""
    at = x * section.length_um
    return np.array([np.interp(at, section.arcs_um, axis) for axis in section.points.T[:3]])


def reshaped(morphology: Morphology, points: Mapping[int, Floats]) -> Morphology:
    """Return the cell with other points for some sections; what grows from them goes with them."""
    sections: list[Section] = []
    for index, old in enumerate(morphology.sections):
        new = old
        if index in points:
            new = replace(old, points=points[index], lines=())
        if index and not old.is_cylinder:
            here = place_um(sections[old.parent], old.parent_x)
            shift = here - place_um(morphology.sections[old.parent], old.parent_x)
            if shift.any():
                new = replace(new, points=new.points + np.append(shift, 0.0))
        sections.append(new)
    return replace(morphology, sections=tuple(sections))


def orders(morphology: Morphology) -> list[int]:
    """Return the branch orders of all sections: 0 on the soma or as the root, then one more.

    Pieces of one section have its order.
    """
    found: list[int] = []
    for section in morphology.sections:
        on_soma = section.parent < 0 or morphology.sections[section.parent].region == "somatic"
        found.append(0 if on_soma else found[section.parent] + (not section.continues))
    return found


def starts_um(morphology: Morphology) -> Floats:
    """Return the path distance of each section's 0 end from the middle of the root, (n,)."""
    found = np.zeros(len(morphology))
    for index in range(1, len(morphology)):
        found[index] = morphology.path_distance_um(index, 0.0)
    return found
