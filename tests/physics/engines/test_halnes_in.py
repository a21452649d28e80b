"""The interneuron of Halnes et al. 2011 as the study describes it: its geometry and its spikes.

The numbers were computed with the original public model (ModelDB 140249) under NEURON 9.0.2; those
of expected.toml are compared by `workbench reproduce`.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job
from workbench.features import Window, measure
from workbench.protocols import Traces
from workbench.studies import Study, load_study

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

# eFEL with a threshold of -20 mV and an interpolation step of 0.025 ms, means over the spikes.
# A late spike may move by 1 ms; widths and peaks depend on where the integrator's steps lie.
FEATURES: dict[str, dict[str, Any]] = {
    "Spikecount": {"abs": 0},
    "mean_frequency": {"rel": 0.002},
    "time_to_first_spike": {"abs": 0.2},
    "adaptation_index2": {"rel": 0.01},
    "ISI_CV": {"rel": 0.01},
    "doublet_ISI": {"abs": 0.2},
    "AP_height": {"abs": 0.1},
    "AP_width": {"abs": 0.025},
    "AP_duration_half_width": {"abs": 0.025},
    "AHP_depth_abs": {"abs": 0.1},
}
TABLE: dict[tuple[str, float], list[float | None]] = {
    ("P1", 0.055): [3, 5.575, 65.12, None, None, 18.08, 18.36, 0.45, 0.325, -52.29],
    ("P1", 0.07): [15, 17.02, 42.17, 0.06841, 0.368, 11.18, 17.53, 0.445, 0.3283, -52.26],
    ("P2", 0.04): [7, 9.094, 77.52, 0.1811, 0.4869, 13.55, 19.91, 0.4571, 0.3214, -50.59],
    ("P2", 0.07): [16, 18.71, 42.92, 0.04435, 0.567, 8.375, 18.44, 0.4609, 0.3219, -50.34],
}
V_INIT_mV = {"P1": -63.0, "P2": -69.0}


@pytest.fixture(scope="module")
def study() -> Study:
    if not (DATA / "halnes_in_091008A2.swc").is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"the cell is not in {DATA}: a third-party file, see the catalogue for its source"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_MORPHOLOGIES", str(DATA))
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


@pytest.mark.slow
def test_features(study: Study) -> None:
    jobs = [_job(study, name, amplitude_nA) for name, amplitude_nA in TABLE]
    window = Window(1000.0, 1900.0, -20.0, {"interp_step": 0.025})
    outcomes = run_in_children(jobs, workers=2)
    for (case, expected), outcome in zip(TABLE.items(), outcomes, strict=True):
        assert isinstance(outcome, Traces), (case, outcome)
        found = measure(outcome["soma.v"], list(FEATURES), window)
        for (feature, tolerance), value in zip(FEATURES.items(), expected, strict=True):
            if value is not None:
                mean = float(np.mean(np.asarray(found[feature])))
                assert mean == pytest.approx(value, **tolerance), (case, feature)


def _job(study: Study, name: str, amplitude_nA: float) -> Job:
    step = study.protocol("step").with_parameters(
        {"amplitude_nA": amplitude_nA, "v_init_mV": V_INIT_mV[name]}
    )
    recipe = study.problem.recipe.with_values(study.values(name))
    return Job(recipe, step, Integrator(atol=1e-6))
