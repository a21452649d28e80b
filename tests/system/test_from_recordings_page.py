"""docs/from-recordings.md, followed word for word."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import COMMAND, REPOSITORY, Refused

PAGE = (REPOSITORY / "docs" / "from-recordings.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
CODE = [text for kind, text in BLOCKS if kind == "python"]
TYPED = [text.removeprefix("$ workbench ") for kind, text in BLOCKS if kind == "console"]
SAID = [text for kind, text in BLOCKS if not kind]


def python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def typed(line: str, folder: Path) -> str:
    """Return what a line of the page prints; the shell has its `*`."""
    words = " ".join(map(shlex.quote, COMMAND))
    done = subprocess.run(
        ["bash", "-c", f"{words} {line}"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the recordings that the page makes."""
    found = tmp_path_factory.mktemp("page")
    python(CODE[0], found)
    return found


def test_what_is_typed_prints_what_the_page_shows(folder: Path) -> None:
    assert typed(TYPED[0], folder) == SAID[0]


def test_targets_are_the_files_of_a_study(folder: Path) -> None:
    assert typed(TYPED[1], folder) == SAID[1]
    [(name, study)] = re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
    (folder / name).write_text(study)
    scores = json.loads(typed(f"{TYPED[2].strip()} --json", folder))["scores"]
    # The patch is silent: 12 spikes are missing, in units of the floor of half a spike.
    assert scores["step_100.soma.Spikecount"] == 24
    assert len(scores) == 15
    *aims, figures, files = python(CODE[2], folder).splitlines()
    assert aims[-2:] == [
        "AP_height 36.8 2 ('steps_2', 'steps_3')",
        "voltage_base -70.0 2 ('steps_2', 'steps_3')",
    ]
    assert figures == "['step_100pA.steps_2.svg', 'step_100pA.steps_3.svg']"
    assert files == "['targets.toml', 'protocols.toml']"


def test_the_python(folder: Path) -> None:
    *_, names, last = python(CODE[1], folder).splitlines()
    assert names == "['steps_0', 'steps_1', 'steps_2'] ['steps_3']"
    assert last == "200.0 12 (10000,) 0.1"


def test_slips(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time_ms,v_mV\n0,-70\n1,-70\n2,-70\n")
    assert "Give the step: --step DELAY_ms,DURATION_ms,CURRENT_nA" in refused("recordings", "a.csv")
    said = refused("recordings", "a.csv", "--step", "1,x")
    assert "write --step DELAY,DURATION,CURRENT" in said
    assert "write --unit WHAT=UNIT" in refused("recordings", "a.csv", "--unit", "mV")
    step = ["--step", "0,2,0.1"]
    said = refused("features", "a.csv", *step, "--setting", "x")
    assert "write --setting NAME=VALUE" in said
    assert "write --window BEGIN,END" in refused("features", "a.csv", *step, "--window", "1")
    (tmp_path / "a.json").write_text('{"AP_height": [1, 2]}')
    assert "features FEATURES.json PROTOCOLS.json --out" in refused("features", "a.json")
    said = refused("features", "a.json", "--out", "t.toml")
    assert "give the step: --step DELAY_ms,DURATION_ms,CURRENT_nA" in said
    assert "unknown reason 'nois'" in refused("features", "a.csv", *step, "--without", "nois")
    assert "the ending says the format" in refused("recordings", "a.csv", "--out", "a.xls")
