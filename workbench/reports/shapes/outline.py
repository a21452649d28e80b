"""Sections as polygons, to scale: the outlines of their frusta, seen along an axis."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from workbench.arrays import Floats

CORNERS = 16
"""Of what stands for a disc."""

NOWHERE_um = 1e-6
"""A step that is shorter in the picture has no direction there."""


def cut(points: Floats, bounds: Floats) -> list[Floats]:
    """Return a section's points piece by piece, with points added where a piece ends.

    Parameters
    ----------
    points
        (n, 4) x, y, z, diameter.
    bounds
        (k + 1,) increasing places, from 0 to 1.
    """
    steps = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
    arcs = np.concatenate([[0.0], np.cumsum(steps)])
    inner = bounds[1:-1] * arcs[-1]
    before = np.searchsorted(arcs, inner, side="right")
    added = np.column_stack([np.interp(inner, arcs, column) for column in points.T])
    whole = np.insert(points, before, added, axis=0)
    ends = [0, *(before + np.arange(len(before))), len(whole) - 1]
    return [whole[first : last + 1] for first, last in pairwise(ends)]


def outline(pieces: Sequence[Floats], plane: tuple[int, int]) -> list[Floats]:
    """Return the outline of each piece of a section, polygons that have no gap between them.

    Parameters
    ----------
    pieces
        Points, the last of each piece the first of the next; see `cut`.
    plane
        The columns of the points that are seen, to the right and upwards.
    """
    whole = np.vstack([pieces[0][:1], *(piece[1:] for piece in pieces)])
    flat = whole[:, plane]
    across = _perpendicular(directions(np.diff(flat, axis=0)))
    sides = across * whole[:, 3:] / 2
    ends = np.cumsum([0, *(len(piece) - 1 for piece in pieces)])
    found = []
    for first, last in pairwise(ends):
        here, side = flat[first : last + 1], sides[first : last + 1]
        found.append(np.vstack([here + side, (here - side)[::-1]]))
    return found


def caps(points: Floats, plane: tuple[int, int]) -> Iterator[tuple[int, Floats]]:
    """Yield what is seen of a section's end faces: 0 or -1, and an ellipse.

    A face is seen in full width, and as much shortened as the section is turned away from the
    picture: it is a disc where a section is seen along its axis, and nothing where it lies flat.
    """
    for end, step in ((0, points[1] - points[0]), (-1, points[-1] - points[-2])):
        flat = float(np.hypot(*step[list(plane)]))
        whole = float(np.linalg.norm(step[:3]))
        if whole == 0:
            continue
        depth = np.sqrt(max(0.0, 1 - (flat / whole) ** 2))
        along = step[list(plane)] / flat if flat > NOWHERE_um else np.array([1.0, 0.0])
        if depth > 0:
            yield end, disc(points[end], plane, along, depth)


def disc(
    point: Floats,
    plane: tuple[int, int],
    along: Floats | None = None,
    depth: float = 1.0,
) -> Floats:
    """Return a disc with the diameter of a point, shortened in one direction."""
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    one = np.array([1.0, 0.0]) if along is None else along
    other = np.array([-one[1], one[0]])
    ring = depth * np.outer(np.cos(angles), one) + np.outer(np.sin(angles), other)
    return np.asarray(point[list(plane)] + point[3] / 2 * ring)


def directions(steps: Floats) -> Floats:
    """Return unit vectors, (n, 2); a step without direction has that of its neighbour."""
    lengths = np.hypot(*steps.T)
    sound = np.flatnonzero(lengths > NOWHERE_um)
    if not len(sound):
        return np.tile([1.0, 0.0], (len(steps), 1))
    before = np.searchsorted(sound, np.arange(len(steps)), side="right") - 1
    chosen = sound[np.maximum(before, 0)]
    return np.asarray(steps[chosen] / lengths[chosen, None])


def _perpendicular(units: Floats) -> Floats:
    """Return at each point the unit vector across the way, half-way between its two steps."""
    turned = np.column_stack([-units[:, 1], units[:, 0]])
    ends = np.vstack([turned[:1], turned, turned[-1:]])
    middle = (ends[1:] + ends[:-1]) / 2
    lengths = np.hypot(*middle.T)
    back = lengths < 0.1
    middle[back], lengths[back] = ends[1:][back], 1.0
    return np.asarray(middle / lengths[:, None])
