"""BluePyOpt's own example of a layer 5 pyramidal cell, fitted as its sdist has it.

Its protocol bAP alone, which takes a tenth of the four. `WORKBENCH_SDISTS` names a folder with the
archive; otherwise pip fetches it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.bench.foreign import sdist
from tests.system.command import COMMAND, Run
from tests.system.running import sessions, table, wait_for_rows

FIT = ["fit-evaluator", "l5pc/l5pc_evaluator.py:create", "--population", "3"]
STOCK = """
import json, sys
sys.path.insert(0, "l5pc")
import l5pc_evaluator
stock = l5pc_evaluator.create()
told = [stock.init_simulator_and_evaluate_with_lists(row) for row in json.load(sys.stdin)]
print(json.dumps([[float(score).hex() for score in scores] for scores in told]))
"""


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Copy the example, with its mechanisms compiled, into a folder, and return that."""
    try:
        found = sdist("bluepyopt") / "examples" / "l5pc"
    except subprocess.CalledProcessError:
        pytest.skip("needs BluePyOpt's sdist, which neither pip nor WORKBENCH_SDISTS has")
    folder = tmp_path / "l5pc"
    shutil.copytree(found, folder)
    for name in ("protocols", "features"):
        file = folder / "config" / f"{name}.json"
        file.write_text(json.dumps({"bAP": json.loads(file.read_text())["bAP"]}))
    nrnivmodl = Path(sys.executable).parent / "nrnivmodl"
    subprocess.run([nrnivmodl, "mechanisms"], cwd=folder, check=True, capture_output=True)
    return tmp_path


def test_a_killed_run_goes_on_bit_for_bit_with_scores_of_stock(
    workbench: Run, example: Path
) -> None:
    workbench(*FIT, "--generations", 2, "--workers", 1, "--out", "straight")
    straight = table(example / "straight")
    assert len(straight) == 6

    killed = example / "killed"
    begun = subprocess.Popen(
        [*COMMAND, *FIT, "--generations", "2", "--workers", "2", "--out", "killed"],
        cwd=example,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for_rows(begun, killed, 2)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()
    assert len(table(killed)) < 6
    workbench("resume", killed)
    assert [one["reason"] for one in sessions(killed)] == ["killed", "finished"]
    assert table(killed) == straight

    # Columns: generation, individual, parameters, status, counts, values, reasons, scores.
    rows = [np.frombuffer(row[2]).tolist() for row in straight[:2]]
    stock = subprocess.run(
        [sys.executable, "-c", STOCK],
        cwd=example,
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [[score.hex() for score in np.frombuffer(row[7]).tolist()] for row in straight[:2]]
    assert ours == json.loads(stock.stdout.splitlines()[-1])
