"""An experiment is done by workers, kept, gone on with, and made a table."""

from dataclasses import replace

import numpy as np
import pytest

from tests.fakes import Workers
from workbench.engines import Failure, FailureKind
from workbench.errors import AllFailed, LedgerError, StoppedEarly
from workbench.evaluations import Evaluation
from workbench.experiments import (
    ExperimentWatch,
    Sample,
    Wanted,
    design,
    do,
    known,
    table,
)
from workbench.experiments.task import ConditionTask, evaluation_under
from workbench.features import Missing
from workbench.protocols import Traces
from workbench.runs import with_params
from workbench.studies import EngineChoice, load_study
from workbench.workers.task import Answer

MADE_WITH = {"neuron": "9"}
NAMES = ("soma.v.Spikecount", "soma.v.voltage_base")


@pytest.fixture(scope="module")
def sample():
    study, values = with_params(load_study("hodgkin_huxley"), "published")
    return Sample(study.problem.recipe.with_values(values), study)


@pytest.fixture
def experiment(sample):
    engines = {"neuron": EngineChoice("neuron"), "core": EngineChoice("coreneuron")}
    factors = {"engine": engines, "step.amplitude_nA": [0.5, 1.0, 2.0]}
    return design({"hh": sample}, ["step"], Wanted(NAMES), factors)


class Numbering:
    """Answers with the number of the condition among all, backwards; `died` are given up."""

    def __init__(self, experiment, died=()):
        self.conditions, self.died, self.loads = experiment.conditions, died, []

    def run(self, task, rows):
        self.loads.append(task.loads)
        for row in reversed(range(len(rows))):
            condition = task.conditions[int(rows[row][0])]
            number = self.conditions.index(condition)
            yield Answer(row, "w", 0.1, lost="killed", again=True)
            if number in self.died:
                yield Answer(row, "w", 0.1, lost="given up")
            else:
                found = (np.array([1.0 * number, 2.0]), Missing("eFEL says no"))
                yield Answer(row, "w", 0.1, Evaluation(found))


def test_each_condition_has_its_own_answer_build_by_build(experiment):
    workers = Numbering(experiment)
    found = do(experiment, workers, made_with=MADE_WITH)
    assert [one.values[0] for one in found] == [0, 1, 2, 3, 4, 5]
    assert len(set(workers.loads)) == len(workers.loads) == 2


def test_what_no_worker_survived_is_a_row_unless_nothing_else_is(experiment, tmp_path):
    found = do(experiment, Numbering(experiment, died=[4]), tmp_path, made_with=MADE_WITH)
    row = table(experiment, found)[4]
    assert (row["status"], row["reason"]) == ("WORKER_DIED", "given up")
    assert row["soma.v.Spikecount"] is None
    with pytest.raises(AllFailed, match=r"none of 6 .*the same experiment with the same folder"):
        do(experiment, Numbering(experiment, died=range(6)), tmp_path / "b", made_with=MADE_WITH)
    assert known(tmp_path / "b") == 0


def test_what_was_stopped_goes_on(experiment, tmp_path):
    with pytest.raises(
        StoppedEarly, match=f"interrupted; what was simulated is kept in {tmp_path}"
    ):
        do(experiment, Workers(stop_at=5), tmp_path, made_with=MADE_WITH)
    assert known(tmp_path) == 4
    rest = Workers()
    told = []
    watch = ExperimentWatch(6, known(tmp_path), told.append)
    found = do(experiment, rest, tmp_path, [watch], made_with=MADE_WITH)
    assert rest.individuals == 2
    assert [now.simulations for now in told] == [5, 6]
    assert all(now.whole for now in told)
    assert "simulations 6/6" in str(told[-1])
    once = do(experiment, Workers(), made_with=MADE_WITH)
    assert table(experiment, found) == table(experiment, once)
    nobody = Workers()
    do(experiment, nobody, tmp_path, made_with=MADE_WITH)
    assert nobody.individuals == 0


def test_another_experiment_does_not_go_on_there(experiment, sample, tmp_path):
    do(experiment, Workers(), tmp_path, made_with=MADE_WITH)
    other = design({"hh": sample}, ["step"], Wanted(NAMES))
    with pytest.raises(LedgerError, match="it holds another experiment"):
        do(other, Workers(), tmp_path, made_with=MADE_WITH)
    with pytest.raises(LedgerError, match="neuron 9 became 10"):
        do(experiment, Workers(), tmp_path, made_with={"neuron": "10"})
    (tmp_path / "experiment.sqlite").write_text("no ledger")
    with pytest.raises(LedgerError, match=r"damaged: .*Move it away, and the same experiment"):
        do(experiment, Workers(), tmp_path, made_with=MADE_WITH)
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be made"):
        do(experiment, Workers(), tmp_path / "file", made_with=MADE_WITH)


def test_the_table_has_factors_measures_values_and_reasons(experiment):
    found = do(experiment, Numbering(experiment), made_with=MADE_WITH)
    row = table(experiment, found, values=True)[4]
    assert list(row) == [
        "cell",
        "protocol",
        "engine",
        "step.amplitude_nA",
        "soma.v.Spikecount",
        "soma.v.Spikecount values",
        "soma.v.voltage_base",
        "soma.v.voltage_base values",
        "status",
        "reason",
    ]
    assert row["soma.v.Spikecount"] == 3.0  # the mean of 4 and 2
    assert row["soma.v.Spikecount values"].tolist() == [4.0, 2.0]
    assert row["soma.v.voltage_base"] is None
    assert row["soma.v.voltage_base values"].tolist() == []
    assert row["reason"] == "soma.v.voltage_base: eFEL says no"
    assert (row["engine"], row["step.amplitude_nA"], row["status"]) == ("core", 1.0, "OK")


def condition(sample, factors, *measures):
    [one] = design({"hh": sample}, ["step"], Wanted(measures), factors).conditions
    return one


def resting(until_ms):
    t_ms = np.arange(0.0, until_ms + 0.05, 0.1)
    return Traces("step", t_ms, {"soma.v": np.full(t_ms.size, -65.0)})


@pytest.mark.parametrize(
    ("factors", "feature", "why"),
    [
        ({"step.amplitude_nA": [0]}, "ohmic_input_resistance", "divided by the current"),
        ({"step.delay_ms": [0]}, "voltage_base", "begins with the run"),
    ],
)
def test_what_none_can_have_is_missing_and_does_not_spoil_the_rest(sample, factors, feature, why):
    """Without a current there is no resistance, of a run that begins with the step no base."""
    one = condition(sample, factors, f"soma.v.{feature}", "soma.v.Spikecount")
    none, spikes = evaluation_under(one, resting(120.0)).measured
    assert why in none.reason
    assert spikes.tolist() == [0.0]


def test_a_failure_says_why(sample):
    names = ("soma.v.ohmic_input_resistance", "soma.v.Spikecount")
    still = condition(sample, {"step.amplitude_nA": [0]}, *names)
    found = evaluation_under(still, Failure(FailureKind.ABSURD, "812 mV at 3 ms"))
    assert (found.status, found.why_failed) == ("ABSURD", "812 mV at 3 ms")
    early = evaluation_under(still, resting(60.0))
    assert "ends at 60" in early.measured[1].reason


def test_two_variables_of_one_place_are_two_measures(sample):
    """Their features have one name."""
    step = sample.study.protocol("step")
    soma = step.recordings[0]
    both = replace(step, recordings=(soma, replace(soma, variable="ina")))
    names = ("soma.v.value_at_end", "soma.ina.value_at_end")
    [one] = design({"hh": sample}, [both], Wanted(names)).conditions
    t_ms = np.arange(0.0, 120.05, 0.1)
    recorded = {"soma.v": np.full(t_ms.size, -65.0), "soma.ina": np.full(t_ms.size, -0.25)}
    found = evaluation_under(one, Traces("step", t_ms, recorded))
    assert [values.tolist() for values in found.measured] == [[-65.0], [-0.25]]


def test_a_task_is_its_conditions(experiment):
    one, other = ConditionTask(experiment.conditions[:2]), ConditionTask(experiment.conditions[:3])
    assert one.digest != other.digest
    assert one.loads == other.loads
