"""Placed point processes as values: where they stand, what is set of them, what cannot be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cells import CellRecipe, MaximalLength, Placed, SectionSite
from workbench.digests import digest
from workbench.errors import InputError, MechanismError, MorphologyError, StudyError
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, Morphology, Section, cylinder_tree

SYNAPSES = read_mechanisms("synapses")
TREE = cylinder_tree(
    "tree",
    [
        Cylinder("somatic", 20, 20),
        Cylinder("apical", 300, 4, parent=0),
        Cylinder("apical", 100, 1, parent=1),
        Cylinder("basal", 50, 1, parent=0, parent_x=0.5),
    ],
)
SYN = Placed("syn", "AMPA", "apical@100um", {"tau_decay": 3.0, "weight": None})


def cell(*placed, **more):
    return CellRecipe("cell", TREE, (SYNAPSES,), placed=placed, **more)


def test_sites_are_read_and_found():
    one = Placed("syn", "AMPA", ["soma(0.5)", SectionSite("apic[0]", 0.25)])
    assert one.sites == (SectionSite("soma[0]", 0.5), SectionSite("apic[0]", 0.25))
    assert one.points(TREE) == ((0, 0.5), (1, 0.25))
    # soma(0.5) is 10 um from the soma's end, so that 100 um is at 90 of 300 um
    assert SYN.points(TREE) == ((1, pytest.approx(0.3)),)


def test_values_are_named_by_the_place_and_None_is_free():
    recipe = cell(SYN)
    assert recipe.free == ("weight.syn",)
    given = recipe.with_values({"weight.syn": 0.002, "tau_decay.syn": 5.0})
    assert given.free == ()
    assert given.placed[0].values == {"tau_decay": 5.0, "weight": 0.002}
    assert recipe.placed[0].values["weight"] is None
    with pytest.raises(StudyError, match=r"cell: unknown parameter 'weigth.syn'; did you mean"):
        recipe.with_values({"weigth.syn": 1.0})


def test_it_prints_as_one_line():
    assert repr(SYN) == "<Placed syn: AMPA at apical@100um thickest; tau_decay 3, weight free>"
    many = Placed("syn", "AMPA", ["soma(0.5)"] * 5)
    assert "at 5 sites, soma[0](0.5), soma[0](0.5), soma[0](0.5), ...;" in repr(many)
    drawn = Placed("syn", "AMPA", region="apical", density_per_um2=0.5, seed=4)
    assert "at apical, 0.5 per um2, seed 4;" in repr(drawn)


def test_a_frame_is_all_but_the_numbers():
    recipe = cell(SYN)
    assert recipe.with_values({"weight.syn": 0.002}).frame == recipe.frame
    others = (
        replace(SYN, sites="apical@101um"),
        replace(SYN, name="other"),
        replace(SYN, mechanism="GABAA"),
        replace(SYN, values={"weight": None}),
    )
    assert len({recipe.frame, *(cell(one).frame for one in others)}) == 1 + len(others)


def test_what_is_not_placed_changes_no_digest():
    assert digest(cell()) == digest(CellRecipe("cell", TREE, (SYNAPSES,)))
    assert digest(cell(SYN)) != digest(cell())


@pytest.mark.parametrize(
    ("placed", "kind", "says"),
    [
        (replace(SYN, mechanism="AMPAR"), MechanismError, "place.syn: unknown point process 'AMP"),
        (replace(SYN, mechanism="pas"), MechanismError, "pas is a density mechanism, not a point"),
        (replace(SYN, values={"tau": 1.0}), MechanismError, "place.syn: AMPA: unknown parameter"),
        (replace(SYN, values={"rise": 1.0}), MechanismError, "unknown parameter 'rise'"),
        (replace(SYN, sites="apical@900um"), MorphologyError, "the farthest end"),
        (replace(SYN, sites="apic[7](0.5)"), MorphologyError, "apic[7]"),
        (Placed("e", "EPSPCurrent", "soma(0.5)", {"weight": 1.0}), MechanismError, "'weight'"),
        (Placed("a", "AMPA", region="axonal", density_per_um=1), StudyError, "no axonal section"),
        (Placed("a", "AMPA", region="basal", density_per_um=1e-3), StudyError, "no point on 50 um"),
        (Placed("a", "AMPA", region="all", density_per_um=1e6), StudyError, "at most 100000"),
    ],
    ids=lambda value: getattr(value, "name", None) and str(value.mechanism),
)
def test_what_cannot_stand_on_a_cell(placed, kind, says):
    with pytest.raises(kind) as caught:
        cell(placed)
    assert says in str(caught.value)


def test_two_of_one_name():
    with pytest.raises(StudyError, match="two placed point processes are called syn"):
        cell(SYN, SYN)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "apical"}, "no name of a region"),
        ({"name": "a.b"}, "take letters, digits and _"),
        ({"sites": ()}, "in one way"),
        ({"region": "apical", "density_per_um": 1.0}, "in one way"),
        ({"sites": (), "region": "apical"}, "in one way"),
        ({"sites": (), "density_per_um": 1.0}, "in one way"),
        ({"sites": (), "region": "apical", "density_per_um": 0.0}, "above 0"),
        ({"sites": (), "region": "apical", "density_per_um2": float("nan")}, "finite number"),
        ({"seed": -1}, "seed is -1"),
        ({"values": {"tau_rise": float("inf")}}, "tau_rise is inf, it must be a finite number"),
        ({"sites": "apical 400"}, "'apical 400' is not a site"),
    ],
)
def test_what_no_value_can_be(given, says):
    with pytest.raises(InputError) as caught:
        Placed(**{"name": "syn", "mechanism": "AMPA", "sites": "soma(0.5)", **given})
    assert says in str(caught.value)


def test_an_artificial_cell_stands_nowhere(tmp_path):
    (tmp_path / "ticks.mod").write_text("NEURON { ARTIFICIAL_CELL Ticks }\nNET_RECEIVE(w) { }\n")
    sets = (read_mechanisms(tmp_path),)
    with pytest.raises(MechanismError, match="Ticks is an ARTIFICIAL_CELL, which stands nowhere"):
        CellRecipe("cell", TREE, sets, placed=(Placed("a", "Ticks", "soma(0.5)"),))


def test_a_parameter_that_is_not_RANGE(tmp_path):
    (tmp_path / "leak.mod").write_text(
        "NEURON { POINT_PROCESS Leak NONSPECIFIC_CURRENT i RANGE g GLOBAL e }\n"
        "PARAMETER { g = 1 e = 0 }\nASSIGNED { i v }\nBREAKPOINT { i = g*(v - e) }\n"
    )
    sets = (read_mechanisms(tmp_path),)
    with pytest.raises(MechanismError, match="e is no RANGE variable, so it has one value"):
        CellRecipe("cell", TREE, sets, placed=(Placed("a", "Leak", "soma(0.5)", {"e": 1.0}),))


# Scattered points.


@given(seed=st.integers(0, 2**32 - 1), density=st.floats(0.01, 5.0))
@settings(max_examples=50, deadline=None)
def test_a_density_gives_the_nearest_number_of_points_within_the_region(seed, density):
    one = Placed("syn", "AMPA", region="apical", density_per_um=density, seed=seed)
    points = one.points(TREE)
    assert len(points) == round(density * 400)
    assert all(section in (1, 2) and 0 <= x <= 1 for section, x in points)
    assert points == one.points(TREE)


def test_where_they_stand_depends_on_the_seed_and_not_on_the_segments():
    one = Placed("syn", "AMPA", region="apical", density_per_um2=0.01, seed=4)
    assert one.points(TREE) != replace(one, seed=5).points(TREE)
    fine = cell(one, segments=MaximalLength(1.0))
    assert fine.placed[0].points(fine.morphology) == one.points(TREE)


def largest_gap(places, expected):
    """Kolmogorov and Smirnov's statistic times the root of the number of places."""
    places = np.sort(places)
    ranks = np.arange(1, places.size + 1) / places.size
    return np.abs(ranks - expected(places)).max() * np.sqrt(places.size)


UNLIKELY = 1.95
"""Of a thousand samples that agree, one is beyond (Kolmogorov's distribution)."""


def test_points_by_length_are_uniform_along_the_region():
    points = Placed("syn", "AMPA", region="apical", density_per_um=20.0).points(TREE)
    along_um = np.array([x * 300 if section == 1 else 300 + x * 100 for section, x in points])
    assert largest_gap(along_um, lambda um: um / 400) < UNLIKELY


def test_points_by_area_follow_the_side_of_a_cone():
    """Of a cone with radius falling from 4 to 1: the side grows as 4 u - 3 u^2 / 2."""
    cone = Section("apical", 0, 1.0, np.array([[0, 0, 0, 8], [0, 0, 100, 2]]))
    tree = Morphology("cone", (Section.cylinder("somatic", -1, 0.0, 20.0, 20.0), cone))
    points = Placed("syn", "AMPA", region="apical", density_per_um2=4.0).points(tree)
    x = np.array([place for _, place in points])
    # pi (r1 + r2) times the slant height
    assert len(x) == round(4 * np.pi * 5 * np.hypot(100, 3))
    assert largest_gap(x, lambda u: (4 * u - 1.5 * u**2) / 2.5) < UNLIKELY
