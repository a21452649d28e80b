"""(g) How many simulations of an experiment two workers do a second, and how many one does.

Random trees under the channels of Hodgkin and Huxley, in turns. The clock runs from the first
simulation's begin to the last one's end, as the ledger's attempts tell it.
"""

import subprocess
import sys
from pathlib import Path

from tests.bench.results import keep
from workbench.evaluations import Ledger
from workbench.experiments.doing import LEDGER

TREES = 120
TURNS = 2
EXPERIMENT = f"""
study = "hodgkin_huxley"
params = "published"
protocols = ["step"]
measures = ["soma.v.Spikecount"]

[cells.tree]
generate = "random-tree seed=1,orders=5"

[factors]
morphology.seed = {list(range(1, TREES + 1))}
"""


def test_two_workers(tmp_path: Path) -> None:
    (tmp_path / "trees.toml").write_text(EXPERIMENT)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(TURNS):
        for workers, found in rates.items():
            found.append(rate(workers, tmp_path, f"{workers}-{turn}"))
    best = {workers: max(found) for workers, found in rates.items()}
    print(
        f"\n(g) {TREES} random trees: one worker {best[1]:.2f} simulations a second, "
        f"two {best[2]:.2f}: {best[2] / best[1]:.2f} times; the best of {TURNS} turns"
    )
    keep("experiment", {"trees": TREES, "per_second": rates, "ratio": best[2] / best[1]})


def rate(workers: int, folder: Path, run: str) -> float:
    """Return the simulations a second of the experiment."""
    command = [str(Path(sys.executable).parent / "workbench"), "experiment", "trees.toml"]
    command += ["--workers", str(workers), "--out", run]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with Ledger.open(folder / run / LEDGER) as ledger:
        attempts = ledger.attempts()
    ends = [attempt["ended_at"] for attempt in attempts]
    begins = [attempt["ended_at"] - attempt["seconds"] for attempt in attempts]
    return len(attempts) / (max(ends) - min(begins))
