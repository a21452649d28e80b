"""`workbench calibrate` on a study without published sets, in which nothing spikes by itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.system.command import COMMAND, REPOSITORY, Run
from workbench.fitting import FitTask
from workbench.resources import cache_folder
from workbench.studies import calibrated, load_study
from workbench.workers import ProcessWorkers

PLAIN = Path(__file__).with_name("plain_patch.py")
ROOM = ("--each", "2", "--keep-segments", "--workers", "1")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The squid's patch, of which nobody published anything, and of which few drawn ones spike."""
    folder = tmp_path / "squid"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", folder)
    for name in ("published.toml", "expected.toml", "axon.toml"):
        (folder / name).unlink()
    cell = (folder / "cell.toml").read_text()
    assert "gnabar_hh = [0.03, 0.48]" in cell
    (folder / "cell.toml").write_text(cell.replace("[0.03, 0.48]", "[0.001, 0.14]"))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """Name a cache in which nothing is kept but what was compiled already."""
    folder = tmp_path / "cache"
    folder.mkdir()
    compiled = cache_folder() / "libraries"
    compiled.mkdir(parents=True, exist_ok=True)
    (folder / "libraries").symlink_to(compiled)
    return {"WORKBENCH_CACHE": str(folder)}


def plain(rows: list[list[float]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, PLAIN], input=json.dumps(rows), capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_what_it_states_holds_on_fresh_individuals_in_plain_neuron(
    workbench: Run, study: Path, cache: dict[str, str]
) -> None:
    said = workbench("calibrate", study, "--keep-segments", "--workers", "1", **cache)
    assert "looking for 16 individuals that do what the targets ask" in said.stderr
    assert "simulations of individuals will take about" in said.stderr
    table = tomllib.loads((study / "calibration.toml").read_text())
    assert min(table["chosen"]["doing"], table["check"]["doing"]) >= 8
    assert table["check"]["share_beyond_doing"] <= 0.05

    loaded = load_study(study)
    found = calibrated(loaded)
    assert found is not None
    problem = found[0].apply(loaded).problem
    drawn = problem.physical(np.random.default_rng(2026).random((200, 3)))
    pairs = list(zip(drawn, plain(drawn.tolist()), strict=True))
    fresh = [(row, one) for row, one in pairs if None not in one.values()][:15]
    assert len(fresh) == 15
    rows = np.array([row for row, _ in fresh])
    with ProcessWorkers(1) as workers:
        answers = sorted(workers.run(FitTask(problem), rows), key=lambda answer: answer.row)
    errors_SD = [
        abs(np.mean(measured) - one[objective.name]) / objective.std
        for answer, (_, one) in zip(answers, fresh, strict=True)
        for objective, measured in zip(problem.objectives, answer.value.measured, strict=True)
    ]
    # Of 60 pairs 3 may be beyond the budget, give or take 1.7 (the binomial's deviation).
    assert np.sum(np.array(errors_SD) > table["budget_SD"]) <= 3 + 2 * 1.7
    assert np.median(errors_SD) <= table["check"]["quantile95_SD_doing"]


def test_nothing_is_certified_where_nothing_spikes(workbench: Run, study: Path) -> None:
    cell = (study / "cell.toml").read_text()
    (study / "cell.toml").write_text(cell.replace("[0.001, 0.14]", "[0.001, 0.01]"))
    refused = workbench("calibrate", study, *ROOM, code=1).stderr
    assert "Traceback" not in refused
    for words in ("4 are needed", "step.soma.spike_intervals (0)", "published.toml"):
        assert words in refused
    assert not (study / "calibration.toml").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_one_that_was_stopped_goes_on(
    workbench: Run, study: Path, cache: dict[str, str], sent: signal.Signals
) -> None:
    command = [*COMMAND, "calibrate", str(study), *ROOM]
    with subprocess.Popen(
        command, env={**os.environ, **cache}, stderr=subprocess.PIPE, text=True
    ) as running:
        kept = Path(cache["WORKBENCH_CACHE"]) / "individuals"
        begun = time.monotonic()
        while len(list(kept.rglob("*.json"))) < 50 and time.monotonic() < begun + 120:
            time.sleep(0.05)
        running.send_signal(sent)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 75, said
    assert "what was simulated is kept, and the same command goes on" in said
    assert not (study / "calibration.toml").exists()
    before = {file: file.stat().st_mtime_ns for file in kept.rglob("*.json")}
    assert before
    workbench("calibrate", study, *ROOM, **cache)
    assert all(file.stat().st_mtime_ns == when for file, when in before.items())
    assert (study / "calibration.toml").exists()
