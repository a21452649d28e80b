"""docs/experiments.md, followed: the command line, Python and MPI ranks give one table."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from tests.system.command import COMMAND, REPOSITORY, Run
from tests.system.running import MPIRUN
from workbench.experiments import known

PAGE = (REPOSITORY / "docs" / "experiments.md").read_text()
[(NAME, TEXT)] = re.findall(r"```toml\n# (\w+\.toml)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_text(TEXT)
    return tmp_path / NAME


def test_the_page(workbench: Run, tmp_path: Path, file: Path) -> None:
    """The command's table is Python's, number for number."""
    commands = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 1
    workbench(*shlex.split(commands[0]))
    written = pd.read_csv(tmp_path / "runs" / "rates" / "table.csv", float_precision="round_trip")
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    first, *_ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "page.py").write_text(f"{first}\ntable.to_pickle('table.pkl')\n")
    (tmp_path / "rest.py").write_text(code)
    for page in ("page.py", "rest.py"):
        subprocess.run([sys.executable, page], cwd=tmp_path, check=True, timeout=500)
    table = pd.read_pickle(tmp_path / "table.pkl")
    assert list(written.columns) == list(table.columns)
    assert len(written) == len(table) == 8
    for name in ("soma.v.Spikecount", "soma.v.AP_height"):
        assert written[name].equals(table[name])


def test_ranks_and_a_signal_change_nothing(workbench: Run, tmp_path: Path, file: Path) -> None:
    """The third simulation itself signals the command, if there is one with its number written."""
    (tmp_path / "waves.py").write_text(
        "import os, pathlib, signal\n\n\ndef last(traces):\n"
        f"    number = pathlib.Path({str(tmp_path / 'number')!r})\n"
        "    calls = number.with_name('calls')\n"
        "    if number.exists():\n"
        "        with calls.open('a') as file:\n"
        "            file.write('.')\n"
        "        if calls.stat().st_size == 3:\n"
        "            os.kill(int(number.read_text()), signal.SIGTERM)\n"
        "    return traces['soma.v'].values[-1]\n"
    )
    file.write_text(TEXT.replace("measures = [", 'measures = ["waves:last", '))
    trusted = ["experiment", str(file), "--trust-python", "--out"]
    alone = workbench(*trusted, "alone", "--workers", 1, "--json").stdout
    stopped = shlex.join([*COMMAND, *trusted, "stopped", "--workers", "1"])
    begun = subprocess.run(
        ["sh", "-c", f"echo $$ > number; exec {stopped}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=500,
    )
    (tmp_path / "number").unlink()
    assert begun.returncode == 75, begun.stderr
    assert "what was simulated is kept in stopped; go on with: workbench experiment" in begun.stderr
    assert 2 <= known(tmp_path / "stopped") < 8
    ranks = ["-n", "3", *COMMAND, *trusted, "stopped", "--json"]
    done = subprocess.run(
        [MPIRUN, *ranks], cwd=tmp_path, capture_output=True, text=True, timeout=500, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == json.loads(alone)["rows"]


def test_other_trees_and_engines(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "trees.toml").write_text(
        'study = "hodgkin_huxley"\nparams = "published"\nprotocols = ["pulse"]\n'
        'measures = ["soma.v.AP_height"]\n[cells.patch]\n[cells.two]\n'
        'morphology = "two_compartments"\n[factors.engine]\nfine = { dt = 0.005 }\n'
        "rough = { dt = 0.025 }\n"
    )
    found = json.loads(workbench("experiment", "trees.toml", "--json").stdout)["rows"]
    assert [(row["cell"], row["engine"]) for row in found] == [
        ("patch", "fine"),
        ("patch", "rough"),
        ("two", "fine"),
        ("two", "rough"),
    ]
    cell = wb.load_cell("hodgkin_huxley", params="published")
    two = cell.with_morphology(wb.load_morphology("two_compartments"))
    response = wb.simulate(two, "pulse", engine=wb.EngineChoice(dt=0.025))
    assert found[3]["soma.v.AP_height values"] == [
        float(x) for x in response["soma.v"].features(["AP_height"])["AP_height"]
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"hodgkin_huxley"', '"hodgkin"', "unknown study 'hodgkin'"),
        ("gnabar_hh", "gnabr_hh", "did you mean 'gnabar_hh.all'"),
        ("Spikecount", "Spikecont", "did you mean 'Spikecount'"),
        ('"published"', '"publishd"', "did you mean 'published'"),
    ],
)
def test_a_mistake_is_named(workbench: Run, file: Path, before: str, after: str, said: str) -> None:
    file.write_text(TEXT.replace(before, after))
    assert said in workbench("experiment", file, code=2).stderr
