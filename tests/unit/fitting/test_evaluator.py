import numpy as np
import pytest

from workbench.engines import Failure, FailureKind
from workbench.evaluations import evaluation_of, measures
from workbench.features import Missing
from workbench.fitting import Evaluator, FitTask
from workbench.protocols import Traces

T_ms = np.arange(0.0, 100.1, 0.1)


def traces(name, until_ms=100.0, spikes_ms=(), dend_mV=-70.0):
    t_ms = T_ms[T_ms <= until_ms + 0.05]
    soma = np.full(t_ms.size, -70.0)
    for spike_ms in spikes_ms:
        soma += 100.0 * np.clip(1.0 - np.abs(t_ms - spike_ms), 0.0, None)
    return Traces(name, t_ms, {"soma.v": soma, "dend.v": np.full(t_ms.size, dend_mV)})


STEP = traces("Step", spikes_ms=(30.0, 50.0))
REST = traces("Rest", until_ms=50.0)
ABSURD = Failure(FailureKind.ABSURD, "soma.v is 812 mV at 3.1 ms")
HUNG = Failure(FailureKind.TOO_MANY_STEPS, "20001 steps at 3.1 of 100 ms")


def measured(problem, outcomes):
    return evaluation_of(problem.objectives, problem.protocols, outcomes)


def test_every_objective_is_measured_on_its_own_recording(problem):
    evaluation = measured(problem, {"Step": STEP, "Rest": REST})
    spikes, height, base = evaluation.measured
    assert spikes.tolist() == [2.0]
    assert isinstance(height, Missing)  # the dendrite is silent
    assert base == pytest.approx([-70.0])
    assert (evaluation.status, evaluation.failed) == ("OK", False)
    assert evaluation.counts == (1, 0, 1)
    assert evaluation.values.tolist() == [2.0, pytest.approx(-70.0)]
    assert [bool(reason) for reason in evaluation.reasons] == [False, True, False]


def test_a_failed_simulation_is_the_reason_of_its_objectives(problem):
    evaluation = measured(problem, {"Step": ABSURD, "Rest": REST})
    assert evaluation.measured[:2] == (Missing(ABSURD.message), Missing(ABSURD.message))
    assert evaluation.measured[2] == pytest.approx([-70.0])
    assert (evaluation.status, evaluation.failed) == ("ABSURD", True)


def test_the_first_failure_is_the_status(problem):
    assert measured(problem, {"Step": HUNG, "Rest": ABSURD}).status == "TOO_MANY_STEPS"


def test_traces_that_end_early_have_no_values(problem):
    """Each protocol ends at its own time."""
    cut = traces("Step", until_ms=60.0, spikes_ms=(30.0, 50.0))
    evaluation = measured(problem, {"Step": cut, "Rest": REST})
    assert evaluation.measured[0] == Missing("soma.v ends at 60.000 ms instead of 100 ms")
    assert evaluation.measured[2] == pytest.approx([-70.0])


def test_features_of_one_trace_and_window_are_measured_together(problem, monkeypatch):
    calls = []

    def counted(trace, features, window, *, until_ms, stimulus_nA):
        assert stimulus_nA is None, "no feature needs it"
        calls.append((trace.name, features, until_ms))
        return dict.fromkeys(features, np.zeros(1))

    monkeypatch.setattr(measures, "measure", counted)
    first, height, base = problem.objectives
    objectives = (
        first,
        height,
        type(first)("Step", "soma", "ISI_CV", first.window, mean=0.1, std=0.1),
        base,
        type(first)("Step", "soma", "AP_width", base.window, mean=1.0, std=0.1),
    )
    many = type(problem)(
        "p", problem.recipe, problem.parameters, problem.protocols, objectives, problem.integrator
    )
    measured(many, {"Step": STEP, "Rest": REST})
    assert calls == [
        ("soma.v", ["Spikecount", "ISI_CV"], 100.0),
        ("dend.v", ["AP_height"], 100.0),
        ("soma.v", ["voltage_base"], 50.0),
        ("soma.v", ["AP_width"], 100.0),
    ]


def test_an_individual_is_one_batch_for_the_engine(problem):
    batches = []

    def engine(jobs):
        batches.append(list(jobs))
        return [{"Step": STEP, "Rest": ABSURD}[job.protocol.name] for job in jobs]

    evaluation = Evaluator(problem, engine)(np.array([1e-4, 0.25]))
    assert evaluation.status == "ABSURD"
    assert evaluation.measured[0].tolist() == [2.0]
    [jobs] = batches
    assert [job.protocol.name for job in jobs] == ["Step", "Rest"]
    assert {p.value for job in jobs for p in job.recipe.paint} == {100.0, 1e-4, 0.25}


def test_the_task_of_a_fit_is_its_problem(problem):
    assert FitTask(problem).digest == problem.digest
