"""best.json says what the ledger says, and is what --params takes."""

import json

import pytest

from tests.fakes import Workers
from workbench.errors import AllFailed, StoppedEarly
from workbench.reports import render
from workbench.runs import read_run, resume, start, with_params


def best(folder):
    return json.loads((folder / "best.json").read_text())


def test_the_file_holds_the_best_of_the_run(full_run):
    folder = full_run.write()
    render(folder)
    found = best(folder)
    summary = read_run(folder)
    assert found["parameters"] == summary.best_values()
    assert found["sum_SD"] == summary.best_sum
    assert (found["generation"], found["individual"]) == (3, 1)
    height, count, _ = found["features"].values()
    assert height == {"mean": 20.0, "std": 4.0, "score_SD": 1.25, "values": [25.0]}
    assert count["values"] == [6.1]
    assert found["problem"] == "d1g35t"
    assert found["run"] == folder.name


def test_why_a_feature_has_no_value(new_run):
    run = new_run()
    run.add(0, 0, [[20.0], "no spike", [45.0]])
    folder = run.write()
    render(folder)
    found = best(folder)["features"]["Step.soma.Spikecount"]
    assert found == {"mean": 5.0, "std": 0.5, "score_SD": 250.0, "reason": "no spike"}


def test_it_is_a_parameter_file_with_units(study, plan, folder):
    start(study, plan, folder, Workers())
    found = best(folder)
    assert with_params(study, folder / "best.json")[1] == with_params(study, folder)[1]
    assert found["units"]["gNaTs2_tbar_NaTs2_t.somatic"] == "S/cm2"
    assert found["units"].keys() <= found["parameters"].keys()


def test_a_stopped_run_has_one_and_a_resume_renews_it(study, plan, folder):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    first = best(folder)
    assert first["sum_SD"] == read_run(folder).best_sum
    (folder / "best.json").unlink()
    resume(folder, Workers())
    assert best(folder)["sum_SD"] == read_run(folder).best_sum <= first["sum_SD"]


def test_a_file_that_is_behind_is_renewed_by_a_report(study, plan, folder):
    start(study, plan, folder, Workers())
    whole = best(folder)
    (folder / "best.json").write_text("{}")
    render(folder)
    assert best(folder) == whole


def test_a_run_in_which_all_failed_has_none(new_run):
    run = new_run()
    run.add(0, 0, ["silent"] * 3, status="UNFINISHED")
    folder = run.write()
    render(folder)
    assert not (folder / "best.json").exists()
    with pytest.raises(AllFailed):
        read_run(folder).best_values()
