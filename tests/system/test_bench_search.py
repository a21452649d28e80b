"""`workbench bench-search`: each run is the fit of that name, killed or not."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from tests.system.command import COMMAND, Refused, Run

SIZE = ["--searches", "ibea:6,cma:4,steady-ibea:5", "--seeds", 2, "--evaluations", 20]
ASKED = ["bench-search", "hodgkin_huxley", "--engine", "neuron", *SIZE, "--workers", 2]
FOLDERS = {"ibea": "ibea-6", "cma": "cma-4", "steady-ibea": "steady-ibea-5"}


def bests(folder: Path) -> list[float]:
    sums = wb.open_run(folder).evaluations()["sum"].to_numpy()[:20]
    return list(np.minimum.accumulate(sums))


@pytest.fixture(scope="module")
def benched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    place = tmp_path_factory.mktemp("bench")
    done = subprocess.run(
        [*COMMAND, *map(str, ASKED), "--out", "race", "--json"],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    return place / "race", json.loads(done.stdout)


def test_the_table_is_that_of_the_runs(benched: tuple[Path, dict[str, Any]]) -> None:
    folder, told = benched
    assert told["evaluations"] == 20
    for row in told["rows"]:
        ends = [bests(folder / FOLDERS[row["search"]] / f"seed{seed}") for seed in (1, 2)]
        at_end = sorted(end[-1] for end in ends)
        assert [row["least"], row["most"]] == pytest.approx(at_end, abs=6e-4)
        assert row["median at 10"] == pytest.approx(np.mean([e[9] for e in ends]), abs=6e-4)
    medians = [row["median at 20"] for row in told["rows"]]
    assert medians == sorted(medians)
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        "table.csv",
        "steps.csv",
        "curves.svg",
        "curves.png",
    }


def test_a_run_of_it_is_the_fit_of_that_seed(
    benched: tuple[Path, dict[str, Any]], workbench: Run, tmp_path: Path
) -> None:
    plan = ["--algorithm", "cma", "--population", 4, "--generations", 5, "--seed", 2]
    workbench("fit", "hodgkin_huxley", "--engine", "neuron", *plan, "--out", "alone")
    assert bests(tmp_path / "alone") == bests(benched[0] / "cma-4" / "seed2")


def test_one_that_was_killed_goes_on(
    benched: tuple[Path, dict[str, Any]], workbench: Run, tmp_path: Path
) -> None:
    command = [*COMMAND, *map(str, ASKED), "--out", "race"]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("race/*/seed2/ledger.sqlite")) and time.monotonic() < until:
        time.sleep(0.02)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    told = json.loads(workbench(*ASKED, "--out", "race", "--json").stdout)
    assert told["rows"] == benched[1]["rows"]


def test_python_says_the_same(benched: tuple[Path, dict[str, Any]]) -> None:
    heard: list[wb.RaceProgress] = []
    found = wb.bench_search(
        "hodgkin_huxley",
        searches=["ibea:6", "cma:4", "steady-ibea:5"],
        seeds=2,
        evaluations=20,
        engine="neuron",
        out=benched[0],
        progress=heard.append,
    )
    assert found.table().to_dict("records") == benched[1]["rows"]
    assert heard[-1].runs == heard[-1].planned_runs == 6
    assert heard[-1].evaluations == heard[-1].planned == 2 * (24 + 20 + 20)
    assert found.steps().groupby(["search", "seed"])["best"].min().min() == min(
        row["least"] for row in benched[1]["rows"]
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--searches", "ibae"], "did you mean 'ibea'"),
        (["--searches", "ibea:x"], "write ibea:20"),
        (["--searches", "cma:2"], "cma needs population of at least 4, given 2"),
        (["--searches", "cma:0"], "population"),
        (["--seeds", 0], "seeds must be a whole number of at least 1"),
        (["--evaluations", 0], "evaluations must be a whole number of at least 1"),
    ],
)
def test_what_cannot_be_is_refused(options: list[object], said: str, refused: Refused) -> None:
    assert said in refused("bench-search", "hodgkin_huxley", *options)
