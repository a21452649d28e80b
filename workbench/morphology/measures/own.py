"""Measures that NeuroM lacks, or has otherwise; `docs/morphologies.md` defines them too."""

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.measures.barcode import barcode_um
from workbench.morphology.measures.shape import Shape, largest, mean, measure
from workbench.morphology.section import Region, Section

SHOLL_STEP_um = 10.0


@measure
def mean_rall_ratio(shape: Shape) -> float:
    """Return the mean of the daughters' d^(3/2), summed, over the parent's, at each fork.

    It is 1 where a tree could be one equivalent cylinder (Rall 1959). A daughter's diameter is
    that of its second point, since files often begin it with its parent's last.
    """
    ratios = [
        sum(daughter**1.5 for daughter in daughters) / parent**1.5
        for parent, daughters in _diameters_um(shape)
        if parent > 0
    ]
    return mean(np.array(ratios))


@measure
def mean_parent_daughter_ratio(shape: Shape) -> float:
    """Return the mean of the parent's diameter over a daughter's, of all daughters of forks."""
    ratios = [
        parent / daughter
        for parent, daughters in _diameters_um(shape)
        for daughter in daughters
        if daughter > 0
    ]
    return mean(np.array(ratios))


@measure
def mean_contraction(shape: Shape) -> float:
    """Return the distances of sections' ends, summed, over their lengths, summed; without stems."""
    sections = [shape.drawn.cell.sections[i] for i in shape.indices if i not in shape.stems]
    straight = sum(float(np.linalg.norm(s.points[-1, :3] - s.points[0, :3])) for s in sections)
    length = sum(section.length_um for section in sections)
    return straight / length if length else float("nan")


@measure
def early_branch_path(shape: Shape) -> float:
    """Return how long the second longest way behind a fork is at most, over the longest way.

    At each fork of the region stands the longest way behind each daughter; the second longest of
    them counts. 0 where nothing forks.
    """
    longest: dict[int, float] = {}
    second = 0.0
    for index in reversed(shape.indices):
        behind = sorted((longest[child] for child in shape.children[index]), reverse=True)
        second = max([second, *behind[1:2]])
        length = shape.drawn.cell.sections[index].length_um
        longest[index] = length + (behind[0] if behind else 0.0)
    return second / max(longest.values())


@measure
def outer_bifurcations(shape: Shape) -> float:
    """Return how many forks lie beyond half of the largest distance of a point from the soma."""
    half_um = largest(shape.radial_um) / 2
    ends = [shape.drawn.cell.sections[index].points[-1, :3] for index in shape.forks]
    return float(sum(np.linalg.norm(end - shape.drawn.origin_um) > half_um for end in ends))


@measure
def sholl_most_crossings(shape: Shape) -> float:
    """Return the largest number of crossings of a sphere around the soma's middle.

    Spheres stand 10 um apart; a section that crosses one twice counts twice.
    """
    return largest(sholl_crossings(shape))


@measure
def sholl_radius_um(shape: Shape) -> float:
    """Return the radius of the first sphere with most crossings."""
    return float(SHOLL_STEP_um * (1 + np.argmax(sholl_crossings(shape))))


def _principal(shape: Shape) -> Floats:
    """Return the unit vector along which the points vary most, its largest component above 0."""
    _, vectors = np.linalg.eigh(np.cov(np.unique(shape.points_um, axis=0).T))
    found = vectors[:, -1]
    return np.asarray(found * np.sign(found[np.abs(found).argmax()]))


@measure
def principal_direction_x(shape: Shape) -> float:
    """Return x of the unit vector along which the points vary most; its largest part is above 0."""
    return float(_principal(shape)[0])


@measure
def principal_direction_y(shape: Shape) -> float:
    """Return y of that vector."""
    return float(_principal(shape)[1])


@measure
def principal_direction_z(shape: Shape) -> float:
    """Return z of that vector."""
    return float(_principal(shape)[2])


@measure
def barcode_longest_um(shape: Shape) -> float:
    """Return the length of the longest bar of the persistence barcode of path distances."""
    return largest(_bars_um(shape))


@measure
def barcode_mean_um(shape: Shape) -> float:
    """Return the mean length of its bars."""
    return mean(_bars_um(shape))


@measure
def barcode_entropy(shape: Shape) -> float:
    """Return the entropy (nats) of the bars' shares of their total length."""
    bars = _bars_um(shape)
    shares = bars[bars > 0] / bars.sum()
    return float((shares * np.log(1 / shares)).sum())


def overlap(shape: Shape, other: Region) -> float:
    """Return which share of the length lies between the lowest and highest y of another region."""
    there = Shape(shape.drawn, other)
    if not there.indices or other == shape.region:
        return float("nan")
    low, high = there.points_um[:, 1].min(), there.points_um[:, 1].max()
    inside_um = sum(_between_um(section, low, high) for section in shape.sections)
    return inside_um / sum(section.length_um for section in shape.sections)


def _between_um(section: Section, low: float, high: float) -> float:
    """Return the length of a section between two heights in y."""
    lengths_um, y = np.diff(section.arcs_um), section.points[:, 1]
    bottom, top = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    flat = bottom == top
    rise = np.where(flat, 1.0, top - bottom)
    shares = np.clip(np.minimum(top, high) - np.maximum(bottom, low), 0, None) / rise
    shares = np.where(flat, (low <= bottom) & (bottom <= high), shares)
    return float((lengths_um * shares).sum())


def sholl_crossings(shape: Shape, step_um: float = SHOLL_STEP_um) -> Floats:
    """Return how often sections cross the spheres of radius `step_um`, twice that and so on."""
    radii = np.arange(step_um, max(largest(shape.radial_um), step_um) + step_um, step_um)
    crossed = np.zeros(len(radii))
    for section in shape.sections:
        away = np.linalg.norm(section.points[:, :3] - shape.drawn.origin_um, axis=1)
        near, far = np.sort([away[:-1], away[1:]], axis=0)
        crossed += ((near <= radii[:, None]) & (radii[:, None] < far)).sum(axis=1)
    return crossed


def _bars_um(shape: Shape) -> Floats:
    return np.abs(np.diff(barcode_um(shape), axis=1)).ravel()


def _diameters_um(shape: Shape) -> list[tuple[float, list[float]]]:
    """Return at each fork the parent's diameter and the daughters'."""
    sections = shape.drawn.cell.sections
    return [
        (
            float(sections[index].points[-1, 3]),
            [float(sections[child].points[1, 3]) for child in shape.children[index]],
        )
        for index in shape.forks
    ]
