"""Values that are computed from others of a cell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cells import CellRecipe, Paint, Placed, Tie
from workbench.digests import digest
from workbench.errors import StudyError
from workbench.morphology import Cylinder, cylinder_tree

TREE = cylinder_tree(
    "two", [Cylinder("somatic", 20, 20), Cylinder("basal", 100, 2, 0), Cylinder("apical", 50, 1, 0)]
)


def cell(*ties: Tie, **values: float | None) -> CellRecipe:
    paint = [Paint("g_pas", region, None) for region in ("basal", "apical")]
    placed = (Placed("syn", "ExpSyn", "soma(0.5)", {"tau": None, "weight": 0.5}),)
    return CellRecipe(
        "tied", TREE, inserted=(("all", "pas"),), paint=tuple(paint), placed=placed, ties=ties
    ).with_values({name.replace("__", "."): value for name, value in values.items() if value})


TWICE = Tie("g_pas.apical", "2 * g_pas.basal")


def test_what_is_tied_is_neither_free_nor_given() -> None:
    assert cell(TWICE).free == ("g_pas.basal", "tau.syn")
    with pytest.raises(StudyError, match=r"g_pas.apical is tied: it is '2 \* g_pas.basal'; give"):
        cell(TWICE).with_values({"g_pas.apical": 1e-4})


@given(st.floats(1e-6, 1e-2), st.floats(1e-6, 1e-2))
def test_a_tie_follows_whenever_what_it_reads_changes(first: float, second: float) -> None:
    last = Tie("tau.syn", "exp(-g_pas.apical) + weight.syn")
    made = cell(TWICE, last).with_values({"g_pas.basal": first})
    assert made.values["g_pas.apical"] == 2 * first
    again = made.with_values({"g_pas.basal": second, "weight.syn": 1.0})
    fresh = cell(last, TWICE).with_values({"g_pas.basal": second, "weight.syn": 1.0})
    assert again.values == fresh.values
    assert again.free == ()


def test_a_tie_to_a_fixed_value_is_a_number_at_once() -> None:
    assert cell(Tie("tau.syn", "4 * weight.syn")).placed[0].values["tau"] == 2.0


def test_names_of_single_sections_can_be_read() -> None:
    paint = (Paint("cm", "apic[0]", 2.0), Paint("cm", "basal", None))
    made = CellRecipe("one", TREE, paint=paint, ties=(Tie("cm.basal", "cm.apic[0] / 4"),))
    assert made.values["cm.basal"] == 0.5


def test_circles_are_refused_by_name() -> None:
    ties = (Tie("g_pas.apical", "g_pas.basal + 1"), Tie("g_pas.basal", "tau.syn * 2"))
    with pytest.raises(StudyError, match=r"tied: .* reads .*: a tie cannot follow itself"):
        cell(*ties, Tie("tau.syn", "1 / g_pas.apical"))
    with pytest.raises(StudyError, match=r"g_pas.basal reads g_pas.basal"):
        cell(Tie("g_pas.basal", "g_pas.basal"))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("2 * g_pas.axonal", "unknown parameter 'g_pas.axonal'"),
        ("__import__('os').getcwd()", "is not arithmetic"),
        ("g_pas.basal +", "cannot use 'g_pas.basal +'"),
        ("3e-5", "it names no other parameter; a number stands without quotes"),
        ("open(g_pas.basal)", "unknown function 'open'"),
    ],
)
def test_what_is_no_arithmetic_of_values_is_refused(expression: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        cell(Tie("g_pas.apical", expression))
    assert said in str(caught.value)


def test_a_tie_that_gives_no_number_says_with_which_values() -> None:
    with pytest.raises(StudyError, match=r"it is 'log\(g_pas.basal\)', with g_pas.basal = -1"):
        cell(Tie("g_pas.apical", "log(g_pas.basal)"), g_pas__basal=-1.0)


def test_a_cell_without_ties_has_the_digest_that_it_had() -> None:
    plain = cell()
    assert digest(plain) == digest(replace(plain, ties=()))
    assert digest(plain) != digest(cell(TWICE))
