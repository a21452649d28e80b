"""What the check of diameters calls an error is one in plain NEURON, and what it lets pass is none.

A cable of membrane of 1e-3 S/cm2, far shorter than its length constant, is nearly as depolarised
at its end as the soma; behind a point without thickness there is NaN, or the resting potential.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench.morphology import Morphology, Section, check_morphology

CHILD = Path(__file__).parent / "thin_points_child.py"
SOUND = [[2, 2], [2, 0], [2, 1, 0], [2, 1e-9]]
WRONG = [[0, 2], [2, 0, 2], [2, 0, 0], [0, 0], [2, 0, 0, 2], [2, 1e-5, 2]]


def severities(diameters_um):
    points = [(20 * i, 0, 0, diameter) for i, diameter in enumerate(diameters_um)]
    soma = Section("somatic", -1, 0, np.array([[-5, 0, 0, 10.0], [5, 0, 0, 10]]))
    dendrite = Section("basal", 0, 0.5, np.array(points, dtype=float))
    return {one.severity for one in check_morphology(Morphology("cell", (soma, dendrite)))}


@pytest.fixture(scope="module")
def voltages_mV():
    lists = [",".join(map(str, diameters)) for diameters in SOUND + WRONG]
    command = [sys.executable, str(CHILD), *lists]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    return {tuple(d): v for d, v in zip(SOUND + WRONG, found, strict=True)}


@pytest.mark.parametrize("diameters_um", SOUND, ids=str)
def test_a_cable_that_is_let_pass_is_one_cable(diameters_um, voltages_mV):
    assert severities(diameters_um) <= {"remark"}
    for soma_mV, end_mV in voltages_mV[tuple(diameters_um)]:
        assert soma_mV > -60
        assert (end_mV + 65) / (soma_mV + 65) > 0.95


@pytest.mark.parametrize("diameters_um", WRONG, ids=str)
def test_a_cable_that_is_refused_is_cut_or_without_a_number(diameters_um, voltages_mV):
    assert severities(diameters_um) == {"error"}
    for soma_mV, end_mV in voltages_mV[tuple(diameters_um)]:
        cut = abs(end_mV + 65) < 0.05 * abs(soma_mV + 65)
        assert cut or np.isnan(soma_mV) or np.isnan(end_mV)
