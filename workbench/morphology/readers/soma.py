"""Somata: how a traced outline, a point or a chain becomes a section with a membrane.

"neuron" is the reading of NEURON's Import3d. "sphere" and "cylinder" stand for the whole soma
with one cylinder as long as it is wide, whose side has the area of a sphere of that diameter.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.section import Section, as_printed

SomaModel = Literal["neuron", "sphere", "cylinder"]
"""How a soma becomes a section; see the module."""

SOMA_MODELS: tuple[SomaModel, ...] = get_args(SomaModel)
"""All models of somata."""

CONTOUR_POINTS = 101
STACK_POINTS = 21
# Two places nearer than this are one for the interpreter that runs NEURON's import.
EPSILON_um = 1e-11
NO_WIDTH = "the soma's outline has no width in the x-y plane"


def contour_stack(outline: Floats) -> Floats:
    """Return the soma that NEURON makes from an outline: a stack of 20 frusta.

    The outline is resampled evenly, cut by its principal axis into two sides, and at 21 places
    along the axis the distance between the sides is the diameter (`contour2centroid` of NEURON's
    import3d_gui.hoc).

    Parameters
    ----------
    outline
        (n, 3) x, y, z in um, n >= 3, in the order in which they were drawn.

    Returns
    -------
    (21, 4) x, y, z and diameter in um.

    Raises
    ------
    MorphologyError
        The outline stands upright in z or encloses nothing, so that it has no width in x and y.
    """
    even = _resampled(outline)
    centre = even.mean(axis=0)
    major, minor = _axes(even - centre)
    along, across = (even - centre) @ major, (even - centre) @ minor
    start = int(np.argmax(along))
    along, across = np.roll(along, -start), np.roll(across, -start)
    turn = int(np.argmin(along))
    if turn == 0:
        raise MorphologyError(NO_WIDTH)
    # Both sides run from the low end of the axis to the high one.
    one = _rising(along[:turn][::-1], across[:turn][::-1])
    other = _rising(along[turn:], across[turn:])
    ends = np.sort(np.concatenate([one[0], other[0]]))[[1, -2]]
    at = ends[0] + np.arange(STACK_POINTS) * ((ends[1] - ends[0]) / (STACK_POINTS - 1))
    widths = np.abs(np.interp(at, *one) - np.interp(at, *other))
    # The ends would close to a point; they take the mean with their neighbours instead.
    widths[0] = (widths[0] + widths[1]) / 2
    widths[-1] = (widths[-1] + widths[-2]) / 2
    if not widths.max() > EPSILON_um:
        raise MorphologyError(NO_WIDTH)
    return np.column_stack([centre + at[:, None] * major, widths])


def circles_of(outlines: Sequence[Floats]) -> Floats:
    """Return the soma that NEURON makes from a stack of outlines: frusta through their circles.

    Each outline becomes one point, the mean of a hundred places evenly along it, with the mean
    of two diameters: that of a circle of its length, and twice the mean distance of those places
    from the point (`contourstack2centroid` of NEURON's import3d_gui.hoc).

    Parameters
    ----------
    outlines
        (n, 3) x, y, z in um each, n >= 3, in the order in which they were drawn.

    Returns
    -------
    (k, 4) x, y, z and diameter in um, one point an outline.

    Raises
    ------
    MorphologyError
        An outline whose points are all in one place.
    """
    return np.array([_circle(outline) for outline in outlines])


def _circle(outline: Floats) -> Floats:
    around_um = float(np.linalg.norm(outline - np.roll(outline, -1, axis=0), axis=1).sum())
    if not around_um > EPSILON_um:
        raise MorphologyError(NO_WIDTH)
    even = _resampled(outline)
    centre = even.mean(axis=0)
    radius_um = float(np.linalg.norm(even - centre, axis=1).mean())
    return np.append(centre, radius_um + around_um / (2 * np.pi))


def point_soma(centre: Floats, diameter_um: float) -> Floats:
    """Return three points along x whose cylinder has the area of a sphere, (3, 4) in um."""
    points = np.tile(np.append(np.asarray(centre, dtype=float), diameter_um), (3, 1))
    points[:, 0] += np.array([-0.5, 0.0, 0.5]) * diameter_um
    return points


def with_single_soma(
    sections: Sequence[Section], centre: Floats, area_um2: float
) -> tuple[Section, ...]:
    """Return sections with one soma of the given area in place of all somatic ones.

    What grew from the soma grows from its middle, with its points unchanged.
    """
    points = as_printed(point_soma(centre, float(np.sqrt(area_um2 / np.pi))))
    new_index = {-1: -1}
    made = [Section("somatic", -1, 0.0, points)]
    for index, section in enumerate(sections):
        if section.region == "somatic":
            new_index[index] = 0
            continue
        new_index[index] = len(made)
        on_soma = sections[section.parent].region == "somatic"
        parent_x = 0.5 if on_soma else section.parent_x
        made.append(replace(section, parent=new_index[section.parent], parent_x=parent_x))
    return tuple(made)


def _resampled(outline: Floats) -> Floats:
    """Return 101 points evenly along the outline as seen in x and y, from first to last point."""
    steps = np.hypot(*np.diff(outline[:, :2], axis=0).T)
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.arange(CONTOUR_POINTS) * (walked[-1] / (CONTOUR_POINTS - 1))
    return np.column_stack([np.interp(even, walked, column) for column in outline.T])


def _axes(centred: Floats) -> tuple[Floats, Floats]:
    """Return the principal axis, pointing up in its largest component, and the one across it."""
    _, vectors = np.linalg.eigh(centred.T @ centred)
    major, minor = vectors[:, 2], vectors[:, 1].copy()
    if major[np.argmax(np.abs(major))] < 0:
        major = -major
    minor[2] = 0.0
    width = float(np.linalg.norm(minor))
    if width < 1e-6:
        raise MorphologyError(NO_WIDTH)
    return major, minor / width


def _rising(along: Floats, across: Floats) -> tuple[Floats, Floats]:
    """Return the points of a side that lie farther along the axis than all before them."""
    farthest = np.maximum.accumulate(along)
    keep = np.concatenate([[True], along[1:] > farthest[:-1] + EPSILON_um])
    return along[keep], across[keep]
