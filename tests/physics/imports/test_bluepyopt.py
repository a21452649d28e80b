"""Imported problems have the scores that stock BluePyOpt has on the same files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import workbench as wb
from tests.unit.imports.bluepyopt_models import SET, write_flat, write_recipes
from tests.unit.imports.evaluators import OURS, write_evaluator
from tests.unit.imports.evaluators import SET as THEIRS
from workbench.builds import build

RECIPE_SET = {
    "g_pas.all": 4e-5,
    "gNaTs2_tbar_NaTs2_t.somaxon": 2.0,
    "gSKv3_1bar_SKv3_1.somatic": 0.5,
}


@pytest.mark.parametrize(
    ("family", "write", "values"),
    [("flat", write_flat, SET), ("recipes", write_recipes, RECIPE_SET)],
)
def test_stock_has_the_same_scores(tmp_path, family, write, values):
    folder = write(tmp_path / "problem")
    study = wb.import_study("bluepyopt", folder, out=tmp_path / "study")
    library = build(study.problem.recipe.mechanisms, coreneuron=False).library
    script = Path(__file__).with_name("plain_bluepyopt.py")
    done = subprocess.run(
        [sys.executable, str(script), str(library), str(folder), family],
        input=json.dumps(values),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    stock = json.loads(done.stdout.splitlines()[-1])
    scores = wb.score(study, values, engine=wb.EngineChoice(dt=0.025))
    assert scores.keys() == stock.keys()
    for name, score in scores.items():
        assert score == pytest.approx(stock[name], abs=1e-6)
    # The cell fires, so that the comparison says something.
    assert min(scores.values()) < 20


def test_an_evaluator_scores_itself_alike(tmp_path):
    file = write_evaluator(tmp_path / "model")
    study = wb.import_study("bluepyopt", f"{file}:create", trust_python=True, out=tmp_path / "s")
    run = (
        "import json, small; print(json.dumps(small.create().evaluate_with_dicts(json.loads(%r))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", run % json.dumps(THEIRS)],
        cwd=file.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    stock = json.loads(done.stdout.splitlines()[-1])
    scores = wb.score(study, OURS)
    # One objective is weighted, and recordings that are read in two ways have two names here.
    assert list(scores.values()) == pytest.approx(list(stock.values()), abs=1e-6)
    assert min(scores.values()) > 0
