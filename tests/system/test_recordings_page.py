"""docs/recordings.md, followed; and a distance that is known in closed form."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.system.command import REPOSITORY, Refused, Run
from tests.system.running import table
from workbench.arrays import Floats

PAGE = (REPOSITORY / "docs" / "recordings.md").read_text(encoding="utf-8")


def python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page(workbench: Run, tmp_path: Path) -> None:
    """The noise alone is a distance of 1 SD, whole or between the spikes."""
    (tmp_path / "follow").mkdir()
    for name, text in re.findall(r"```toml\n# (follow/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).write_text(text)
    first, last = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    whole, between = python(f"{first}\n{last}", tmp_path).split()
    assert float(whole.strip("[]")) == pytest.approx(0.5, abs=0.05)
    assert float(between.strip("[]")) == pytest.approx(0.5, abs=0.05)
    score, fit = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = workbench(*shlex.split(score), "--json").stdout
    scores = json.loads(said)["scores"]
    assert scores["step.soma.trace"] == pytest.approx(2 * float(between.strip("[]")), abs=0.01)
    assert scores["step.soma.spike_count"] == 0.0
    # The noise moves a crossing by some microseconds.
    assert scores["step.soma.coincidence"] == pytest.approx(0.0, abs=1e-9)
    assert scores["step.soma.explained_variance"] == pytest.approx(0.0, abs=0.01)
    workbench(*shlex.split(fit))
    workbench("rescore", "runs/follow", "--out", "runs/again")
    assert table(tmp_path / "runs/again") == table(tmp_path / "runs/follow")
    assert "recording.csv without spikes" in (tmp_path / "runs/follow/report.html").read_text()


CELL = """\
[conditions]
celsius_degC = 20
v_init_mV = -70
segments = { max_length_um = 100 }
[morphology]
file = "shape.toml"
[mechanisms.insert]
all = ["pas"]
[parameters.all]
cm = 1
Ra = 100
e_pas = -70
g_pas = [1e-5, 1e-3]
"""
SHAPE = """\
source = "one cylinder, as long as it is wide"
[[section]]
region = "somatic"
length_um = 20
diameter_um = 20
"""
PROTOCOLS = """\
[step]
duration_ms = 100
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 20, duration_ms = 60, amplitude_nA = 0.01 },
]
"""
TARGETS = """\
[step.soma.trace]
file = "recording.csv"
window_ms = [0, 100]
sd_mV = 0.5
"""


@pytest.fixture
def passive(tmp_path: Path) -> Path:
    """Return a study of one compartment and the voltage that it has at 1e-4 S/cm2."""
    study = tmp_path / "passive"
    study.mkdir()
    for name, text in (("cell", CELL), ("shape", SHAPE), ("protocols", PROTOCOLS)):
        (study / f"{name}.toml").write_text(text)
    (study / "targets.toml").write_text(TARGETS)
    (study / "study.toml").write_text('title = "passive"\n[integrator]\ncvode_atol = 1e-7\n')
    time_ms = np.arange(0, 100.05, 0.1)
    rows = zip(time_ms.tolist(), voltage_mV(time_ms, 1e-4).tolist(), strict=True)
    text = "time_ms,v_mV\n" + "".join(f"{t},{v}\n" for t, v in rows)
    (study / "recording.csv").write_text(text)
    return study


def voltage_mV(time_ms: Floats, g_S_per_cm2: float) -> Floats:
    """Return how one compartment of pi 20 um 20 um and 1 uF/cm2 is charged and discharged."""
    input_MOhm = 1e-6 / (g_S_per_cm2 * np.pi * 400e-8)
    constant_ms = 1e-3 / g_S_per_cm2
    on, off = (1 - np.exp(-np.clip(time_ms - at, 0, None) / constant_ms) for at in (20, 80))
    found: Floats = -70 + 0.01 * input_MOhm * (on - off)
    return found


def test_a_passive_compartment_in_closed_form(workbench: Run, passive: Path) -> None:
    """Within what a straight line over a step of CVODE's may miss."""
    time_ms = np.arange(0, 100.05, 0.1)
    for g in (1e-4, 2e-4):
        away = (voltage_mV(time_ms, g) - voltage_mV(time_ms, 1e-4)) / 0.5
        said = json.loads(workbench("score", passive, "--set", f"g_pas.all={g}", "--json").stdout)
        [score] = said["scores"].values()
        assert score == pytest.approx(float(np.sqrt(np.mean(away**2))), abs=2e-3)


def test_what_cannot_be_ends_with_words(refused: Refused, passive: Path) -> None:
    file, targets = passive / "recording.csv", passive / "targets.toml"
    text = file.read_text()
    file.write_text(text.replace("time_ms,v_mV", "time_ms,v"))
    assert "must name one column v_mV or v_V, with its unit" in refused("score", passive)
    file.write_text(text)
    targets.write_text(TARGETS.replace("[0, 100]", "[0, 101]"))
    assert "but the protocol ends at 100 ms" in refused("score", passive)
    targets.write_text('[step.soma.spikes]\nfile = "recording.csv"\nwindow_ms = [0, 100]\n')
    assert "has no spike in the window [0, 100] ms" in refused("score", passive)
    targets.write_text(TARGETS)
    (passive / "set.json").write_text('{"g_pas.all": 1e-4}')
    said = refused("export", passive, "--format", "bluepyopt", "--params", passive / "set.json")
    assert "step.soma.trace: a recorded trace" in said
