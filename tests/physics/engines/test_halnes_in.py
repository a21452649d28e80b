"""The interneuron of Halnes et al. 2011 as the study describes it: geometry and distributions.

The numbers were computed with the original public model (ModelDB 140249) under NEURON 9.0.2; those
of expected.toml are compared by `workbench reproduce`.
"""

import numpy as np
import pytest

from tests.cells import cell_of
from workbench.cells import CellRecipe
from workbench.studies import Study, load_study


@pytest.fixture(scope="module")
def study() -> Study:
    cell_of("halnes_in")
    return load_study("halnes_in")


@pytest.fixture
def recipe(study: Study) -> CellRecipe:
    return study.problem.recipe.with_values(study.values("P1"))


def test_geometry(recipe: CellRecipe) -> None:
    cell = recipe.morphology
    assert len(cell) == 106
    assert len(cell.indices("basal")) == 105
    assert cell.length_um() == pytest.approx(5771.13, abs=0.005)
    assert cell.area_um2() == pytest.approx(9863.57, abs=0.005)
    soma = cell.sections[0]
    assert soma.length_um == pytest.approx(15.3147, abs=5e-5)
    assert cell.diameter_um(0) == pytest.approx(8.7220, abs=1e-4)
    assert soma.area_um2 == pytest.approx(506.60, abs=0.005)
    trees = [section for section in cell.sections if section.parent == 0]
    assert {section.parent_x for section in trees} == {0.5}
    tips_um = [float(cell.path_distance_um(i, 1.0, (0, 0.0))) for i in range(len(cell))]
    assert max(tips_um) == pytest.approx(672.78, abs=0.005)


def test_segments(recipe: CellRecipe) -> None:
    """With the mean diameter of whole sections it would be 326."""
    assert recipe.segment_counts[0] == 1
    assert sum(recipe.segment_counts) == 330


def test_calcium_rises_to_the_tips_in_steps_of_whole_dendrites(recipe: CellRecipe) -> None:
    """2.39/60 a um from soma(0): 27.8 times the soma's value where the cell ends."""
    painted = [p for p in recipe.painted() if p.variable == "gcabar_it2"]
    factors = [np.unique(np.asarray(p.values)) / 1.17e-5 for p in painted]
    assert [factor.size for factor in factors] == [1] * 106
    assert factors[0] == 1
    assert max(factor[0] for factor in factors) == pytest.approx(27.8, abs=0.005)
