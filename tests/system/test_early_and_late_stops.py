"""A signal before the fit begins and while its report is made: 75 too, and it goes on."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.system.command import COMMAND, REPOSITORY, Run
from tests.system.running import sessions
from tests.system.test_interrupted_compile import compiling, wait_until


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_a_signal_while_the_mechanisms_are_compiled(tmp_path: Path, number: signal.Signals) -> None:
    temporary, run = tmp_path / "temporary", tmp_path / "run"
    temporary.mkdir()
    begun = subprocess.Popen(
        [*COMMAND, "fit", "l5pc", "--engine", "neuron", "--population", "4", "--out", str(run)],
        env={**os.environ, "TMPDIR": str(temporary), "WORKBENCH_CACHE": str(tmp_path / "cache")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: any("cc1plus" in line for line in compiling(temporary)), begun)
        begun.send_signal(number)
        _, said = begun.communicate(timeout=10)
    finally:
        begun.kill()
    assert begun.returncode == 75, said
    assert said.endswith(f"workbench: {number.name} before the fit began: begin it again\n")
    assert not run.exists()
    wait_until(lambda: compiling(temporary) == [])
    assert list(temporary.iterdir()) == []


def test_a_signal_while_the_report_is_made(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    short = ["--population", "4", "--generations", "2", "--workers", "1", "--out", str(run)]
    begun = subprocess.Popen(
        [*COMMAND, "fit", "hodgkin_huxley", *short],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while not (run / "provenance.json").exists() or sessions(run)[-1:] == []:
        assert time.monotonic() < until
        time.sleep(0.01)
    while sessions(run)[-1]["reason"] != "finished":
        assert begun.poll() is None
        time.sleep(0.005)
    begun.send_signal(signal.SIGTERM)
    _, said = begun.communicate(timeout=30)
    assert begun.returncode == 75, said
    assert f"workbench report {run}" in said
    assert not (run / "report.html").exists()
    workbench("resume", run)
    assert (run / "report.html").exists()


def test_a_fit_in_which_all_fail_says_why(workbench: Run, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", study)
    protocols = study / "protocols.toml"
    protocols.write_text(protocols.read_text().replace("amplitude_nA = 1.0", "amplitude_nA = 1e5"))
    for algorithm in ("ibea", "steady-ibea"):
        run = tmp_path / algorithm
        fit = ["fit", study, "--algorithm", algorithm, "--population", 4, "--generations", 50]
        said = workbench(*fit, "--workers", 1, "--out", run, code=1).stderr
        assert "individuals of the first generation failed in one way: the membrane left" in said
        assert f"Its report: {run / 'report.html'}" in said
        assert "individuals failed: there is no model to show" in (run / "report.html").read_text()
        assert sessions(run)[-1]["reason"].startswith("AllFailed: all 4 individuals")
        assert workbench("resume", run, code=1).stderr.count("failed in one way") == 1
