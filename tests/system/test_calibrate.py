"""`workbench calibrate`, and `--engine auto` that uses what it found."""

import json
import shutil
import tomllib

import numpy as np
import pytest

from tests.system.command import REPOSITORY
from workbench.calibration import Calibration, Measured, write_calibration
from workbench.engines import adaptive_step
from workbench.studies import Setting, load_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies") / "squid"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", folder)
    return folder


def test_an_export_for_auto_is_checked_first(workbench, study, tmp_path):
    options = ("--params", "published", "--protocol", "pulse", "--engine", "auto")
    said = workbench("export", study, *options, "--out", tmp_path / "out").stderr
    assert "are within 0.25 SD of converged ones" in said
    assert "population engine" in said


def test_a_job_for_auto_waits_for_its_own_check(workbench, study, tmp_path):
    asked = ("--ranks", 2, "--time", "1:00:00", "--engine", "auto", "--out", tmp_path / "run")
    said = workbench("submit", study, *asked)
    assert "checking" not in said.stderr


def test_the_choice_is_written_and_used_and_a_run_remembers_it(workbench, study, tmp_path):
    done = workbench("calibrate", study, "--each", 1, "--keep-segments", "--workers", 1)
    assert "unseen" in done.stdout
    table = tomllib.loads((study / "calibration.toml").read_text())
    assert table["check"]["share_beyond"] <= 0.05
    assert table["chosen"]["seconds"] <= min(one["seconds"] for one in table["measured"][:2])

    size = ("--population", 4, "--generations", 1, "--workers", 1)
    run = tmp_path / "run"
    workbench("fit", study, "--engine", "auto", *size, "--out", run)
    provenance = json.loads((run / "provenance.json").read_text())
    says = {"cvode_atol": "CVODE", "step_error_mV": "adaptive steps", "dt_ms": "Crank-Nicolson"}
    [expected] = [said for key, said in says.items() if key in table["integrator"]]
    assert expected in provenance["problem"]["integrator"]
    assert "budget 0.25 SD" in provenance["study"]["accuracy"]
    assert "budget 0.25 SD" in (run / "report.html").read_text()
    workbench("resume", run)


def test_each_protocol_is_simulated_with_the_integrator_that_it_was_given(
    workbench, study, tmp_path
):
    """What a mixture costs and how far it is off is known from its parts: they are its parts."""
    mixture = tmp_path / "mixture"
    shutil.copytree(study, mixture)
    loaded = load_study(mixture)
    fine, coarse = adaptive_step(0.001), adaptive_step(0.1)
    setting = Setting(loaded.problem.recipe.segments, fine, (("pulse", coarse),))
    nothing = np.zeros((1, len(loaded.problem.objectives)))
    one = Measured(setting, 1, np.ones(2), nothing, np.array([True]))
    found = Calibration(loaded, 0.25, (), (one,), one, one, 0, nothing.size)
    write_calibration(found, mixture / "calibration.toml")

    def values(*options):
        done = workbench("score", mixture, "--params", "published", "--json", *options)
        return json.loads(done.stdout)["values"]

    mixed = values("--engine", "auto")
    lanes = ("--engine", "population", "--adaptive")
    alone = [values(*lanes, 0.001), values(*lanes, 0.1)]
    assert alone[0] != alone[1]
    for objective in loaded.problem.objectives:
        expected = alone[objective.protocol == "pulse"]
        assert mixed[objective.name] == expected[objective.name]

    size = ("--population", 4, "--generations", 2, "--workers", 2)
    run = tmp_path / "run"
    workbench("fit", mixture, "--engine", "auto", *size, "--out", run)
    provenance = json.loads((run / "provenance.json").read_text())
    said = "population engine, adaptive steps"
    assert provenance["problem"]["integrator"] == f"{said} 0.001 mV; pulse: {said} 0.1 mV"
    workbench("resume", run)


def test_auto_excludes_a_step_of_ones_own(workbench, study):
    given = ("--params", "published", "--engine", "auto", "--dt", 1)
    refused = workbench("score", study, *given, code=2)
    assert "leave --dt, --order, --cvode and --adaptive out" in " ".join(refused.stderr.split())
