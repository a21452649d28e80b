import dataclasses
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grown import everywhere
from workbench.calibration import Calibration, Measured, calibrate, write_calibration
from workbench.calibration.choosing import default_each
from workbench.calibration.measuring import errors_SD, measure
from workbench.calibration.progress import Progress
from workbench.calibration.sampling import published, sample
from workbench.calibration.simulated import Simulations
from workbench.cells import ByRegion, DLambda, MaximalLength
from workbench.digests import DIGEST_VERSION
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.errors import InputError, StudyError, WorkerError
from workbench.evaluations import Evaluation
from workbench.morphology import REGIONS
from workbench.studies import Setting, calibrated, load_study, setting_of
from workbench.workers.task import Answer

HH = load_study("hodgkin_huxley")
KNOWN = published(HH)
NAN, INF = float("nan"), float("inf")


def test_an_error_is_in_standard_deviations_of_the_target():
    problem = HH.problem
    stds = [objective.std for objective in problem.objectives]
    converged = np.zeros((1, len(stds)))
    assert errors_SD(problem, converged + stds, converged).tolist() == [[1.0] * len(stds)]


def test_a_value_that_only_one_of_them_has_is_infinitely_wrong():
    k = len(HH.problem.objectives)
    values, converged = np.full((4, k), 1.0), np.full((4, k), 1.0)
    values[0], converged[1] = NAN, NAN
    values[2] = converged[2] = NAN
    converged[3] = INF
    errors = errors_SD(HH.problem, values, converged)
    assert np.isposinf(errors[:2]).all()
    assert (errors[2] == 0).all()
    assert np.isnan(errors[3]).all()


def measured(*errors, seconds=(1.0,), setting=None):
    errors_SD = np.array([errors], dtype=float)
    return Measured(setting or setting_of(HH), 3, np.array(seconds), errors_SD, np.array([True]))


def test_shares_and_quantiles_leave_out_what_has_not_converged():
    one = measured(0.1, 0.2, 0.3, NAN, INF)
    assert one.beyond(0.25) == 0.5
    assert one.quantile_SD(0.75) == 0.3
    assert one.quantile_SD(0.95) == INF


def test_without_a_converged_value_nothing_is_known():
    one = measured(NAN, NAN)
    assert np.isnan(one.beyond(0.25))
    assert np.isnan(one.quantile_SD())
    assert not one.keeps(0.25)
    assert not one.is_safe(0.25)


def test_a_setting_that_loses_an_individual_keeps_no_budget():
    lost = dataclasses.replace(measured(0.0, 0.0), lost=("random 0: a worker died",))
    assert not lost.keeps(0.25)
    assert not lost.is_safe(0.25)


@settings(max_examples=20)
@given(st.integers(0, 50))
def test_individuals_lie_within_the_bounds_and_follow_the_seed(seed):
    drawn, again = (sample(HH.problem, 3, seed, KNOWN, known_too=True) for _ in range(2))
    rows = np.array([one.row for one in drawn])
    assert (rows == np.array([one.row for one in again])).all()
    for parameter, column in zip(HH.problem.parameters, rows.T, strict=True):
        assert parameter.low <= column.min()
        assert column.max() <= parameter.high
    assert len({one.name for one in drawn}) == len(drawn)


def test_what_is_crossed_has_each_value_of_a_published_one_or_of_another():
    published = HH.problem.row(HH.published["published"])
    crossed = [
        one.row
        for one in sample(HH.problem, 30, 1, KNOWN, known_too=False)
        if "crossed" in one.name
    ]
    assert len(crossed) == 30
    assert 0.3 < np.mean(np.array(crossed) == published) < 0.7


RULES = st.one_of(
    st.floats(1, 100).map(MaximalLength), st.floats(0.01, 1).map(lambda f: DLambda(f, 100.0))
)


@settings(max_examples=40)
@given(
    RULES,
    st.dictionaries(st.sampled_from(["somatic", "axonal", "basal", "apical"]), RULES),
    st.sampled_from(
        [Integrator(atol=3e-3, native=True), fixed_step(0.05, 2, "coreneuron"), Integrator()]
    ),
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0")),
        st.floats(1e-4, 1.0).map(adaptive_step),
        max_size=2,
    ),
)
def test_a_setting_comes_back_from_its_file(tmp_path_factory, rule, own, how, single):
    regions = tuple((region, own[region]) for region in REGIONS if region in own)
    setting = Setting(ByRegion(rule, regions) if own else rule, how, tuple(single.items()))
    path = tmp_path_factory.mktemp("calibration") / "calibration.toml"
    one = measured(0.0, INF, setting=setting)
    write_calibration(Calibration(HH, 0.25, (), (one,), one, one, 0, 2), path)
    found, table = calibrated(HH, path)
    assert found == setting
    assert table.chosen["share_beyond"] == 0.5


def test_a_calibration_of_another_state_of_the_study_is_refused(tmp_path):
    one = measured(0.0)
    path = tmp_path / "calibration.toml"
    write_calibration(Calibration(HH, 0.25, (), (one,), one, one, 0, 2), path)
    with pytest.raises(StudyError, match="have changed"):
        calibrated(HH.with_celsius(20.0), path)
    assert calibrated(HH, tmp_path / "none.toml") is None


def test_a_calibration_of_before_says_whose_doing_it_is_that_it_cannot_be_used(tmp_path):
    one = measured(0.0)
    path = tmp_path / "calibration.toml"
    write_calibration(Calibration(HH, 0.25, (), (one,), one, one, 0, 2), path)
    written = path.read_text()
    path.write_text(written.replace(f"digest_version = {DIGEST_VERSION}\n", ""))
    with pytest.raises(StudyError, match=r"the workbench's doing, not the study's.*calibrate"):
        calibrated(HH, path)


def test_a_calibration_outlives_new_fields_of_what_it_was_measured_on(tmp_path):
    one = measured(0.0)
    path = tmp_path / "calibration.toml"
    write_calibration(Calibration(HH, 0.25, (), (one,), one, one, 0, 2), path)
    larger = dataclasses.replace(HH, problem=everywhere(HH.problem, ("added", float, 0.5)))
    assert larger.problem.protocols[0].added == 0.5
    assert calibrated(larger, path) == calibrated(HH, path)


class Pretender:
    """Workers that answer with the problem's tolerance as every value, and count."""

    def __init__(self, error_of):
        self.error_of, self.rows = error_of, 0

    def __call__(self):
        return nullcontext(self)

    def run(self, task, rows):
        self.rows += len(rows)
        integrator = task.problem.integrator
        for number in range(len(rows)):
            offset = self.error_of(integrator)
            values = tuple(np.array([o.mean + offset * o.std]) for o in task.problem.objectives)
            seconds = np.full(len(task.problem.protocols), 1.0 / (integrator.atol or 1))
            yield Answer(number, "w", 1.0, (Evaluation(values), seconds))


def simulations(team, folder):
    return Simulations(team, Progress(lambda _: None), folder)


class Deadly(Pretender):
    """Workers that die of some individuals: of a row's number under some problems, so often."""

    def __init__(self, deaths, dies=lambda problem: True):
        super().__init__(lambda integrator: 0.0 if integrator.atol else 1.0)
        self.deaths, self.dies = deaths, dies

    def run(self, task, rows):
        for answer in super().run(task, rows):
            if answer.row == 0 and self.dies(task.problem) and self.deaths > 0:
                self.deaths -= 1
                yield Answer(0, "w", 1.0, lost="took longer than 600 s")
            else:
                yield answer


ONE, OTHER = sample(HH.problem, 2, 1, {}, known_too=False)
CVODE = dataclasses.replace(HH.problem, integrator=Integrator(atol=1e-5))


def test_a_lost_individual_is_tried_once_more(tmp_path):
    values = simulations(Deadly(1), tmp_path).values(CVODE, [ONE, OTHER])
    assert values.tolist() == [[o.mean for o in HH.problem.objectives]] * 2


def test_no_value_is_kept_of_an_individual_that_is_lost(tmp_path):
    """It is nobody's converged value: a machine with more memory may find one."""
    with pytest.raises(WorkerError, match=rf"{ONE.name}: took longer than 600 s"):
        simulations(Deadly(2), tmp_path).values(CVODE, [ONE, OTHER])
    again = Pretender(lambda _: 0.0)
    values = simulations(again, tmp_path).values(CVODE, [ONE, OTHER])
    assert values.tolist() == [[o.mean for o in HH.problem.objectives]] * 2
    assert again.rows == 1


def test_a_setting_that_loses_an_individual_is_out_of_the_choice(tmp_path, monkeypatch):
    """It is the cheapest of those that have no error."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    cheapest = Integrator(atol=3e-3, native=True)
    deadly = Deadly(99, lambda problem: problem.integrator == cheapest)
    said = []
    found = calibrate(HH, deadly, said.append, keep_segments=True)
    [lost] = [one for one in found.tried if one.lost]
    assert lost.setting.integrator == cheapest
    assert found.chosen.setting.integrator == Integrator(atol=1e-3, native=True)
    assert any("out of the choice: " in line and "took longer" in line for line in said)
    write_calibration(found, tmp_path / "calibration.toml")
    _, table = calibrated(HH, tmp_path / "calibration.toml")
    assert [one["setting"] for one in table.measured if "lost" in one] == [str(lost.setting)]


def test_a_lost_individual_costs_what_the_others_do(tmp_path):
    converged = np.array([[o.mean for o in HH.problem.objectives]] * 2)
    setting = Setting(HH.problem.recipe.segments, Integrator())
    sound, lost = (
        measure(HH, setting, [ONE, OTHER], converged, simulations(team, tmp_path / str(i)))
        for i, team in enumerate((Pretender(lambda _: 0.0), Deadly(2)))
    )
    assert lost.seconds == sound.seconds > 0
    assert lost.lost == (f"{ONE.name}: took longer than 600 s",)
    assert np.isposinf(lost.errors_SD[0]).all()
    assert (lost.errors_SD[1] == 0).all()


def test_the_cheapest_setting_within_the_budget_is_chosen(tmp_path, monkeypatch):
    """The error is a hundred times CVODE's tolerance here, and the cost falls with it."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    pretender = Pretender(lambda integrator: 100 * (integrator.atol or 1.0))
    said = []
    found = calibrate(HH, pretender, said.append, budget_SD=0.35, keep_segments=True)
    assert found.chosen.setting.integrator == Integrator(atol=3e-3, native=True)
    assert found.holds
    assert found.unsettled == 0
    assert any("converging" in line for line in said)


def test_without_one_the_most_exact_is_taken_and_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    exact = Integrator(atol=1e-4, native=True)
    coarse = Pretender(lambda i: 0.0 if i.atol and i.atol <= 1e-4 else 1.0)
    found = calibrate(HH, coarse, lambda _: None, keep_segments=True)
    assert found.chosen.setting.integrator == exact
    liar = Pretender(lambda i: 0.0 if i.atol and i.atol < 1e-4 else 1.0)
    # The references of the first are in the cache, under the same settings.
    found = calibrate(HH, liar, lambda _: None, keep_segments=True, seed=5)
    assert not found.holds


def test_what_still_moves_at_the_finest_has_no_converged_value(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    restless = Pretender(lambda i: float(np.log10(i.atol or 1.0)))
    said = []
    found = calibrate(HH, restless, said.append, keep_segments=True)
    assert found.unsettled == found.pairs
    assert found.chosen.setting == setting_of(HH)
    assert not found.holds
    assert any("nothing says how exact a setting is" in line for line in said)


def test_references_are_computed_once(tmp_path):
    workers = Pretender(lambda _: 0.0)
    individuals = sample(HH.problem, 2, 1, KNOWN, known_too=False)
    problem = dataclasses.replace(HH.problem, integrator=Integrator(atol=1e-5))
    first = simulations(workers, tmp_path).values(problem, individuals)
    again = simulations(workers, tmp_path).values(problem, individuals)
    assert (first == again).all()
    assert workers.rows == len(individuals)


@pytest.mark.parametrize("left", [b"", b"{", b"[" * 10_000, b'{"value": "[1.0]", "sha256": ""}'])
def test_a_damaged_reference_is_computed_anew(tmp_path, left):
    workers = Pretender(lambda _: 0.0)
    individuals = sample(HH.problem, 2, 1, KNOWN, known_too=False)
    problem = dataclasses.replace(HH.problem, integrator=Integrator(atol=1e-5))
    first = simulations(workers, tmp_path).values(problem, individuals)
    file = next(tmp_path.rglob("*.json"))
    file.write_bytes(left or file.read_bytes().replace(b"0", b"1", 1))
    assert (simulations(workers, tmp_path).values(problem, individuals) == first).all()
    assert workers.rows == len(individuals) + 1


@pytest.mark.parametrize("wrong", [{"budget_SD": 0.0}, {"each": 0}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(InputError, match="above 0"):
        calibrate(HH, Pretender(lambda _: 0.0), lambda _: None, **wrong)


def test_so_many_individuals_are_looked_at_as_can_show_something():
    few = dataclasses.replace(HH.problem, objectives=HH.problem.objectives[:1])
    assert [default_each(problem) for problem in (HH.problem, few)] == [8, 30]
    assert default_each(load_study("l5pc").problem) == 3


def test_those_that_do_what_is_asked_need_a_margin_of_their_own():
    """5 of their 100 pairs are beyond: enough for a check, and too many for a choice."""
    errors = np.zeros((50, 10))
    errors[:5, 0] = 1.0
    one = Measured(setting_of(HH), 3, np.ones(1), errors, np.arange(50) < 10)
    assert one.beyond(0.25) == pytest.approx(0.01)
    assert one.of_doing.beyond(0.25) == pytest.approx(0.05)
    assert one.keeps(0.25)
    assert not one.is_safe(0.25)


def test_a_study_in_which_nothing_is_free_is_refused():
    recipe = HH.problem.recipe.with_values(HH.published["published"])
    fixed = dataclasses.replace(HH.problem, recipe=recipe, parameters=())
    with pytest.raises(InputError, match="nothing is free in its cell"):
        calibrate(dataclasses.replace(HH, problem=fixed), Pretender(lambda _: 0.0), lambda _: None)


def test_a_choice_needs_a_margin_for_others():
    """Of 400 pairs 5 % are 20, give or take 4.36 (the binomial's standard error)."""

    def beyond(count):
        return measured(*[1.0] * count, *[0.0] * (400 - count))

    assert beyond(20).keeps(0.25)
    assert beyond(20).allowed == pytest.approx(0.05 - 4.359 / 400, abs=1e-5)
    assert measured(*[1.0] * 3, *[0.0] * 3).allowed == 0.0


def test_an_integrator_that_cannot_run_the_study_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    [first, *others] = HH.problem.protocols
    gate = dataclasses.replace(first.recordings[0], variable="m_hh")
    protocols = (dataclasses.replace(first, recordings=(*first.recordings, gate)), *others)
    study = dataclasses.replace(HH, problem=dataclasses.replace(HH.problem, protocols=protocols))
    said = []
    found = calibrate(study, Pretender(lambda _: 0.0), said.append, keep_segments=True)
    assert not any(one.setting.integrator.step_error_mV for one in found.tried)
    assert any("adaptive steps 0.005 mV is left out" in line for line in said)
