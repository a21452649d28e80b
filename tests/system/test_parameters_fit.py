"""A fit with a free GLOBAL, one parameter for three regions, a tie and a balanced leak.

The targets are what a cell with known parameters does, so that those are the answer.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import workbench as wb
from tests.system.command import REPOSITORY, Run
from tests.system.running import table
from workbench.studies import load_study

KG = """\
NEURON { SUFFIX kg NONSPECIFIC_CURRENT i RANGE g, ninf GLOBAL half }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { g = 1e-4 (S/cm2) half = -40 (mV) }
ASSIGNED { v (mV) i (mA/cm2) ninf }
STATE { n }
INITIAL { n = 1/(1 + exp(-(v - half)/9)) }
BREAKPOINT { SOLVE states METHOD cnexp i = g*n*(v + 90) }
DERIVATIVE states { ninf = 1/(1 + exp(-(v - half)/9)) n' = (ninf - n)/10 }
"""
FILES = {
    "mods/kg.mod": KG,
    "shape.toml": """\
source = "Four cylinders"
section = [
    { region = "somatic", length_um = 20, diameter_um = 20 },
    { region = "axonal", length_um = 100, diameter_um = 1, parent = 0 },
    { region = "basal", length_um = 200, diameter_um = 2, parent = 0 },
    { region = "apical", length_um = 400, diameter_um = 3, parent = 0 },
]
""",
    "cell.toml": """\
[conditions]
celsius_degC = 22
v_init_mV = -70
[morphology]
file = "shape.toml"
[regions]
somadend = ["somatic", "basal", "apical"]
[mechanisms]
folders = ["mods"]
[mechanisms.insert]
all = ["pas", "kg"]
[parameters.all]
cm = 1
Ra = 100
e_pas = { balance_mV = -70 }
[parameters.somadend]
g_pas = { bounds = [1e-5, 1e-3], scale = "log" }
[parameters.axonal]
g_pas = "3 * g_pas.somadend"
[parameters.global]
half_kg = [-55, -20]
""",
    "protocols.toml": """\
[up]
duration_ms = 250
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 50, duration_ms = 150, amplitude_nA = 0.2 },
]
[down]
duration_ms = 250
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 50, duration_ms = 150, amplitude_nA = -0.1 },
]
""",
    "study.toml": """\
title = "Known"
[integrator]
dt_ms = 0.1
[fit]
algorithm = "cma"
population = 8
generations = 30
seed = 1
""",
}
TRUTH = {"g_pas.somadend": 1e-4, "half_kg": -45.0}
KILLED_AFTER = 36
"""Evaluations: half a generation of eight is done then."""
FEATURES = ("voltage_base", "steady_state_voltage_stimend")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known") / "known"
    (folder / "mods").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def aims(study: Path, values: dict[tuple[str, str], float]) -> None:
    """Write targets with a standard deviation of 0.1 mV."""
    lines = []
    for name in ("up", "down"):
        lines.append(f"[{name}.soma.features]")
        lines += [f"{one} = [{values.get((name, one), -70.0)!r}, 0.1]" for one in FEATURES]
    (study / "targets.toml").write_text("\n".join(lines) + "\n")


def killed_in_a_generation(study: str, out: str) -> None:
    """Fit with two workers, and kill this process in the middle."""

    def tell(progress: wb.Progress) -> None:
        if progress.evaluations == KILLED_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)

    wb.fit(study, out=out, generations=15, workers=2, progress=tell)


def test_the_truth_is_found_and_found_again_by_two_workers_and_when_killed(
    workbench: Run, study: Path, tmp_path: Path
) -> None:
    aims(study, {})
    assert load_study(str(study)).problem.parameter_names == tuple(TRUTH)
    (tmp_path / "truth.json").write_text(json.dumps(TRUTH))
    told = workbench("score", study, "--params", "truth.json").stdout
    found = {
        (protocol, feature): float(line.split()[4])
        for line in told.splitlines()
        for protocol in ("up", "down")
        for feature in FEATURES
        if f"{protocol}.soma.{feature}" in line
    }
    aims(study, found)
    workbench("fit", study, "--out", "one", "--workers", 1)
    best = json.loads((tmp_path / "one" / "best.json").read_text())["parameters"]
    assert best["g_pas.somadend"] == pytest.approx(TRUTH["g_pas.somadend"], rel=0.02)
    assert best["half_kg"] == pytest.approx(TRUTH["half_kg"], abs=0.5)
    # The leak balances at -70 mV whatever the two are.
    assert found["up", "voltage_base"] == pytest.approx(-70.0, abs=1e-6)
    workbench("fit", study, "--out", "two", "--workers", 2)
    assert table(tmp_path / "two") == table(tmp_path / "one")
    program = (
        "from tests.system.test_parameters_fit import killed_in_a_generation; import sys; "
        "killed_in_a_generation(*sys.argv[1:])"
    )
    killed = [sys.executable, "-c", program, str(study), str(tmp_path / "three")]
    begun = subprocess.run(killed, cwd=REPOSITORY, timeout=300)
    assert begun.returncode == -signal.SIGKILL
    kept = table(tmp_path / "three")
    assert KILLED_AFTER <= len(kept) < KILLED_AFTER + 8
    workbench("resume", "three", "--workers", 2)
    workbench("resume", "three", "--generations", 30)
    assert {*kept} <= {*table(tmp_path / "three")}
    assert table(tmp_path / "three") == table(tmp_path / "one")
    record = json.loads((tmp_path / "one" / "provenance.json").read_text())
    said = [
        "g_pas.axonal = 3 * g_pas.somadend",
        "e_pas.all balances the membrane of each segment at -70 mV",
        "half_kg = free (GLOBAL)",
    ]
    assert record["problem"]["cell"]["values"] == said
    report = (tmp_path / "one" / "report.html").read_text()
    assert all(one in report for one in said)
