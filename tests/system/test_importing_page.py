"""docs/importing.md, followed word for word with models that the test writes."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Run
from tests.unit.imports.allen_model import write_model
from tests.unit.imports.bluepyemodel_models import RECIPE, write_pipeline
from tests.unit.imports.bluepyopt_models import SET, write_flat
from tests.unit.imports.evaluators import OURS, write_evaluator
from tests.unit.imports.hoc_cells import LOOPS
from tests.unit.imports.netpyne_rules import write_rules
from tests.unit.imports.neuroml_cells import LEAKS, SLOW, cell, write_cell, write_mechanisms
from tests.unit.imports.sonata_network import write_network

PAGE = (REPOSITORY / "docs" / "importing.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def follow(part: str, workbench: Run, folder: Path) -> None:
    """Give the commands of a part of the page, then run its Python."""
    for command in re.findall(r"^\$ workbench (.*)$", part, re.MULTILINE):
        workbench(*shlex.split(command))
    for code in re.findall(r"```python\n(.*?)```", part, re.DOTALL):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr


def test_an_allen_cell(workbench: Run, tmp_path: Path) -> None:
    write_model(tmp_path / "neuronal_model", kind="Biophysical - perisomatic")
    follow(PARTS["An Allen cell in ten minutes"], workbench, tmp_path)
    assert (tmp_path / "step.csv").read_text().startswith("t_ms,soma.v\n")
    assert (tmp_path / "from_python" / "README.md").is_file()


def test_a_problem_of_bluepyopts(workbench: Run, tmp_path: Path) -> None:
    write_flat(tmp_path / "my_problem")
    (tmp_path / "release.json").write_text(json.dumps(SET))
    follow(PARTS["Your BluePyOpt study here"], workbench, tmp_path)
    assert (tmp_path / "runs" / "first" / "report.html").is_file()


def test_a_pipeline_of_bluepyemodels(workbench: Run, tmp_path: Path) -> None:
    write_pipeline(tmp_path / "my_pipeline", recipes={"small": RECIPE, "other": RECIPE})
    follow(PARTS["Your BluePyEModel pipeline here"], workbench, tmp_path)
    head, *rows = (tmp_path / "idrest.csv").read_text().splitlines()
    assert head.split(",")[:2] == ["t_ms", "soma.v"]
    # hh fires on 0.35 nA.
    assert max(float(row.split(",")[1]) for row in rows) > 0


def test_an_evaluator_in_python(workbench: Run, tmp_path: Path) -> None:
    write_evaluator(tmp_path / "model").rename(tmp_path / "small.py")
    (tmp_path / "model" / "cell.swc").rename(tmp_path / "cell.swc")
    (tmp_path / "values.json").write_text(json.dumps(OURS))
    follow(PARTS["An evaluator in Python"], workbench, tmp_path)
    assert (tmp_path / "from_create_too" / "README.md").is_file()
    said = workbench("import", "bluepyopt", "small.py:create", "--out", "out", code=2).stderr
    assert "workbench import bluepyopt small.py:create --trust-python" in said
    assert "Traceback" not in said


def test_a_model_in_hoc(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "cell.hoc").write_text(LOOPS)
    follow(PARTS["A ModelDB model here"], workbench, tmp_path)
    lines = (tmp_path / "clamps.csv").read_text().splitlines()
    assert lines[0] == "t_ms,soma.v"
    # hh with twice its sodium fires on 0.4 nA.
    assert max(float(line.split(",")[1]) for line in lines[1:]) > 0


def test_a_node_of_a_network(workbench: Run, tmp_path: Path) -> None:
    write_network(tmp_path / "network")
    follow(PARTS["A node of a SONATA network"], workbench, tmp_path)
    lines = (tmp_path / "node.csv").read_text().splitlines()
    assert lines[0] == "t_ms,soma.v"
    assert max(float(line.split(",")[1]) for line in lines[1:]) > 0


def test_a_neuroml_cell(workbench: Run, tmp_path: Path) -> None:
    write_cell(tmp_path / "model")
    follow(PARTS["A NeuroML cell here"], workbench, tmp_path)
    assert (tmp_path / "step.csv").read_text().startswith("t_ms,soma.v\n")


def test_the_command_tells_what_it_could_not_say(workbench: Run, tmp_path: Path) -> None:
    path = write_cell(tmp_path / "model", cell(LEAKS + SLOW)) / "small.cell.nml"
    said = workbench("import", "neuroml", str(path), "--out", "bare").stdout
    assert "small, the passive part of a cell of NeuroML" in said
    assert "kslow on way, 36 S_per_m2 (slow): there is no mechanism kslow" in said
    mods = str(write_mechanisms(tmp_path / "mods", "kslow"))
    said = workbench("import", "neuroml", str(path), "--mechanisms", mods, "--out", "whole").stdout
    assert "passive" not in said


def test_a_cell_of_netpynes(workbench: Run, tmp_path: Path) -> None:
    write_rules(tmp_path / "model")
    follow(PARTS["A cell of a NetPyNE model"], workbench, tmp_path)
    lines = (tmp_path / "spikes.csv").read_text().splitlines()
    assert lines[0] == "t_ms,soma.v"
    assert max(float(line.split(",")[1]) for line in lines[1:]) > 0


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_what_is_no_model(workbench: Run, tmp_path: Path, path: str) -> None:
    said = workbench("import", "allen", path, "--out", "out", code=2).stderr
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
