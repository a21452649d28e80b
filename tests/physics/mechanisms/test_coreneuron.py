"""Every shipped mechanism runs in CoreNEURON as it does in NEURON."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import hh_patch, protocol, step, voltage
from workbench.builds import Build
from workbench.cells import Paint
from workbench.engines import Failure, Job, fixed_step
from workbench.mechanisms import read_mechanisms

SUFFIXES = [m.suffix for m in read_mechanisms("hay_l5b").mechanisms]
ALONE = [*(s for s in SUFFIXES if s != "CaDynamics_E2"), "Ca_HVA+CaDynamics_E2+SK_E2"]
ALL = "+".join(SUFFIXES)


@pytest.fixture(scope="module")
def compared(
    hay_build: Build, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Mapping[str, float]]:
    ended = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("clamped_patch.py")),
            str(hay_build.library),
            *ALONE,
            ALL,
        ],
        cwd=tmp_path_factory.mktemp("empty"),
        env={
            **os.environ,
            "CORENEURONLIB": str(hay_build.coreneuron_library),
            "NEURON_MODULE_OPTIONS": "-nogui",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: Mapping[str, Mapping[str, float]] = json.loads(ended.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("suffixes", [*ALONE, ALL])
def test_same_voltage_in_both_engines(
    compared: Mapping[str, Mapping[str, float]], suffixes: str
) -> None:
    run = compared[suffixes]
    assert run["highest_mV"] - run["lowest_mV"] > 10, "the clamp moved nothing"
    assert run["difference_mV"] < 1e-6


LEAK = """\
NEURON { SUFFIX lk NONSPECIFIC_CURRENT i RANGE g }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { g = 1e-4 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v+65) }
"""


def test_a_file_need_not_bear_the_name_of_its_mechanism(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CoreNEURON's function bears the file's name; what it registers bears the mechanism's."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "mods"
    folder.mkdir()
    (folder / "leakage.mod").write_text(LEAK)
    patch = hh_patch()
    patch = replace(
        patch, mechanisms=(read_mechanisms(folder),), inserted=(*patch.inserted, ("all", "lk"))
    )
    plan = protocol(30, step(1.0, 5, 20))
    less, more = (replace(patch, paint=(Paint("g_lk", "all", g),)) for g in (0.0, 3e-4))
    found = run_in_children(
        [
            Job(recipe, plan, fixed_step(0.025, engine=engine))
            for recipe in (less, more)
            for engine in ("neuron", "coreneuron")
        ]
    )
    traces = []
    for outcome in found:
        assert not isinstance(outcome, Failure), outcome.message
        traces.append(voltage(outcome))
    for ours, theirs in (traces[:2], traces[2:]):
        assert np.abs(ours - theirs).max() < 1e-6
    assert np.abs(traces[1] - traces[3]).max() > 1, "the mechanism did nothing in CoreNEURON"
