"""An imported NeuroML cell is the cable that NEURON makes of the same numbers, typed by hand."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.unit.imports.neuroml_cells import NONUNIFORM, cell, write_cell
from workbench.morphology import parse_site
from workbench.protocols import Recording

OURS = {
    "soma": "soma[0]",
    "trunk": "apic[0]",
    "oblique": "apic[1]",
    "dend": "dend[0]",
    "axon": "axon[0]",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    script = Path(__file__).with_name("plain_neuroml.py")
    folder = tmp_path_factory.mktemp("plain")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = write_cell(tmp_path_factory.mktemp("model"), cell(NONUNIFORM))
    return wb.import_study("neuroml", folder / "small.cell.nml", out=folder / "out")


def test_the_same_geometry_and_leak(plain, study):
    recipe = study.problem.recipe
    tree = recipe.morphology
    leak = {tree.names[p.section]: p.values for p in recipe.painted() if p.variable == "g_pas"}
    assert {*tree.names} == {*OURS.values()}
    for theirs, name in OURS.items():
        index, one = tree.index(name), plain[theirs]
        section, count = tree.sections[index], recipe.segment_counts[index]
        assert count == len(one["areas_um2"])
        assert section.length_um == pytest.approx(one["length_um"], rel=1e-12)
        areas_um2 = section.areas_um2(np.linspace(0, 1, count + 1))
        assert areas_um2 == pytest.approx(one["areas_um2"], rel=1e-9)
        if theirs != "oblique":
            assert float(tree.path_distance_um(index, 0.5)) == pytest.approx(one["from_soma_um"])
        if one["g_pas"] is None:
            assert name not in leak
        else:
            assert np.broadcast_to(leak[name], count) == pytest.approx(one["g_pas"], rel=1e-6)


def test_the_same_voltage(plain, study):
    recordings = tuple(Recording(n, parse_site(f"{ours}(0.5)")) for n, ours in OURS.items())
    step = replace(study.protocol("step"), duration_ms=150.0, recordings=recordings)
    found = wb.simulate(wb.load_cell(study), step, engine=wb.EngineChoice(dt=0.025))
    for theirs in OURS:
        v = np.array(plain[theirs]["v"])
        ours = found[f"{theirs}.v"].values
        assert abs(len(v) - len(ours)) <= 1
        both = min(len(v), len(ours))
        np.testing.assert_allclose(ours[:both], v[:both], atol=1e-6)
        assert v[-1] - v[3900] > 5
