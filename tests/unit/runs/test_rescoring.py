"""A run scored by other targets: the scores are those of a fit that had them from the start."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.fakes import Workers
from workbench.engines import fixed_step
from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger
from workbench.features import Missing
from workbench.reports import render
from workbench.runs import read_run, rescore, resume, start, state_of, study_of
from workbench.runs.provenance import read_provenance, write_provenance
from workbench.search import ALGORITHMS
from workbench.studies import load_study, plan_of


@pytest.fixture
def run(study, plan, folder):
    start(study, plan, folder, Workers())
    return folder


@pytest.fixture
def out(folder):
    return folder.with_name("anew")


@pytest.fixture
def targets(quick, l5pc):
    """Return the file of the targets and a function that changes it."""
    file = load_study(quick).targets

    def change(before, after):
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))

    return change


def rows(folder):
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return list(ledger.rows())


def test_another_weight(run, out, targets):
    targets(
        "[Step1.soma.features]", "[Step1.soma]\nweights = { AP_height = 3 }\n[Step1.soma.features]"
    )
    rescore(run, out)
    weights = np.array([one.weight for one in read_run(out).objectives])
    assert sorted(weights)[-2:] == [1.0, 3.0]
    for old, new in zip(rows(run), rows(out), strict=True):
        np.testing.assert_array_equal(new.scores, weights * old.scores)
    assert "weight 3" in render(out).read_text()


def test_a_bound_of_what_was_measured(run, out, targets):
    """And a comparison of two that were measured, each alone, is refused."""
    compare = "[[compare]]\nwhat = 'Step1.soma.AP_height < 20'\nsd = 2\n\n[Step1.soma.features]"
    targets("[Step1.soma.features]", compare)
    rescore(run, out)
    names = [one.name for one in read_run(out).objectives]
    one, bound = names.index("Step1.soma.AP_height"), names.index("Step1.soma.AP_height < 20")
    for row in rows(out):
        away = np.maximum(row.evaluation.measured[one] - 20.0, 0.0)
        assert row.scores[bound] == pytest.approx(away.mean() / 2.0)
    targets("AP_height < 20", "AP_height < Step1.soma.voltage_base")
    with pytest.raises(InputError, match=r"AP_height < Step1\.soma\.voltage_base was not measured"):
        rescore(run, out.with_name("other"))


def test_another_mean_and_another_sd(run, out, targets, quick):
    """By hand: |value - mean| / SD of the one value that the fakes give each feature."""
    targets("[17.5, 0.8]", "[18.5, 1.6]")
    rescore(run, out)
    before, after = rows(run), rows(out)
    names = [one.name for one in read_run(out).objectives]
    [place] = [i for i, one in enumerate(read_run(out).objectives) if one.mean == 18.5]
    assert read_run(run).objectives[place].name == names[place]
    for old, new in zip(before, after, strict=True):
        [value] = new.evaluation.measured[place]
        assert new.scores[place] == pytest.approx(abs(value - 18.5) / 1.6)
        assert np.delete(new.scores, place).tolist() == np.delete(old.scores, place).tolist()
        assert new.parameters.tolist() == old.parameters.tolist()
        assert new.evaluation.values.tolist() == old.evaluation.values.tolist()
    assert read_run(out).record.problem.digest == load_study(quick).problem.digest


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_rows_of_every_search_are_kept_with_their_attempts(study, folder, out, algorithm):
    plan = plan_of(study, algorithm=algorithm, population=6, generations=2)
    start(study, plan, folder, Workers())
    resume(folder, Workers(), generations=3)
    rescore(folder, out)
    found = []
    for run in (folder, out):
        with Ledger.open(run / "ledger.sqlite") as ledger:
            attempts = [{k: v for k, v in one.items() if k != "chain"} for one in ledger.attempts()]
            found.append((list(ledger.table()), ledger.tellings(), attempts))
    assert found[0] == found[1], "with the same targets all is the same"
    assert state_of(out)["generations"] == "3/3"
    assert read_run(out).finished


def test_targets_that_are_gone_with_their_protocol(run, out, study, quick):
    step3 = [one.name for one in study.problem.objectives if one.protocol == "Step3"]
    file = study.targets
    kept = "\n[".join(t for t in file.read_text().split("\n[") if not t.startswith("Step3"))
    other = quick / "fewer.toml"
    other.write_text(kept)
    rescore(run, out, targets=other)
    summary = read_run(out)
    assert [one.name for one in summary.objectives] == [
        one.name for one in study.problem.objectives if one.name not in step3
    ]
    assert [one.name for one in summary.record.problem.protocols] == ["Step1", "Step2"]
    assert summary.record.rescored.targets == str(other)
    assert summary.record.rescored.run == str(run)
    kept = [one.name not in step3 for one in study.problem.objectives]
    assert sum(kept) == 10
    for before, after in zip(rows(run), rows(out), strict=True):
        assert after.scores.tolist() == before.scores[kept].tolist()


def test_what_failed_has_failed_and_what_is_missing_is_missing(study, plan, folder, out):
    class Failing(Workers):
        def run(self, task, rows):
            for answer in super().run(task, rows):
                if isinstance(getattr(answer.value, "measured", None), tuple):
                    measured = (Missing("no spike"), *answer.value.measured[1:])
                    status = "ABSURD" if self.individuals % 4 == 0 else "OK"
                    value = replace(answer.value, measured=measured, status=status)
                    yield replace(answer, value=value)
                else:
                    yield answer

    start(study, plan, folder, Failing())
    rescore(folder, out)
    assert {row.evaluation.status for row in rows(out)} == {"OK", "ABSURD"}
    for row in rows(out):
        failed = row.evaluation.failed
        assert row.scores[0] == (500.0 if failed else 250.0)
        assert row.evaluation.reasons[0] == "no spike"


def test_it_is_read_like_any_run_and_does_not_go_on(run, out, targets):
    targets("[17.5, 0.8]", "[18.5, 1.6]")
    rescore(run, out)
    page = render(out).read_text()
    assert f"the evaluations of {run}, with the targets of" in page
    assert state_of(out)["state"] == "scored anew"
    assert json.loads((out / "best.json").read_text())["sum_SD"] == read_run(out).best_sum
    for call in (lambda: study_of(out), lambda: resume(out, Workers(), generations=9)):
        with pytest.raises(LedgerError, match=r"scored anew: its search was told other scores"):
            call()


def test_traces_come_along_if_the_best_is_the_same(run, out, targets):
    rescore(run, out)
    assert (out / "traces" / "best.npz").read_bytes() == (run / "traces" / "best.npz").read_bytes()
    old = read_run(run).best
    away = next(row for row in rows(run) if row.individual != old.individual)
    # The first feature's value of another individual as its target, a thousand times as strict.
    objective = read_run(run).objectives[0]
    [value] = away.evaluation.measured[0]
    targets(
        f"[{objective.mean:g}, {objective.std:g}]", f"[{float(value)!r}, {objective.std / 1000:g}]"
    )
    other = rescore(run, out.with_name("other"))
    assert read_run(other).best.parameters.tolist() == away.parameters.tolist()
    assert not (other / "traces").exists()
    assert "Nothing was simulated when this run was scored anew" in render(other).read_text()


@pytest.mark.parametrize("algorithm", ["random", "steady-ibea"])
def test_an_unfinished_run(study, folder, out, algorithm):
    plan = plan_of(study, algorithm=algorithm, population=4, generations=3)
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    rescore(folder, out)
    assert len(rows(out)) == len(rows(folder)) == 6
    assert "It was scored anew and does not go on." in render(out).read_text()


def test_what_was_not_measured_is_refused_by_name(run, out, study, targets, quick):
    first = study.problem.objectives[0]
    targets("[Step1.soma.features]", "[Step1.soma.features]\nvoltage_base = [-80, 1]")
    targets("[Step2.soma.features]", "[Step2.soma]\nthreshold_mV = -10\n[Step2.soma.features]")
    with pytest.raises(InputError) as refused:
        rescore(run, out)
    said = str(refused.value)
    assert "Step1.soma.voltage_base was not measured" in said
    window = study.problem.objectives[0].window
    assert f"{first.name} was measured" not in said
    assert "was measured in " in said
    assert "threshold_mV = -20, and is now asked in " in said
    assert f"workbench fit STUDY --from {run}" in said
    assert window.threshold_mV == -20
    assert not out.exists()


def test_a_protocol_that_was_not_simulated(study, plan, folder, out, quick):
    fewer = study.with_targets(_without(study, "Step3", quick / "fewer.toml"))
    start(fewer, plan, folder, Workers())
    with pytest.raises(InputError, match=r"Step3\.\w+\.\w+: the protocol Step3 was not simulated"):
        rescore(folder, out)


def _without(study, protocol, file):
    tables = study.targets.read_text().split("\n[")
    file.write_text("\n[".join(t for t in tables if not t.startswith(protocol)))
    return file


def test_a_cell_that_changed_is_refused(run, out, quick, change):
    cell = next(
        file for file in (quick / "cell.toml", quick.parent / "l5pc" / "cell.toml") if file.exists()
    )
    change(cell, "celsius_degC = 34", "celsius_degC = 33")
    rescore(run, out)  # the temperature is the run's own
    change(cell, "v_init_mV = -65", "v_init_mV = -66")
    with pytest.raises(LedgerError, match=r"cell of the study .* changed since"):
        rescore(run, out.with_name("other"))


def test_the_integrators_are_those_of_the_run(study, plan, folder, out):
    own = (("Step3", fixed_step(0.025)),)
    start(study.with_integrator(fixed_step(0.05), own), plan, folder, Workers())
    rescore(folder, out)
    assert read_run(out).record.problem == read_run(folder).record.problem


def test_a_run_that_does_not_tell_its_settings(run, out, targets):
    """As older workbenches wrote it: nothing proves that they are those of now, if they are not."""
    record = read_provenance(run, lambda: None)
    told = [one.model_dump(exclude={"settings"}) for one in record.problem.objectives]
    problem = record.problem.model_dump() | {"objectives": told}
    write_provenance(run, type(record).model_validate(record.model_dump() | {"problem": problem}))
    rescore(run, out)
    targets(
        "[Step1.soma.features]", "[Step1.soma.settings]\ninterp_step = 0.05\n[Step1.soma.features]"
    )
    with pytest.raises(LedgerError, match="does not tell with which of eFEL's settings"):
        rescore(run, out.with_name("other"))


def test_a_run_is_never_scored_over_another(run, out):
    rescore(run, out)
    with pytest.raises(LedgerError, match="holds a run"):
        rescore(run, out)


def test_a_study_that_has_moved(run, out, quick):
    moved = quick.rename(quick.with_name("elsewhere"))
    with pytest.raises(LedgerError, match=rf"no longer at .*rescore {run} --study FOLDER"):
        rescore(run, out)
    rescore(run, out, study=moved)
    assert read_run(out).record.study.folder == str(moved)
