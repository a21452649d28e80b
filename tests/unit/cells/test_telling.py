"""What of a cell's values is more than a number, as reports tell it."""

from dataclasses import replace

import pytest

from workbench.cells import (
    Balance,
    CellRecipe,
    Distribution,
    Paint,
    Placed,
    Profile,
    Spines,
    Tie,
    Total,
    told,
)
from workbench.morphology import Cylinder, cylinder_tree, parse_site

TREE = cylinder_tree(
    "ball and stick", [Cylinder("somatic", 20, 20), Cylinder("basal", 100, 2, parent=0)]
)

FALL = Distribution("fall", "value * exp(-distance_um / far_um)", constants={"far_um": None})
TABLE = Profile("table", {"soma[0]": 1.0, "dend[0]": 2.0})
SITE = parse_site("dend[0](0.5)")
G = "g_pas.basal"


def cell(*paint: Paint, **changes) -> CellRecipe:
    return CellRecipe("toy", TREE, inserted=(("all", "pas"),), paint=paint, **changes)


CASES = [
    (cell(Paint("cm", "all", 1.0)), []),
    (
        cell(
            Paint("cm", "all", 1.0), Paint("g_pas", "basal", None), ties=(Tie(G, "1e-4 * cm.all"),)
        ),
        [f"{G} = 1e-4 * cm.all"],
    ),
    (
        cell(Paint("g_pas", "basal", 1e-4, FALL)),
        [
            f"{G} is spread by fall: value * exp(-distance_um / far_um)",
            "far_um.fall = free (of a distribution)",
        ],
    ),
    (
        cell(Paint("g_pas", "all", None, TABLE)),
        ["g_pas.all is spread by table, with a factor for each section"],
    ),
    (
        cell(Paint("e_pas", "all", None, Balance())),
        ["e_pas.all balances the membrane of each segment at a free voltage"],
    ),
    (
        cell(Paint("g_pas", "basal", 0.1, Total(SITE))),
        [f"{G} is the total of dend[0](0.5): 0.1 uS"],
    ),
    (
        replace(cell(Paint("ena", "all", 50.0)), inserted=(("all", "pas"), ("somatic", "hh"))),
        ["ena.all is that of 1 of 2 sections, with the ion"],
    ),
    (
        cell(placed=(Placed("syn", "ExpSyn", SITE, {"weight": 1e-3}),)),
        ["syn: ExpSyn at dend[0](0.5)"],
    ),
    (
        cell(spines=(Spines("basal", 1.5, 0.8, 3.0, ("cm",)),)),
        ["spines of basal thinner than 3 um: 1.5 per um of 0.8 um2; more of cm"],
    ),
]


@pytest.mark.parametrize(("recipe", "said"), CASES)
def test_told(recipe: CellRecipe, said: list[str]) -> None:
    assert list(told(recipe)) == said


def test_units_of_weights() -> None:
    """ExpSyn takes uS; a mechanism whose NET_RECEIVE declares no unit has none."""
    synapse = Placed("syn", "ExpSyn", SITE, {"weight": None, "tau": None})
    recipe = cell(placed=(synapse,))
    assert (recipe.unit_of("weight.syn"), recipe.unit_of("tau.syn")) == ("uS", "ms")
