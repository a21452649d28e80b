"""Same seed, same run: for any number of workers, and killed or not."""

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.physics.engines.small_studies import small_study
from tests.system.command import COMMAND, Run
from tests.system.running import table, wait_for_rows

FIT = ["fit", "l5pc_quick", "--seed", "1", "--population", "4", "--generations", "3"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    run = tmp_path_factory.mktemp("serial") / "run"
    subprocess.run([*COMMAND, *FIT, "--workers", "1", "--out", str(run)], check=True)
    assert (run / "report.html").stat().st_size > 10_000
    assert (run / "traces" / "best.npz").is_file()
    return table(run)


def test_the_run_is_whole(undisturbed: list[tuple[object, ...]]) -> None:
    assert [row[:2] for row in undisturbed] == [(g, i) for g in range(3) for i in range(4)]


def test_two_workers_give_the_same_table(
    workbench: Run, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    workbench(*FIT, "--workers", 2, "--out", tmp_path / "two")
    assert table(tmp_path / "two") == undisturbed


TABLED = """\
NEURON { SUFFIX kshift USEION k READ ek WRITE ik RANGE gbar, vshift GLOBAL ninf, ntau }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0.01 (S/cm2) vshift = 0 (mV) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) }
STATE { n }
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar*n^4*(v - ek) }
DERIVATIVE states { rates(v) n' = (ninf - n)/ntau }
PROCEDURE rates(u (mV)) {
    TABLE ninf, ntau FROM -120 TO 80 WITH 200
    ninf = 1/(1 + exp(-(u + 40 - vshift)/9))
    ntau = 2 + 6/(1 + exp((u + 50 - vshift)/10))
}
"""


def test_a_table_that_no_individual_may_inherit(workbench: Run, tmp_path: Path) -> None:
    """NEURON makes it once in a process: individuals hung on who came first to their worker."""
    study = small_study(
        tmp_path / "study",
        {"kshift": TABLED},
        insert='somatic = ["kshift"]',
        parameters="[parameters.somatic]\ngbar_kshift = 0.02\nvshift_kshift = [-20, 20]",
    )
    fit = ["fit", study, "--population", "6", "--generations", "2"]
    for workers in (1, 2):
        said = workbench(*fit, "--workers", workers, "--out", tmp_path / str(workers)).stderr
        assert "kshift.mod: TABLE of vshift" in " ".join(said.split())
    assert table(tmp_path / "1") == table(tmp_path / "2")


def test_killed_in_the_middle_and_resumed_gives_the_same_table(
    workbench: Run, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "killed"
    begun = subprocess.Popen([*COMMAND, *FIT, "--workers", "2", "--out", str(run)], cwd=tmp_path)
    wait_for_rows(begun, run, 5)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    before = table(run)
    assert 5 <= len(before) < 12

    workbench("resume", run, "--workers", 2)
    assert table(run) == undisturbed
    with closing(sqlite3.connect(run / "ledger.sqlite")) as db:
        [(done,)] = db.execute("SELECT count(*) FROM attempts WHERE outcome = 'done'")
    assert done == 12, "what the ledger held was not simulated again"


def test_sigterm_stops_with_75_and_resumes(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "stopped"
    fit = [*FIT[:4], "--population", "8", "--generations", "1", "--workers", "1"]
    command = [*COMMAND, *fit, "--out", str(run)]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_for_rows(begun, run, 2)
    begun.terminate()
    _, said = begun.communicate(timeout=10)
    assert begun.returncode == 75
    assert f"workbench resume {run}" in said

    workbench("resume", run)
    assert len(table(run)) == 8


def test_a_folder_with_a_run_is_refused(workbench: Run, tmp_path: Path) -> None:
    tiny = [*FIT[:4], "--population", 2, "--generations", 1, "--out", tmp_path / "run"]
    workbench(*tiny)
    refused = workbench(*tiny, code=2)
    assert "workbench resume" in refused.stderr
