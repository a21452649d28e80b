"""A recipe prints as one line, not as all its points and the texts of its mechanisms."""

from workbench.cells import CellRecipe, Paint
from workbench.morphology import Cylinder, cylinder_tree


def test_a_recipe_counts_what_it_holds():
    recipe = CellRecipe(
        "ball",
        cylinder_tree("ball", [Cylinder("somatic", 20, 10)]),
        inserted=(("somatic", "pas"),),
        paint=(Paint("cm", "all", 1.0), Paint("g_pas", "somatic", None)),
        celsius_degC=34.0,
    )
    assert repr(recipe) == (
        "<CellRecipe ball: 1 sections, 1 mechanisms inserted, 2 values painted, 1 free; "
        "34 degC, from -65 mV>"
    )
