"""Imported problems have the scores that stock BluePyOpt has on the same files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import workbench as wb
from tests.unit.imports.bluepyopt_models import SET, write_flat, write_recipes
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
