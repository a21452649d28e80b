"""One attenuation along a cable, as target, expected number and measure, beside its closed form.

Windows begin before the step: the end of a cable has no area, and jumps with the current.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.system.command import Run

LENGTH_um, DIAMETER_um, G_S_per_cm2, RA_ohm_cm = 500.0, 2.0, 1e-4, 100.0

FILES = {
    "cell.toml": f"""\
[conditions]
celsius_degC = 20
v_init_mV = -70
segments = {{ max_length_um = 5 }}
[morphology]
file = "shape.toml"
[mechanisms.insert]
all = ["pas"]
[parameters.all]
cm = 1
Ra = {RA_ohm_cm}
e_pas = -70
g_pas = {G_S_per_cm2}
""",
    "shape.toml": f"""\
source = "one cylinder"
[[section]]
region = "somatic"
length_um = {LENGTH_um}
diameter_um = {DIAMETER_um}
""",
    "protocols.toml": """\
[step]
duration_ms = 120
parameters = { size_nA = 0.01 }
recordings = { here = "soma(0)", there = "soma(1)" }
stimuli = [
    { type = "step", site = "soma(0)", delay_ms = 10, duration_ms = 110, amplitude_nA = "size_nA" },
]
""",
    "targets.toml": """\
[step.here]
window_ms = [0, 120]

[step.there]
window_ms = [0, 120]

[double.here]
window_ms = [0, 120]

[step.here.to.there]
window_ms = [0, 120]
features = { attenuation = [1, 1] }

[[compare]]
what = "step.here.swing / step.there.swing"
target = [1, 1]

[[compare]]
what = "double.here.swing - step.here.swing"
target = [0, 1]
""",
    "study.toml": """\
title = "a cable"
[integrator]
cvode_atol = 1e-6
[protocols.double]
like = "step"
parameters = { size_nA = 0.02 }
""",
    "expected.toml": """\
[[number]]
name = "attenuation"
source = "cosh of the electrotonic length"
what = "step.here.to.there.attenuation"
values = [{attenuation}]
relative = 1e-3

[[number]]
name = "ratio"
source = "cosh of the electrotonic length"
what = "step.here.swing / step.there.swing"
values = [{attenuation}]
relative = 1e-3

[[number]]
name = "difference"
source = "coth over the conductance of the infinite cable"
what = "double.here.swing - step.here.swing"
values = [{input_mV}]
relative = 1e-3
""",
    "experiment.toml": """\
protocols = ["step"]
window_ms = [0, 120]
measures = [
    "here.v.to.there.attenuation",
    "here.v.swing / there.v.swing",
    "here.v.swing - there.v.swing",
    "here.v.swing",
]

[factors]
step.size_nA = [0.01, 0.02]
""",
}


@pytest.fixture
def attenuation() -> float:
    """Return cosh(l / lambda), of a sealed cable; the steady state of its equation."""
    return math.cosh(LENGTH_um / lambda_um())


def lambda_um() -> float:
    return 1e4 * math.sqrt(1e-4 * DIAMETER_um / (4 * RA_ohm_cm * G_S_per_cm2))


@pytest.fixture
def input_mV() -> float:
    """Return 0.01 nA times lambda r_i coth(l / lambda), r_i the axial resistance per length."""
    axial_MOhm_per_um = RA_ohm_cm * 1e4 * 1e-6 / (math.pi * DIAMETER_um**2 / 4)
    return 0.01 * lambda_um() * axial_MOhm_per_um / math.tanh(LENGTH_um / lambda_um())


@pytest.fixture
def cable(tmp_path: Path, attenuation: float, input_mV: float) -> Path:
    study = tmp_path / "cable"
    study.mkdir()
    for name, text in FILES.items():
        if name == "expected.toml":
            text = text.format(attenuation=attenuation, input_mV=input_mV)
        (study / name).write_text(text)
    return study


def test_targets_and_expected_numbers(
    workbench: Run, cable: Path, attenuation: float, input_mV: float
) -> None:
    values = json.loads(workbench("score", cable, "--json").stdout)["values"]
    assert values["step.here.to.there.attenuation"] == [pytest.approx(attenuation, rel=1e-3)]
    ratio = values["step.here.swing / step.there.swing"]
    assert ratio == [pytest.approx(attenuation, rel=1e-3)]
    difference = values["double.here.swing - step.here.swing"]
    assert difference == [pytest.approx(input_mV, rel=1e-3)]
    entries = json.loads(workbench("reproduce", cable, "--json").stdout)
    assert [one["holds"] for one in entries] == [True] * 3
    assert entries[1]["found"] == ratio


def test_measures_of_an_experiment(cable: Path, attenuation: float, input_mV: float) -> None:
    cell = wb.load_cell(cable)
    measures = [
        "here.v.to.there.attenuation",
        "here.v.swing / there.v.swing",
        "here.v.swing - there.v.swing",
    ]
    factors = {"step.size_nA": [0.01, 0.02]}
    window = {"window_ms": (0, 120), "progress": False}
    found = wb.experiment(cell, "step", measures, factors=factors, **window)
    for measure in measures[:2]:
        np.testing.assert_allclose(found[measure], attenuation, rtol=1e-3)
    lost = input_mV * (1 - 1 / attenuation)
    np.testing.assert_allclose(found[measures[2]], [lost, 2 * lost], rtol=1e-3)


def test_an_experiment_by_name_and_its_row(workbench: Run, cable: Path, attenuation: float) -> None:
    rows = f"""
[[row]]
name = "twice the current"
source = "cosh of the electrotonic length"
where = {{ "step.size_nA" = 0.02 }}
columns = {{ "here.v.swing / there.v.swing" = [{attenuation}, 0.001] }}
"""
    (cable / "expected.toml").write_text(rows)
    entries = json.loads(workbench("reproduce", cable, "--json").stdout)
    assert [one["holds"] for one in entries] == [True]
