"""Every shipped mechanism runs in CoreNEURON as it does in NEURON."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from workbench.mechanisms import Build, read_mechanisms

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
