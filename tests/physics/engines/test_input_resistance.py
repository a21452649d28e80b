"""Input resistances, from the study's files to the score, against the closed form of one sphere."""

import math
from pathlib import Path

import pytest

from workbench.api import fit as fit_study
from workbench.api import load_study, open_run, score, simulate
from workbench.api.cells import load_cell
from workbench.errors import InputError, StudyError

G_S_per_cm2 = 1e-4
AREA_cm2 = 4 * math.pi * (10e-4) ** 2
R_MOhm = 1e-6 / (G_S_per_cm2 * AREA_cm2)
"""795.8 MOhm; the time constant is 10 ms, so that 300 ms are for ever."""
HELD_mV = -70 + 0.005 * R_MOhm
"""Where the second step holds it, from the beginning."""

FILES = {
    "study.toml": 'title = "sphere"\n[integrator]\ndt_ms = 0.025\n'
    '[fit]\nalgorithm = "ibea"\npopulation = 4\ngenerations = 2\n',
    "cell.swc": "1 1 0 0 0 10 -1\n",
    "cell.toml": """
[conditions]
celsius_degC = 22
v_init_mV = -70
[morphology]
file = "cell.swc"
[mechanisms.insert]
all = ["pas"]
[parameters.all]
cm = 1
Ra = 100
e_pas = -70
g_pas = { bounds = [5e-5, 2e-4], scale = "log" }
""",
    "protocols.toml": f"""
[hyp]
v_init_mV = {HELD_mV}
duration_ms = 500
recordings = {{ soma = "soma(0.5)" }}
parameters = {{ amplitude_nA = -0.01, holding_nA = 0.005 }}
[[hyp.stimuli]]
type = "step"
site = "soma(0.5)"
delay_ms = 100
duration_ms = 300
amplitude_nA = "amplitude_nA"
[[hyp.stimuli]]
type = "step"
site = "soma(0.5)"
delay_ms = 0
duration_ms = 500
amplitude_nA = "holding_nA"
""",
    "targets.toml": f"""
[hyp.soma.features]
ohmic_input_resistance = [{R_MOhm}, 1]
ohmic_input_resistance_vb_ssse = [{R_MOhm}, 1]
voltage_deflection = [{-0.01 * R_MOhm}, 0.1]
""",
}
TARGET = "[hyp.soma.features]\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "sphere"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_score_knows_the_current_of_the_protocol(study: Path) -> None:
    scores = score(study, {"g_pas.all": G_S_per_cm2})
    assert scores["hyp.soma.ohmic_input_resistance"] < 0.1
    assert scores["hyp.soma.ohmic_input_resistance_vb_ssse"] < 0.1
    twice = score(study, {"g_pas.all": 2 * G_S_per_cm2})
    assert twice["hyp.soma.ohmic_input_resistance"] == pytest.approx(250.0), "398 SD, capped"


def test_a_fit_meets_the_target(study: Path, tmp_path: Path) -> None:
    fit_study(study, population=6, generations=6, out=tmp_path / "run")
    best = open_run(tmp_path / "run")
    assert best.best["g_pas.all"] == pytest.approx(G_S_per_cm2, rel=0.2)


def test_a_response_in_python_knows_it_too(study: Path) -> None:
    cell = load_cell(study).with_values({"g_pas.all": G_S_per_cm2})
    trace = simulate(cell, "hyp", amplitude_nA=-0.02)["soma.v"]
    found = trace.features(["ohmic_input_resistance", "voltage_base"])
    assert found["ohmic_input_resistance"] == pytest.approx([R_MOhm], rel=1e-3)
    assert found["voltage_base"] == pytest.approx([HELD_mV], abs=0.01)


@pytest.mark.parametrize(
    ("file", "was", "given", "said"),
    [
        ("protocols.toml", "amplitude_nA = -0.01", "amplitude_nA = 0", "no one step of current"),
        ("protocols.toml", "delay_ms = 100", "delay_ms = 0", "the voltage before the stimulus"),
        ("targets.toml", TARGET, f"[hyp.soma]\nwindow_ms = [150, 400]\n{TARGET}", "no one step"),
        ("targets.toml", "voltage_deflection =", "impedance =", "injected current"),
        (
            "targets.toml",
            "voltage_deflection =",
            "multiple_decay_time_constant_after_stim =",
            "several stimuli",
        ),
        (
            "targets.toml",
            TARGET,
            f"[hyp.soma]\nsettings = {{ strict_stiminterval = 3 }}\n{TARGET}",
            "strict_stiminterval is 3.0, it must be true or false",
        ),
    ],
)
def test_what_no_cell_can_have_is_an_error_at_the_start(
    study: Path, file: str, was: str, given: str, said: str
) -> None:
    text = (study / file).read_text()
    (study / file).write_text(text.replace(was, given, 1))
    with pytest.raises(StudyError, match=rf"targets\.toml: hyp\.soma: .*{said}") as caught:
        load_study(study)
    assert isinstance(caught.value, InputError)


def test_settings_may_be_true_and_texts(study: Path) -> None:
    settings = 'settings = { strict_stiminterval = true, voltage_base_mode = "median" }'
    targets = study / "targets.toml"
    targets.write_text(targets.read_text().replace(TARGET, f"[hyp.soma]\n{settings}\n{TARGET}"))
    assert score(study, {"g_pas.all": G_S_per_cm2})["hyp.soma.ohmic_input_resistance"] < 0.1
