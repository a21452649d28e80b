"""Who does what the targets ask, how more of them are found, and that nothing is done twice."""

import dataclasses
import math
from contextlib import nullcontext

import numpy as np
import pytest

from workbench.calibration import calibrate
from workbench.calibration.doing import ASKED, answered, does, enough
from workbench.calibration.progress import Progress, cost_of, duration
from workbench.calibration.simulated import what_decides
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.errors import AllFailed, NotCalibrated
from workbench.evaluations import Evaluation
from workbench.features import Missing, Train
from workbench.studies import load_study
from workbench.workers.task import Answer

HH = load_study("hodgkin_huxley")
ALONE = dataclasses.replace(HH, published={})
NAN = float("nan")
COUNT = next(i for i, o in enumerate(HH.problem.objectives) if o.feature == "spike_count")
WHOLE = np.array([[o.mean for o in HH.problem.objectives]])


def without(*columns, value=NAN):
    values = WHOLE.copy()
    values[0, list(columns)] = value
    return values


def wide(count):
    """The problem with so many features, each with a target of 1."""
    first = HH.problem.objectives[COUNT]
    return dataclasses.replace(
        HH.problem,
        objectives=tuple(
            dataclasses.replace(first, feature=f"feature {i}", mean=1.0) for i in range(count)
        ),
    )


def test_an_individual_without_a_tenth_of_the_features_does_what_is_asked():
    problem = wide(20)
    values = np.ones((3, 20))
    values[1, :2] = values[2, :3] = NAN
    assert ASKED == 0.9
    assert does(problem, values).tolist() == [True, True, False]


def test_a_count_of_nothing_is_no_answer_where_spikes_are_asked_for():
    assert does(HH.problem, WHOLE).tolist() == [True]
    silent = without(COUNT, value=0.0)
    assert answered(HH.problem, silent)[0].tolist() == [i != COUNT for i in range(4)]
    quiet = dataclasses.replace(HH.problem.objectives[COUNT], mean=0.2, std=0.5)
    targets = [*HH.problem.objectives]
    targets[COUNT] = quiet
    asks_for_none = dataclasses.replace(HH.problem, objectives=tuple(targets))
    assert answered(asks_for_none, silent).all()


def test_a_feature_that_none_of_them_has_is_not_enough():
    """Nine features that every membrane has would hide that the tenth needs spikes."""
    problem = wide(10)
    values = np.ones((5, 10))
    values[:, 9] = NAN
    assert does(problem, values).all()
    assert not enough(problem, values, 3)
    values[4, 9] = 1.0
    assert enough(problem, values, 3)
    assert not enough(problem, values, 6)


class Cell:
    """Workers whose cell spikes where the sodium conductance is above a part of its range."""

    def __init__(self, above=0.5, error_of=lambda integrator: 0.0):
        self.above, self.error_of, self.simulated, self.left = above, error_of, 0, math.inf

    def __call__(self):
        return nullcontext(self)

    def run(self, task, rows):
        problem = task.problem
        for number, row in enumerate(rows):
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            self.simulated += 1
            spikes = problem.unit(row[None])[0, 0] > self.above
            off = self.error_of(problem.integrator)
            values = tuple(
                np.array([o.mean + off * o.std])
                if spikes or o.protocol == "pulse"
                else Missing("there is no spike")
                for o in problem.objectives
            )
            seconds = np.full(len(problem.protocols), 1.0 / (problem.integrator.atol or 1))
            yield Answer(number, "w", 1.0, (Evaluation(values), seconds))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))


def run(study, team, said=lambda _: None, each=3, **more):
    return calibrate(study, team, said, keep_segments=True, each=each, **more)


def test_a_study_without_published_sets_is_searched_for_some_that_spike():
    said = []
    found = run(ALONE, Cell(0.7), said.append)
    names = [one.name for one in found.sample]
    assert sum(name.startswith("found") for name in names) == 3
    assert sum(name.startswith("near found") for name in names) == 3
    assert found.chosen.doing.sum() >= 3
    assert found.check.doing.sum() >= 3
    assert said[0].startswith("looking for 6 individuals")
    assert any(
        "do what the targets ask: they have values of at least 90 %" in line for line in said
    )


def test_where_published_sets_do_not_do_it_others_are_searched_for():
    """The published conductance is a fifth of its range from the bottom."""
    found = run(HH, Cell(0.9))
    assert [one.name for one in found.sample if "found" in one.name]
    assert min(found.chosen.doing.sum(), found.check.doing.sum()) >= 3


def test_nothing_is_certified_on_silence():
    team = Cell(2.0)
    with pytest.raises(NotCalibrated) as refused:
        run(ALONE, team)
    assert refused.value.exit_code == 1
    for words in ("0 of ", "at least 90 % of the 4 features; 6 are needed", "spike_count (0)"):
        assert words in str(refused.value)
    assert "published.toml" in str(refused.value)
    assert team.simulated <= 620


def test_where_every_simulation_fails_the_reason_is_said_at_once():
    class Failing(Cell):
        def run(self, task, rows):
            for answer in super().run(task, rows):
                measured = [Missing("soma.v is nan at 5.000 ms")] * len(task.problem.objectives)
                failed = Evaluation(tuple(measured), "NOT_FINITE")
                yield dataclasses.replace(answer, value=(failed, answer.value[1]))

    team = Failing()
    with pytest.raises(AllFailed, match=r"first: NOT_FINITE: soma\.v is nan at 5\.000 ms"):
        run(ALONE, team)
    assert team.simulated == ALONE.fit.population


def test_who_spikes_at_a_coarse_setting_alone_is_not_taken_for_one():
    class Deceived(Cell):
        def run(self, task, rows):
            coarse = task.problem.integrator.step_error_mV is not None
            self.above = 0.5 if coarse else 2.0
            yield from super().run(task, rows)

    with pytest.raises(NotCalibrated, match="0 of 12 and 0 of 12 individuals"):
        run(ALONE, Deceived())


def test_a_setting_has_to_be_exact_for_those_that_do():
    """Of the silent ones all is right: what is missing is missing."""

    class Uneven(Cell):
        def run(self, task, rows):
            for answer, row in zip(super().run(task, rows), rows, strict=True):
                evaluation, seconds = answer.value
                fine = task.problem.integrator.atol or 1.0
                only = task.problem.unit(row[None])[0, 0] > 0.97
                measured = list(evaluation.measured)
                if only and fine > 1e-3:
                    measured[-1] = measured[-1] + 10 * task.problem.objectives[-1].std
                again = Evaluation(tuple(measured))
                yield dataclasses.replace(answer, value=(again, seconds))

    found = run(ALONE, Uneven(0.95), each=10)
    share = found.chosen.of_doing.beyond(0.25)
    assert share <= 0.05
    for one in found.tried:
        assert one.keeps(0.25) == (one.beyond(0.25) <= 0.05 and one.of_doing.beyond(0.25) <= 0.05)


def test_what_was_simulated_before_a_stop_is_not_simulated_again():
    whole = Cell(0.6)
    expected = run(ALONE, whole)
    for cut in (5, 30, 60):
        stopped = Cell(0.6)
        stopped.left = cut
        seed = cut
        with pytest.raises(KeyboardInterrupt):
            run(ALONE, stopped, seed=seed)
        rest = Cell(0.6)
        run(ALONE, rest, seed=seed)
        alone = Cell(0.6)
        run(ALONE, alone, seed=seed)
        assert alone.simulated == 0
        assert stopped.simulated == cut
        assert rest.simulated > 0
    again = Cell(0.6)
    assert run(ALONE, again).chosen.setting == expected.chosen.setting
    assert again.simulated == 0


@pytest.mark.parametrize("change", [{"mean": 3.0}, {"std": 7.0}])
def test_another_mean_or_deviation_of_a_target_simulates_nothing_anew(change):
    run(ALONE, Cell(0.6))
    targets = [*ALONE.problem.objectives]
    targets[0] = dataclasses.replace(targets[0], **change)
    problem = dataclasses.replace(ALONE.problem, objectives=tuple(targets))
    again = Cell(0.6)
    run(dataclasses.replace(ALONE, problem=problem), again)
    assert again.simulated == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda p: dataclasses.replace(p, recipe=dataclasses.replace(p.recipe, celsius_degC=20.0)),
        lambda p: dataclasses.replace(p, objectives=p.objectives[1:]),
    ],
    ids=["temperature", "features"],
)
def test_what_decides_the_values_does(change):
    run(ALONE, Cell(0.6))
    again = Cell(0.6)
    run(dataclasses.replace(ALONE, problem=change(ALONE.problem)), again)
    assert again.simulated > 20


def test_recorded_spikes_decide_the_values():
    def among(*times_ms):
        first = dataclasses.replace(HH.problem.objectives[0], train=Train("cell.csv", times_ms))
        return what_decides(dataclasses.replace(HH.problem, objectives=(first,)))

    assert among(10.0, 20.0) != among(10.0, 21.0)


def test_it_says_how_long_it_will_take_from_what_it_simulated(monkeypatch):
    """Starts of 2 s and individuals of 1 s; four runs of 10, of twice the cost, are to come."""
    now = [0.0]
    monkeypatch.setattr("workbench.calibration.progress.time.monotonic", lambda: now[0])
    said = []
    progress = Progress(said.append)
    progress.plan([(2.0, 10)])
    assert said == [], "nothing is known yet"
    progress.begin()
    for took_s in (2.0, 1.0, 1.0):
        now[0] += took_s
        progress.simulated(1.0)
    said.clear()
    progress.plan([(2.0, 10)] * 4)
    assert said == ["40 simulations of individuals will take about 90 seconds"]


def test_an_estimate_knows_what_is_dear():
    problem = HH.problem
    row = problem.row(HH.published["published"])

    def cost(integrator):
        return cost_of(dataclasses.replace(problem, integrator=integrator), row)

    assert cost(Integrator(atol=1e-6)) > cost(Integrator(atol=1e-3))
    assert cost(fixed_step(0.01)) > cost(fixed_step(0.025))
    assert cost(adaptive_step(0.001)) > cost(adaptive_step(0.02))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "5 seconds"), (42, "40 seconds"), (130, "2 minutes"), (5400, "1.5 hours")],
)
def test_a_duration_is_said_as_one_says_it(seconds, said):
    assert duration(seconds) == said
