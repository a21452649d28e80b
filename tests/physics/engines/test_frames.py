"""The numbers of a cell are its own, whichever cells of its frame were asked for before."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.cells import CellRecipe
from workbench.engines.population.frame import Frame, Values
from workbench.studies import load_study


def cell_of(study: str) -> CellRecipe:
    """Return a study's cell, at half of the way within the bounds."""
    problem = load_study(study).problem
    [row] = problem.physical(np.full((1, len(problem.parameters)), 0.5))
    return problem.jobs(row)[0].recipe


def changed(recipe: CellRecipe, place: int) -> CellRecipe:
    """Return the cell with one of its painted values by a tenth larger."""
    paint = list(recipe.paint)
    paint[place] = replace(paint[place], value=1.1 * paint[place].value)
    return replace(recipe, paint=tuple(paint))


def bits(values: Values) -> list[bytes]:
    parts = values.shared, values.own, values.axial_uS, values.capacitance_nF
    return [part.tobytes() for part in parts]


@pytest.mark.parametrize(
    ("study", "among"),
    [
        ("l5pc_quick", {"cm", "Ra", "gIhbar_Ih", "ena"}),
        ("hodgkin_huxley", {"cm", "Ra", "gnabar_hh"}),
        ("halnes_in", {"g_pas"}),
    ],
)
def test_who_was_asked_for_before_changes_no_bit(study: str, among: set[str]) -> None:
    recipe = cell_of(study)
    frame = Frame(recipe)
    before = bits(frame.values(recipe, 34.0))
    seen = set()
    for place, paint in enumerate(recipe.paint):
        if not paint.value:
            continue
        other = changed(recipe, place)
        if other.frame != recipe.frame:
            continue  # it is cut into other segments
        alone = Frame(other)
        assert bits(frame.values(other, 34.0)) == bits(alone.values(other, 34.0)), paint
        assert bits(alone.values(recipe, 34.0)) == before, paint
        assert bits(alone.values(other, 34.0)) != before, paint
        seen.add(paint.variable)
    assert among <= seen
