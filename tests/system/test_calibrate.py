"""`workbench calibrate`, and `--engine auto` that uses what it found."""

import json
import shutil
import tomllib

import pytest

from tests.system.command import REPOSITORY


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies") / "squid"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", folder)
    return folder


def test_auto_wants_a_calibration(workbench, study):
    refused = workbench("score", study, "--params", "published", "--engine", "auto", code=2)
    assert f"`workbench calibrate {study.name}` makes one" in refused.stderr


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
    tolerance = table["integrator"].get("cvode_atol")
    expected = "CVODE atol" if tolerance else "Crank-Nicolson"
    assert expected in provenance["problem"]["integrator"]
    assert "budget 0.25 SD" in provenance["study"]["accuracy"]
    assert "budget 0.25 SD" in (run / "report.html").read_text()
    workbench("resume", run)


def test_auto_excludes_a_step_of_ones_own(workbench, study):
    given = ("--params", "published", "--engine", "auto", "--dt", 1)
    refused = workbench("score", study, *given, code=2)
    assert "leave --dt, --order, --cvode and --adaptive out" in " ".join(refused.stderr.split())
