"""Measures that NeuroM computes, each of the neurites without the soma."""

import numpy as np

from workbench.morphology.measures.shape import Shape, largest, mean, measure


@measure
def number_of_stems(shape: Shape) -> float:
    """Return how many trees the region has."""
    return float(len(shape.stems))


@measure
def number_of_sections(shape: Shape) -> float:
    """Return how many unbranched pieces there are."""
    return shape.value("number_of_sections")


@measure
def number_of_bifurcations(shape: Shape) -> float:
    """Return how many sections end in two; forks of three and more are none."""
    return shape.value("number_of_bifurcations")


@measure
def number_of_tips(shape: Shape) -> float:
    """Return how many sections end free."""
    return float(sum(not children for children in shape.children.values()))


@measure
def total_length_um(shape: Shape) -> float:
    """Return the length of all sections."""
    return shape.value("total_length")


@measure
def total_area_um2(shape: Shape) -> float:
    """Return the sides of all frusta."""
    return shape.value("total_area")


@measure
def total_volume_um3(shape: Shape) -> float:
    """Return the volume of all frusta."""
    return shape.value("total_volume")


@measure
def mean_section_length_um(shape: Shape) -> float:
    """Return the mean length of a section."""
    return mean(shape.values("section_lengths"))


@measure
def mean_taper_um_per_um(shape: Shape) -> float:
    """Return the mean slope of the diameter along a section, by a straight line through it."""
    return mean(shape.values("section_taper_rates"))


@measure
def mean_tortuosity(shape: Shape) -> float:
    """Return the mean of a section's length over the distance of its ends."""
    return mean(shape.values("section_tortuosity"))


@measure
def max_branch_order(shape: Shape) -> float:
    """Return the largest number of forks on the way to a section; 0 for stems."""
    return largest(shape.values("section_branch_orders"))


@measure
def max_strahler_order(shape: Shape) -> float:
    """Return the largest Strahler number: 1 at tips, one more where two equal ones meet."""
    return largest(shape.values("section_strahler_orders"))


@measure
def mean_partition_asymmetry(shape: Shape) -> float:
    """Return the mean of |r - s| / (r + s - 2), r and s the tips behind a bifurcation.

    0 where both are 1 (van Pelt et al. 1992; NeuroM's method "uylings").
    """
    return mean(shape.values("partition_asymmetry", method="uylings"))


@measure
def mean_partition_asymmetry_length(shape: Shape) -> float:
    """Return the mean difference of lengths behind a bifurcation, over the tree's length."""
    return mean(shape.values("partition_asymmetry_length"))


@measure
def mean_sibling_ratio(shape: Shape) -> float:
    """Return the mean of the thinner daughter's diameter over the thicker one's."""
    return mean(shape.values("sibling_ratios"))


@measure
def mean_local_angle_rad(shape: Shape) -> float:
    """Return the mean angle between two daughters, at their first steps."""
    return mean(shape.values("local_bifurcation_angles"))


@measure
def mean_remote_angle_rad(shape: Shape) -> float:
    """Return the mean angle between two daughters, to their ends."""
    return mean(shape.values("remote_bifurcation_angles"))


@measure
def max_path_distance_um(shape: Shape) -> float:
    """Return the longest way along a tree, from where it begins to a tip."""
    return largest(shape.values("section_path_distances"))


@measure
def max_radial_distance_um(shape: Shape) -> float:
    """Return the distance of the farthest section's end from the middle of the soma."""
    return largest(shape.values("section_radial_distances", origin=shape.drawn.origin_um))


@measure
def width_um(shape: Shape) -> float:
    """Return the extent in x."""
    return shape.value("total_width")


@measure
def height_um(shape: Shape) -> float:
    """Return the extent in y."""
    return shape.value("total_height")


@measure
def depth_um(shape: Shape) -> float:
    """Return the extent in z."""
    return shape.value("total_depth")


def _principal_um(shape: Shape, number: int) -> float:
    from neurom.morphmath import principal_direction_extent

    extents = principal_direction_extent(np.unique(shape.points_um, axis=0))
    return float(np.sort(extents)[::-1][number])


@measure
def principal_extent_1_um(shape: Shape) -> float:
    """Return the extent along the direction of most of the points' variance."""
    return _principal_um(shape, 0)


@measure
def principal_extent_2_um(shape: Shape) -> float:
    """Return the extent along the second principal direction."""
    return _principal_um(shape, 1)


@measure
def principal_extent_3_um(shape: Shape) -> float:
    """Return the extent along the third principal direction."""
    return _principal_um(shape, 2)
