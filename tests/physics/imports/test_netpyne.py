"""An imported cell of NetPyNE's is, and does, what NEURON makes of the same sections by hand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import workbench as wb
from tests.unit.imports.netpyne_rules import write_rules


def test_the_same_cell_and_the_same_voltage(tmp_path):
    study = wb.import_study("netpyne", write_rules(tmp_path / "model"), out=tmp_path / "study")
    script = Path(__file__).with_name("plain_netpyne.py")
    command = [sys.executable, str(script), "0.9"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    by_hand = json.loads(done.stdout.splitlines()[-1])
    cell = wb.load_cell(study)
    sections = cell.morphology.sections
    np.testing.assert_allclose([s.length_um for s in sections], by_hand["length_um"], rtol=1e-9)
    np.testing.assert_allclose([s.area_um2 for s in sections], by_hand["area_um2"], rtol=1e-9)
    ours = wb.simulate(cell, "step", amplitude_nA=0.9)["soma.v"].values
    assert ours.max() > 0
    both = min(len(ours), len(by_hand["v_mV"]))
    assert both > 27990
    np.testing.assert_allclose(ours[:both], by_hand["v_mV"][:both], rtol=0, atol=1e-9)
