"""Where points stand: what is drawn, what can be worked out by hand, what cannot be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cells import (
    Along,
    AtSites,
    CellRecipe,
    Clustered,
    Dense,
    MaximalLength,
    Placed,
    Scattered,
    Spaced,
)
from workbench.errors import InputError, MorphologyError, StudyError
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, Morphology, Section, cylinder_tree

TREE = cylinder_tree(
    "tree",
    [
        Cylinder("somatic", 20, 20),
        Cylinder("apical", 300, 4, parent=0),
        Cylinder("apical", 100, 1, parent=1),
        Cylinder("basal", 50, 1, parent=0, parent_x=0.5),
    ],
)
SEEDS = st.integers(0, 2**32 - 1)
UNLIKELY = 1.95
"""Of a thousand samples that agree, one is beyond (Kolmogorov's distribution)."""


def largest_gap(places, expected):
    """Kolmogorov and Smirnov's statistic times the root of the number of places."""
    places = np.sort(places)
    ranks = np.arange(1, places.size + 1) / places.size
    return np.abs(ranks - expected(places)).max() * np.sqrt(places.size)


# What is drawn.


@given(seed=SEEDS, count=st.integers(1, 300), more=st.integers(1, 50))
@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("by", ["length", "area"])
def test_a_further_point_moves_none_of_those_before(by, seed, count, more):
    few = Scattered("apical", count, by, seed).points(TREE)
    assert len(few) == count
    assert all(section in (1, 2) and 0 <= x <= 1 for section, x in few)
    assert Scattered("apical", count + more, by, seed).points(TREE)[:count] == few


@given(seed=SEEDS, clusters=st.integers(1, 8), each=st.integers(1, 8), more=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_a_further_cluster_moves_none_of_those_before(seed, clusters, each, more):
    one = Clustered(clusters, each, 20.0, "apical", seed)
    few = one.points(TREE)
    assert len(few) == clusters * each
    assert replace(one, clusters=clusters + more).points(TREE)[: len(few)] == few
    larger = replace(one, each=each + more).points(TREE)
    for number in range(clusters):
        first = few[number * each : (number + 1) * each]
        assert larger[number * (each + more) :][:each] == first


@given(seed=SEEDS, density=st.floats(0.01, 5.0))
@settings(max_examples=50, deadline=None)
def test_a_density_gives_the_nearest_number_of_points_within_the_region(seed, density):
    one = Dense("apical", density, seed=seed)
    assert one.points(TREE) == Scattered("apical", round(density * 400), seed=seed).points(TREE)


def test_where_they_stand_depends_on_the_seed_and_not_on_the_segments():
    one = Dense("apical", density_per_um2=0.01, seed=4)
    assert one.points(TREE) != replace(one, seed=5).points(TREE)
    sets = (read_mechanisms("synapses"),)
    placed = (Placed("syn", "AMPA", one),)
    fine = CellRecipe("cell", TREE, sets, placed=placed, segments=MaximalLength(1.0))
    assert fine.placed[0].points(fine.morphology) == one.points(TREE)


def test_points_by_length_are_uniform_along_the_region():
    points = Scattered("apical", 8000).points(TREE)
    along_um = np.array([x * 300 if section == 1 else 300 + x * 100 for section, x in points])
    assert largest_gap(along_um, lambda um: um / 400) < UNLIKELY


def test_points_by_area_follow_the_side_of_a_cone():
    """Of a cone with radius falling from 4 to 1: the side grows as 4 u - 3 u^2 / 2."""
    cone = Section("apical", 0, 1.0, np.array([[0, 0, 0, 8], [0, 0, 100, 2]]))
    tree = Morphology("cone", (Section.cylinder("somatic", -1, 0.0, 20.0, 20.0), cone))
    points = Dense("apical", density_per_um2=4.0).points(tree)
    x = np.array([place for _, place in points])
    # pi (r1 + r2) times the slant height
    assert len(x) == round(4 * np.pi * 5 * np.hypot(100, 3))
    assert largest_gap(x, lambda u: (4 * u - 1.5 * u**2) / 2.5) < UNLIKELY


@given(seed=SEEDS, within_um=st.floats(1.0, 400.0))
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("across_soma", [False, True])
def test_a_cluster_stays_within_reach(across_soma, seed, within_um):
    one = Clustered(3, 6, within_um, "all", seed, across_soma)
    # The first number of a cluster's stream draws its centre, as a point of `count` is drawn.
    points = one.points(TREE)
    for number in range(3):
        drawn = np.random.default_rng((seed, number)).random()
        at_um = drawn * 470
        bounds_um = np.cumsum([20, 300, 100, 50])
        section = int(np.searchsorted(bounds_um, at_um, side="right"))
        length_um = TREE.sections[section].length_um
        x = (at_um - (bounds_um[section] - length_um)) / length_um
        for there, place in points[6 * number :][:6]:
            apart_um = TREE.path_distance_um(there, place, (section, min(max(x, 0.0), 1.0)))
            assert apart_um <= within_um + 1e-9
            if not across_soma and there != section:
                assert {there, section} not in ({3, 1}, {3, 2})


def test_points_of_a_cluster_are_uniform_on_what_is_near():
    """A centre in the only section of a region: all that is within 1000 um is the section."""
    points = Clustered(1, 4000, 1000.0, "apic[1]").points(TREE)
    assert largest_gap(np.array([x for _, x in points]), lambda x: x) < UNLIKELY


# What can be worked out.


def test_at_sites_so_many_at_each():
    assert AtSites("soma(0.5)", 3).points(TREE) == ((0, 0.5),) * 3
    both = AtSites(["soma(0)", "dend[0](1)"], 2)
    assert both.points(TREE) == ((0, 0.0), (0, 0.0), (3, 1.0), (3, 1.0))


def test_every_so_often_along_each_branch():
    """The apical sections reach from 10 to 310 and on to 410 um, the basal one from 0 to 50."""
    points = Spaced("all", 50.0).points(TREE)
    distances_um = [float(TREE.path_distance_um(*point)) for point in points]
    assert distances_um == pytest.approx([50, 100, 150, 200, 250, 300, 350, 400, 50])
    soma = Spaced("somatic", 4.0).points(TREE)
    assert [x for _, x in soma] == pytest.approx([0.3, 0.1, 0.7, 0.9])


@pytest.mark.parametrize("ends", [["soma(0.5)", "apic[1](1)"], ["apic[1](1)", "soma(0.5)"]])
def test_along_a_way_evenly_and_in_order(ends):
    out, in_ = (
        [float(TREE.path_distance_um(*point)) for point in Along(ends, 42, order).points(TREE)]
        for order in ("out", "in")
    )
    assert out == pytest.approx(np.linspace(0, 410, 42))
    assert in_ == pytest.approx(out[::-1])


def test_along_a_piece_of_a_section():
    three = Along(["apic[0](0.2)", "apic[0](0.6)"], 3).points(TREE)
    assert three == ((1, 0.2), (1, pytest.approx(0.4)), (1, pytest.approx(0.6)))
    assert Along(["apic[0](0.2)", "apic[0](0.6)"], 1).points(TREE) == ((1, 0.2),)


def test_there_is_no_way_out_over_the_soma():
    with pytest.raises(StudyError, match=r"neither dend\[0\]\(0.5\) nor apic"):
        Along(["dend[0](0.5)", "apic[0](0.5)"], 3).points(TREE)
    with pytest.raises(StudyError, match="so there is no way in or out"):
        Along(["soma(0)", "apic[0](0.5)"], 3).points(TREE)


# What cannot be.


@pytest.mark.parametrize(
    ("made", "kind", "says"),
    [
        (lambda: Scattered("apical", 0), StudyError, "count is 0, it must be a whole number"),
        (lambda: Scattered("apical", 2.0), StudyError, "count is 2.0, it must be a whole number"),
        (lambda: Scattered("apical", 100_001), StudyError, "these are 100001 points, at most"),
        (lambda: Scattered("apical", 3, "volume"), StudyError, "by is 'volume'; allowed: length"),
        (lambda: Scattered("apical", 3, seed=-1), StudyError, "seed is -1, it must be"),
        (lambda: Dense("apical", 1.0, 1.0), StudyError, "give density_per_um or density_per_um2"),
        (lambda: Spaced("apical", 0.0), StudyError, "every_um is 0, it must be above 0"),
        (lambda: Along(["soma(0.5)"], 3), StudyError, "along holds 1 sites; give two"),
        (lambda: Along(["soma(0.5)", "dend[0](1)"], 3, "up"), StudyError, "allowed: out, in"),
        (lambda: Clustered(2, 3, -1.0), InputError, "within_um is -1, it must lie between"),
        (lambda: Scattered("axonal", 3).points(TREE), StudyError, "no axonal section"),
        (lambda: Scattered("tuft", 3).points(TREE), MorphologyError, "unknown region 'tuft'"),
        (lambda: Spaced("basal", 60.0).points(TREE), StudyError, "no multiple of 60 um"),
        (lambda: Spaced("all", 1e-3).points(TREE), StudyError, "at most 100000"),
        (lambda: AtSites([]), StudyError, "at holds no site"),
    ],
)
def test_what_is_no_placement(made, kind, says):
    with pytest.raises(kind) as caught:
        made()
    assert says in str(caught.value)
