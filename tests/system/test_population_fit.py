"""A fit in lanes: who evaluates how many individuals beside which others changes no bit."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Run
from tests.system.running import MPIRUN, table

FIT = ["fit", "hodgkin_huxley", "--engine", "population", "--population", "20", "--seed", "3"]


@pytest.fixture(scope="module", params=["double", "single"])
def fit(request: pytest.FixtureRequest) -> list[str]:
    return [*FIT, "--precision", request.param]


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, fit: list[str]
) -> list[tuple[object, ...]]:
    run = tmp_path_factory.mktemp("serial") / "run"
    command = [*COMMAND, *fit, "--generations", "2", "--workers", "1", "--out", str(run)]
    subprocess.run(command, check=True)
    [session] = json.loads((run / "provenance.json").read_text())["sessions"]
    assert session["proof"].startswith("proven against NEURON: 6 simulations, ")
    assert session["proof"] in (run / "report.html").read_text()
    return table(run)


def test_workers_and_ranks_give_the_same_table(
    workbench: Run, tmp_path: Path, fit: list[str], undisturbed: list[tuple[object, ...]]
) -> None:
    assert len(undisturbed) == 40
    workbench(*fit, "--generations", 2, "--workers", 2, "--out", tmp_path / "two")
    assert table(tmp_path / "two") == undisturbed
    ranks = ["-n", "3", *COMMAND, *fit, "--generations", "2", "--out", "ranks"]
    subprocess.run([MPIRUN, *ranks], cwd=tmp_path, check=True, timeout=500, env=os.environ)
    assert table(tmp_path / "ranks") == undisturbed


def test_lengthened_it_is_the_same_table(
    workbench: Run, tmp_path: Path, fit: list[str], undisturbed: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "run"
    workbench(*fit, "--generations", 1, "--workers", 2, "--out", run)
    workbench("resume", run, "--generations", 2, "--workers", 1)
    assert table(run) == undisturbed


def test_an_experiment_in_lanes(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text(
        'study = "hodgkin_huxley"\nparams = "published"\nprotocols = ["pulse"]\n'
        'measures = ["soma.v.AP_height"]\n[factors]\nengine = ["neuron", "population"]\n'
        "gnabar_hh.all = [0.1, 0.12, 0.14]\n"
    )
    workbench("experiment", "rates.toml", "--out", "run")
    rows = (tmp_path / "run" / "table.csv").read_text().splitlines()
    place = rows[0].split(",").index("soma.v.AP_height")
    heights = [float(row.split(",")[place]) for row in rows[1:]]
    assert len(heights) == 6
    for one, other in zip(heights[:3], heights[3:], strict=True):
        assert abs(one - other) < 0.5
