"""The verbs that only look."""

import json
import math
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from tests.system.command import COMMAND, REPOSITORY, Run

HAY = {
    "Ca_HVA", "Ca_LVAst", "CaDynamics_E2", "Ih", "Im", "K_Pst", "K_Tst", "NaTa_t", "NaTs2_t",
    "Nap_Et2", "SK_E2", "SKv3_1",
}  # fmt: skip


def test_the_version_is_that_of_the_package(workbench: Run) -> None:
    assert workbench("--version").stdout == f"workbench {version('neuron-workbench')}\n"


@pytest.fixture(scope="module")
def checks() -> list[dict[str, str]]:
    """Return what the doctor finds here, in the words of its JSON."""
    done = subprocess.run([*COMMAND, "doctor", "--json"], capture_output=True, check=True)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def test_doctor_finds_everything_here(checks: list[dict[str, str]]) -> None:
    assert {check["state"] for check in checks} <= {"ok", "note"}
    assert any(check["name"] == "C++ compiler" for check in checks)


def test_doctor_simulates_in_every_way(checks: list[dict[str, str]]) -> None:
    ways = {c["name"]: c for c in checks if c["name"].startswith("computes: ")}
    assert set(ways) == {
        "computes: default build",
        "computes: build for this processor",
        "computes: adaptive steps",
        "computes: population engine",
        "computes: CoreNEURON",
    }
    assert all(check["state"] == "ok" and "mV" in check["found"] for check in ways.values())
    proven = ways["computes: population engine"]["found"]
    assert "proven against NEURON: 1 simulation, 0 with spikes, largest difference" in proven


def test_doctor_says_which_way_to_compute_fails_and_why(workbench: Run, tmp_path: Path) -> None:
    """A cache of its own, and a compiler that compiles nothing."""
    broken = tmp_path / "broken"
    broken.write_text(
        "#!/bin/sh\ncase $1 in --version) echo broken 1;; *) echo no >&2; exit 1;; esac\n"
    )
    broken.chmod(0o755)
    own = {"WORKBENCH_CACHE": str(tmp_path / "cache"), "CXX": str(broken)}
    checks = json.loads(workbench("doctor", "--json", code=2, **own).stdout)
    [adaptive] = [check for check in checks if check["name"] == "computes: adaptive steps"]
    assert adaptive["state"] == "missing"
    assert "cannot be compiled" in adaptive["found"]


def test_doctor_names_the_package_of_a_missing_compiler(workbench: Run, tmp_path: Path) -> None:
    checks = json.loads(workbench("doctor", "--json", code=2, PATH=str(tmp_path), CXX="").stdout)
    [compiler] = [check for check in checks if check["name"] == "C++ compiler"]
    assert compiler["state"] == "missing"
    assert "apt-get install g++" in compiler["found"]


def test_mechanisms_list(workbench: Run) -> None:
    listed = json.loads(workbench("mechanisms", "list", "hay_l5b", "--json").stdout)
    assert {entry["mechanism"] for entry in listed} == HAY
    assert {entry["receives"] for entry in listed} == {None}


def test_mechanisms_show_prints_the_text_and_what_is_generated(workbench: Run) -> None:
    assert "SUFFIX SKv3_1" in workbench("mechanisms", "show", "SKv3_1").stdout
    generated = workbench("mechanisms", "show", "SKv3_1", "--generated").stdout
    assert generated.startswith("// s: 0 m\n// shared: 0 celsius, 1 gSKv3_1bar_SKv3_1\n")
    refused = workbench("mechanisms", "show", "EPSPCurrent", "--generated", code=2).stderr
    assert "cannot compute EPSPCurrent.mod, line 39: it calls net_send" in refused


def test_mechanisms_list_says_what_events_drive(workbench: Run) -> None:
    listed = json.loads(workbench("mechanisms", "list", "synapses", "--json").stdout)
    driven = {entry["mechanism"]: entry["receives"] for entry in listed}
    assert driven.pop("EPSPCurrent") is None
    assert set(map(tuple, driven.values())) == {("weight",)}
    assert len(driven) == 5


def test_morphology_list_says_where_the_cell_is(workbench: Run) -> None:
    listed = json.loads(workbench("morphology", "list", "--json").stdout)
    paths = {entry["name"]: entry["path"] for entry in listed}
    assert Path(paths["C060114A7"]).is_file()


BALL_AND_STICK = """
create soma, dend[2]
proc draw() { local i
  soma { L = 20 diam = 20 }
  for i = 0, 1 { connect dend[i](0), soma(i) dend[i] { L = 100 diam = 2 } }
}
draw()
"""


def test_a_hoc_file_of_ones_own_runs_once_it_is_trusted(workbench: Run, tmp_path: Path) -> None:
    study = tmp_path / "optimizations" / "cell"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", study)
    cell = study / "cell.toml"
    cell.write_text(cell.read_text().replace('name = "patch"', 'file = "cell.hoc"'))
    hoc = study / "cell.hoc"
    hoc.write_text(BALL_AND_STICK)
    own = {"WORKBENCH_CACHE": str(tmp_path / "cache")}
    simulate = ["simulate", "cell", "--params", "published", "--protocol", "pulse"]
    refused = workbench(*simulate, code=2, **own).stderr
    advice = f"workbench morphology check {hoc} --trust-hoc"
    assert advice in refused
    assert "morphology.file" in refused
    found = json.loads(workbench(*advice.split()[1:], "--json", **own).stdout)
    assert found["sections"] == {"somatic": 1, "basal": 2}
    assert found["area_um2"] == pytest.approx(math.pi * (20 * 20 + 2 * 100 * 2))
    workbench(*simulate, **own)


def test_simulate_writes_npz(workbench: Run, tmp_path: Path) -> None:
    out = tmp_path / "traces.npz"
    options = ["--params", "release", "--protocol", "bAP", "--dt", "0.05", "--out", out]
    workbench("simulate", "l5pc", *options)
    with np.load(out) as arrays:
        assert set(arrays) == {"bAP/t_ms", "bAP/soma.v", "bAP/dend1.v", "bAP/dend2.v"}
        assert arrays["bAP/soma.v"].max() > 20


def test_runs_and_ledger(workbench: Run, tmp_path: Path) -> None:
    sizes = ["--population", 2, "--generations", 1, "--algorithm", "random"]
    workbench("fit", "l5pc_quick", *sizes, "--out", "runs/one")
    [run] = json.loads(workbench("runs", "--json").stdout)
    assert (run["evaluations"], run["state"]) == (2, "finished")
    rows = json.loads(workbench("ledger", "runs/one", "--json").stdout)
    assert [row["individual"] for row in rows] == [0, 1]
    attempts = json.loads(workbench("ledger", "runs/one", "--attempts", "--json").stdout)
    assert {attempt["outcome"] for attempt in attempts} == {"done"}
