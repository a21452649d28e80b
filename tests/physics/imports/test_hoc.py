"""An imported hoc cell with channels of its own does what NEURON does with the file."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.unit.imports.allen_model import write_model
from tests.unit.imports.hoc_cells import LOOPS
from workbench.builds import build
from workbench.errors import InputError
from workbench.resources import shipped

CHANNELS = """\
celsius = 34
soma {
    uninsert hh
    insert NaTs2_t insert SKv3_1 insert Ca_HVA insert CaDynamics_E2 insert SK_E2
    gNaTs2_tbar_NaTs2_t = 1 gSKv3_1bar_SKv3_1 = 0.3 gCa_HVAbar_Ca_HVA = 5e-4
    gSK_E2bar_SK_E2 = 0.01 gamma_CaDynamics_E2 = 0.01 decay_CaDynamics_E2 = 150
    ena = 50 ek = -85
}
axon { uninsert hh }
apic[0] { insert Ih gIhbar_Ih = 1e-4 }
apic[1] { insert Ih gIhbar_Ih = 5e-4 }
"""


@pytest.fixture
def model(tmp_path):
    folder = write_model(tmp_path / "model")
    for name in ("Ca_HVA", "CaDynamics_E2", "SK_E2"):
        text = (shipped("mechanisms") / "hay_l5b" / f"{name}.mod").read_text()
        (folder / "modfiles" / f"{name}.mod").write_text(text)
    (folder / "cell.hoc").write_text(LOOPS + CHANNELS)
    return folder


def test_the_same_voltage(model, tmp_path):
    study = wb.import_study("hoc", model / "cell.hoc", trust_hoc=True, out=tmp_path / "study")
    library = build(study.problem.recipe.mechanisms, coreneuron=False).library
    script = Path(__file__).with_name("plain_hoc.py")
    command = [sys.executable, str(script), str(library), str(model / "cell.hoc")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    by_neuron = np.array(json.loads(done.stdout.splitlines()[-1]))
    cell = wb.load_cell(study).with_engine(wb.EngineChoice(dt=0.025))
    ours = wb.simulate(cell, "clamps")["soma.v"].values
    assert ours.max() > 0
    # Both begin with one sample at 0 ms; the sums of steps at the end may differ by one.
    both = min(len(ours), len(by_neuron))
    assert both > 7990
    np.testing.assert_allclose(ours[:both], by_neuron[:both], atol=1e-6)


def test_a_global_that_the_file_changes_is_refused(model, tmp_path):
    mod = model / "modfiles" / "Ih.mod"
    text = mod.read_text()
    assert "PARAMETER {\n" in text
    mod.write_text(text.replace("PARAMETER {\n", "PARAMETER {\n    shift = 3 (mV)\n", 1))
    (model / "cell.hoc").write_text(f"{LOOPS}{CHANNELS}shift_Ih = 7\n")
    with pytest.raises(InputError, match=r"GLOBALs of its mechanisms.*shift_Ih = 7"):
        wb.import_study("hoc", model / "cell.hoc", trust_hoc=True, out=tmp_path / "study")
