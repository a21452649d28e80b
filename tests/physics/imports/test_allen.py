"""An imported Allen model does what the same files do by hand in NEURON."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.unit.imports.allen_model import ACTIVE, GENES, fit, write_model
from workbench.builds import build

# As all-active models have them: all passive values by region, in the genome.
PASSIVE = [
    (part, name, str(value * (1 + number / 5)), "")
    for number, part in enumerate(("soma", "axon", "apic", "dend"))
    for name, value in (("g_pas", 1e-4), ("e_pas", -70.0), ("cm", 1.0), ("Ra", 90.0))
]


@pytest.mark.parametrize(
    ("kind", "tables", "amplitude_nA"),
    [
        ("perisomatic", fit(GENES), 0.15),
        ("all-active", fit([*GENES, *ACTIVE]), 0.2),
        ("all-active", fit([*PASSIVE, *GENES[:2], *ACTIVE], passive=[{"ra": 100}]), 0.4),
    ],
)
def test_the_same_as_by_hand(tmp_path, kind, tables, amplitude_nA):
    folder = write_model(tmp_path / "model", tables)
    study = wb.import_study("allen", folder, out=tmp_path / "study")
    cell = wb.load_cell(study)
    library = build(study.problem.recipe.mechanisms, coreneuron=False).library
    script = Path(__file__).with_name("plain_allen.py")
    command = [sys.executable, str(script), str(library), str(folder), kind, str(amplitude_nA)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    by_hand = json.loads(done.stdout.splitlines()[-1])

    assert sum(cell.recipe.segment_counts) == by_hand["segments"]
    assert cell.morphology.area_um2() == pytest.approx(by_hand["area_um2"], rel=1e-6)
    soma = wb.simulate(cell, "step", amplitude_nA=amplitude_nA)["soma.v"]
    spikes = crossings(soma)
    assert len(spikes) == len(by_hand["spikes_ms"]) > 2
    # Two runs at CVODE's tolerance of 1e-6 part slowly: the sheet gives 0.05 ms to the first ones.
    np.testing.assert_allclose(spikes[:4], by_hand["spikes_ms"][:4], atol=0.01)
    found = np.interp(499, soma.t_ms, soma.values)
    assert found == pytest.approx(by_hand["v_mV"][0], abs=1e-3)


def crossings(trace):
    v, t = trace.values, trace.t_ms
    rise = np.flatnonzero((v[:-1] < -10) & (v[1:] >= -10))
    return t[rise] + (-10 - v[rise]) * (t[rise + 1] - t[rise]) / (v[rise + 1] - v[rise])
