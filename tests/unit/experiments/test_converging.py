"""What segments and steps have to do with an experiment's numbers."""

import pytest

from workbench.cells import ByRegion, DLambda, MaximalLength
from workbench.experiments import Sample, Wanted, design
from workbench.experiments.converging import MOST, _cut, budget, refinements, sample
from workbench.runs import with_params
from workbench.studies import EngineChoice, load_study

NAMES = ("soma.v.Spikecount", "soma.v.AP_height", "morphology.topology")


@pytest.fixture(scope="module")
def experiment():
    study, values = with_params(load_study("hodgkin_huxley"), "published")
    cell = Sample(study.problem.recipe.with_values(values), study)
    engines = {"cvode": EngineChoice(cvode=1e-4), "fixed": EngineChoice(dt=0.025)}
    factors = {"engine": engines, "step.amplitude_nA": [0.1 * n for n in range(1, 11)]}
    return design({"hh": cell}, ["step"], Wanted(NAMES), factors)


def test_a_sample_is_refined(experiment):
    chosen = sample(experiment)
    assert len(chosen) == MOST < len(experiment.conditions)
    assert chosen == sorted(set(chosen)) == sample(experiment)
    segments, steps = refinements(experiment).values()
    for number, cut, stepped in zip(chosen, segments.conditions, steps.conditions, strict=True):
        job = experiment.conditions[number].job
        assert cut.job.recipe.segments.length_um == job.recipe.segments.length_um / 3
        assert (cut.job.protocol, cut.job.integrator) == (job.protocol, job.integrator)
        assert (stepped.job.recipe, stepped.levels) == (job.recipe, cut.levels)
        before, after = job.integrator, stepped.job.integrator
        assert (after.atol, after.dt_ms) == (
            before.atol and before.atol / 10,
            before.dt_ms and before.dt_ms / 10,
        )


def test_rules_are_refined_by_three():
    rule = ByRegion(MaximalLength(30, odd=False), (("somatic", DLambda(0.3)),))
    assert str(_cut(rule)) == "10 um, even numbers too, somatic d_lambda 0.1"


def test_what_moves_is_the_largest_change(experiment):
    chosen = sample(experiment)
    rows = [
        {"soma.v.Spikecount": 10.0, "soma.v.AP_height": None if n == chosen[0] else 40.0}
        for n in range(len(experiment.conditions))
    ]
    moved = [{"soma.v.Spikecount": 10.0 + n, "soma.v.AP_height": 40.5} for n in range(MOST)]
    found = budget(experiment, rows, {"segments": moved, "steps": [rows[n] for n in chosen]})
    assert found == [
        {
            "measure": "soma.v.Spikecount",
            "median size": 10.0,
            "segments": MOST - 1,
            "steps": 0.0,
            "appear or vanish": 0,
        },
        {
            "measure": "soma.v.AP_height",
            "median size": 40.0,
            "segments": 0.5,
            "steps": 0.0,
            "appear or vanish": 1,
        },
    ]
