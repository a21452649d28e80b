"""Placed point processes as values: where they stand, what is set of them, what cannot be."""

from dataclasses import replace

import pytest

from workbench.cells import CellRecipe, Dense, Placed
from workbench.digests import digest
from workbench.errors import InputError, MechanismError, MorphologyError, StudyError
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, SectionSite, cylinder_tree

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
    drawn = Placed("syn", "AMPA", {"region": "apical", "density_per_um2": 0.5, "seed": 4})
    assert "at apical, 0.5 per um2, seed 4; no values>" in repr(drawn)


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
        (Placed("a", "AMPA", Dense("axonal", 1)), StudyError, "no axonal section"),
        (Placed("a", "AMPA", Dense("basal", 1e-3)), StudyError, "no point on 50 um"),
        (Placed("a", "AMPA", Dense("all", 1e6)), StudyError, "at most 100000"),
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
        ({"sites": ()}, "say where it stands"),
        ({"sites": {"region": "apical"}}, "a region alone"),
        ({"sites": {"density_per_um": 1.0}}, "there is no placement of density_per_um; allowed"),
        ({"sites": {"region": "apical", "density_per_um": 0.0}}, "above 0"),
        ({"sites": {"region": "apical", "density_per_um2": float("nan")}}, "finite number"),
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


def test_every_point_is_told_with_its_distance():
    two = Placed("two", "ExpSyn", ["soma(1)", "apic[1](0.5)"])
    # The soma's end is 10 um from its middle, the second apical section begins 300 um farther.
    assert cell(SYN, two).placements() == (
        ("syn", "AMPA", 0, "apic[0]", pytest.approx(0.3), pytest.approx(100.0)),
        ("two", "ExpSyn", 0, "soma[0]", 1.0, 10.0),
        ("two", "ExpSyn", 1, "apic[1]", 0.5, 360.0),
    )


def test_sites_have_the_digests_that_they_had():
    """Of commit 082838a, before there were placements."""
    one = Placed("syn", "AMPA", ["soma(0.5)", "apical@100um"], {"weight": 0.001})
    assert digest(one) == "bbcdc6ef4f5d1b75b36da88c61dd73604560d3660ff07ceda0673350ddf1d46a"
