"""Sections as pieces, one behind the other."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.section import Section
from workbench.morphology.section_tree import SectionTree

SHORTEST_um = 1e-3
"""Nothing leaves a stump shorter than that: single precision could not hold it everywhere."""


def piece(section: Section, x0: float, x1: float) -> Floats:
    """Return the points of a section between two places, with points added there."""
    arcs, low, high = section.arcs_um, x0 * section.length_um, x1 * section.length_um
    inside = section.points[(arcs > low) & (arcs < high)]
    ends = [[np.interp(at, arcs, column) for column in section.points.T] for at in (low, high)]
    found = np.vstack([ends[0], inside, ends[1]])
    if x0 == 0:
        found[0] = section.points[0]
    if x1 == 1:
        found[-1] = section.points[-1]
    if section.is_cylinder:
        found[:, 2] -= low
    return found


def divided(
    morphology: SectionTree, cuts: Mapping[int, Sequence[float]], *, continues: bool
) -> tuple[Section, ...]:
    """Return the sections of a cell, some of them cut into pieces.

    What hangs at a cut or before it hangs on the piece before.

    Parameters
    ----------
    cuts
        By section, increasing places between 0 and 1.
    continues
        Whether the pieces remember that they were one section; see `Morphology.wholes`.
    """
    made: list[Section] = []
    pieces: list[list[tuple[float, float, int]]] = []
    for index, section in enumerate(morphology.sections):
        ends = [0.0, *cuts.get(index, ()), 1.0]
        parent, parent_x = section.parent, section.parent_x
        if parent >= 0:
            begin, end, parent = next(one for one in pieces[parent] if parent_x <= one[1])
            parent_x = (parent_x - begin) / (end - begin)
        first = section
        if (parent, parent_x) != (section.parent, section.parent_x):
            first = replace(section, parent=parent, parent_x=parent_x)
        pieces.append([])
        for x0, x1 in pairwise(ends):
            one = first
            if len(ends) > 2:
                one = replace(first, points=piece(section, x0, x1), lines=())
            if x0 > 0:
                one = replace(one, parent=len(made) - 1, parent_x=1.0, continues=continues)
            pieces[-1].append((x0, x1, len(made)))
            made.append(one)
    return tuple(made)
