"""Imported pipelines have the scores that their rules give in stock BluePyOpt."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import workbench as wb
from tests.unit.imports.bluepyemodel_models import SET, write_pipeline


@pytest.mark.parametrize("modifiers", [["bluepyopt_replace_axon"], None], ids=["stub", "taper"])
def test_stock_has_the_same_scores(tmp_path, modifiers):
    folder = write_pipeline(tmp_path / "pipe", settings={"morph_modifiers": modifiers})
    study = wb.import_study("bluepyemodel", folder, out=tmp_path / "study")
    script = Path(__file__).with_name("plain_bluepyemodel.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)],
        input=json.dumps(SET),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    stock = json.loads(done.stdout.splitlines()[-1])
    scores = {
        name.replace(".soma_2.", ".soma."): score
        for name, score in wb.score(study, study.values("small__first__1")).items()
    }
    assert scores == pytest.approx({n.replace(".v.", "."): s for n, s in stock.items()}, abs=1e-6)
    # The cell fires, so that the comparison says something.
    assert 0 < scores["IDrest_150.soma.mean_frequency"] < 100
