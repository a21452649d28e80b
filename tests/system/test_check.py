"""The check before a fit whose study does not say how it is simulated."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.system.command import COMMAND, REPOSITORY, Run
from tests.system.running import MPIRUN, table
from workbench.resources import cache_folder

SIZE = ("--population", "4", "--generations", "1", "--workers", "1")
OWN = "[integrator]\ndt_ms = 0.01\norder = 2\n"
CHECKING = "checking what is quick and exact enough"
WITHIN = r"(\d+) % of (\d+) feature values of \d+ individuals are within 0.25 SD"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The squid's patch without a word on how it is simulated."""
    folder = tmp_path / "squid"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", folder)
    said = (folder / "study.toml").read_text()
    assert OWN in said
    (folder / "study.toml").write_text(said.replace(OWN, ""))
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


def provenance(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "provenance.json").read_text())
    return found


def test_it_is_made_once_said_and_frozen_in_the_run(
    workbench: Run, study: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    first = workbench("fit", study, *SIZE, "--out", "one", **cache)
    assert CHECKING in first.stderr
    percent, pairs = map(int, re.search(WITHIN, first.stderr).groups())  # type: ignore[union-attr]
    assert percent >= 95
    assert pairs >= 20
    told = provenance(tmp_path / "one")
    assert re.match(WITHIN, told["study"]["accuracy"])
    assert told["problem"]["integrator"].startswith("population engine, adaptive steps")
    report = (tmp_path / "one" / "report.html").read_text()
    assert told["study"]["accuracy"] in report
    [verified] = re.findall(r"the best individual computed without .*", first.stdout)
    assert verified in report
    exact = json.loads((tmp_path / "one" / "exact.json").read_text())
    assert len(exact["moves_SD"]) == 4
    assert max(exact["moves_SD"].values()) <= 0.25

    second = workbench("fit", study, *SIZE, "--out", "two", **cache)
    assert CHECKING not in second.stderr
    assert table(tmp_path / "one") == table(tmp_path / "two")

    # A run goes on as it began, whatever a check would find now.
    shutil.rmtree(tmp_path / "cache" / "checks")
    gone_on = workbench("resume", "one", "--generations", 2, "--workers", 1, **cache)
    assert CHECKING not in gone_on.stderr
    assert provenance(tmp_path / "one")["study"] == told["study"]
    result = wb.fit(study, out=tmp_path / "two", population=4, generations=1, progress=False)
    assert len(result.evaluations()) == 4
    assert result.moves_SD() == exact["moves_SD"]


def test_ranks_make_it_together(
    workbench: Run, study: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    workbench("fit", study, *SIZE, "--out", "serial", **cache)
    shutil.rmtree(tmp_path / "cache" / "checks")
    fit = [*COMMAND, "fit", str(study), *SIZE[:4], "--out", "ranks"]
    done = subprocess.run(
        [MPIRUN, "-n", "3", *fit],
        cwd=tmp_path,
        check=True,
        timeout=300,
        env={**os.environ, **cache},
        capture_output=True,
        text=True,
    )
    assert done.stderr.count(CHECKING) == 1
    assert table(tmp_path / "ranks") == table(tmp_path / "serial")


def test_a_word_of_the_user_or_of_the_study_stands(
    workbench: Run, study: Path, tmp_path: Path
) -> None:
    fit = ("fit", study, *SIZE)
    said = workbench(*fit, "--engine", "neuron", "--out", "neuron")
    assert CHECKING not in said.stderr
    assert provenance(tmp_path / "neuron")["problem"]["integrator"] == "NEURON, CVODE atol 0.001"
    assert provenance(tmp_path / "neuron")["study"]["accuracy"] == ""
    assert CHECKING not in workbench(*fit, "--cvode", 1e-4, "--out", "cvode").stderr
    with (study / "study.toml").open("a") as file:
        file.write(f"\n{OWN}")
    workbench(*fit, "--out", "own")
    assert "Crank-Nicolson" in provenance(tmp_path / "own")["problem"]["integrator"]


def test_a_precision_leaves_the_rest_to_the_check(
    workbench: Run, study: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    fit = ("fit", study, *SIZE)
    single = workbench(*fit, "--precision", "single", "--out", "single", **cache)
    assert CHECKING in single.stderr
    told = provenance(tmp_path / "single")
    assert told["problem"]["integrator"].startswith("population engine (single precision), adap")
    moved = "; single precision moves 95 % of "
    assert moved in single.stderr
    double = workbench(*fit, "--precision", "double", "--out", "double", **cache)
    assert moved not in double.stderr
    accuracy = provenance(tmp_path / "double")["study"]["accuracy"]
    assert re.match(WITHIN, accuracy)
    assert told["study"]["accuracy"].startswith(accuracy.split(";")[0])


def test_nothing_is_known_of_an_engine_where_nothing_spikes(
    workbench: Run, study: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    for name in ("published.toml", "expected.toml", "axon.toml"):
        (study / name).unlink()
    cell = (study / "cell.toml").read_text()
    assert "gnabar_hh = [0.03, 0.48]" in cell
    (study / "cell.toml").write_text(cell.replace("[0.03, 0.48]", "[0.001, 0.01]"))
    said = workbench("fit", study, *SIZE, "--out", "run", **cache).stderr
    assert "nothing is learnt from those that are silent" in said
    assert "`workbench calibrate squid` looks further" in said
    assert provenance(tmp_path / "run")["study"]["accuracy"].startswith("how exact is not known")
