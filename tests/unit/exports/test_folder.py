"""The exported folder: everything in it, nothing of the workbench in its script."""

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.exports.small_problem import VALUES, make_problem, stubbed, write_swc
from workbench.cli.exporting import export
from workbench.errors import InputError
from workbench.exports.bluepyopt import write_folder
from workbench.mechanisms import read_mechanisms
from workbench.studies import EngineChoice


def test_folder(tmp_path: Path) -> None:
    file = write_swc(tmp_path)
    problem = make_problem(stubbed(file))
    hay = read_mechanisms("hay_l5b")
    problem = replace(problem, recipe=replace(problem.recipe, mechanisms=(hay,)))
    out = tmp_path / "a" / "out"
    write_folder(problem, {"known": VALUES}, out, file)
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    mechanisms = {f"mechanisms/{name}" for name, _ in hay.sources}
    own = {"evaluator.py", "problem.json", "parameters/known.json", "small.swc"}
    assert there == own | mechanisms
    assert (out / "mechanisms" / "Ih.mod").read_text() == dict(hay.sources)["Ih.mod"]
    assert (out / "small.swc").read_bytes() == file.read_bytes()
    assert json.loads((out / "problem.json").read_text())["morphology"]["file"] == "small.swc"
    assert json.loads((out / "parameters" / "known.json").read_text()) == VALUES


def test_nothing_is_written_over(tmp_path: Path) -> None:
    problem = make_problem(stubbed(write_swc(tmp_path)))
    with pytest.raises(InputError, match="there already"):
        write_folder(problem, {}, tmp_path)


def test_the_script_needs_no_workbench(tmp_path: Path) -> None:
    write_folder(make_problem(stubbed(write_swc(tmp_path))), {}, tmp_path / "out")
    tree = ast.parse((tmp_path / "out" / "evaluator.py").read_text())
    roots = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or ".").partition(".")[0])
    assert roots == {"bluepyopt", "collections", "json", "os", "pathlib", "sys", "typing"}


def test_command_knows_its_formats(tmp_path: Path) -> None:
    as_it_is, out = EngineChoice(), tmp_path / "out"
    axon, published = "hodgkin_huxley", ("published", None, [], None, None)
    with pytest.raises(InputError, match="unknown format 'genesis'"):
        export("l5pc", "genesis", out, None, "release", None, [], None, None, as_it_is, False)
    with pytest.raises(InputError, match="spike_count"):
        export(axon, "bluepyopt", out, None, *published, as_it_is, False)
    with pytest.raises(InputError, match="is a study, not a run"):
        export("l5pc", "python", out, "3", None, None, [], None, None, as_it_is, False)
    with pytest.raises(InputError, match="steps of second order: BMTK has backward Euler alone"):
        export(axon, "sonata", out, None, *published, as_it_is, False)
    first = EngineChoice(dt=0.025, order=1)
    with pytest.raises(InputError, match=r"cannot import bmtk.*pip install bmtk neuron"):
        export(axon, "sonata", out, None, *published, first, False)
    assert not out.exists()
