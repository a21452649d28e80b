"""(f) How many individuals of l5pc a second two MPI ranks evaluate, and how many one does.

The same random individuals, in turns. The clock runs from the first individual's begin to the last
one's end, as the ledger's attempts tell it, so that what mpirun takes to start counts for neither.
"""

import subprocess
import sys
from pathlib import Path

from tests.bench.results import keep
from workbench.evaluations import Ledger

BIN = Path(sys.executable).parent
INDIVIDUALS = 40
TURNS = 2


def test_two_ranks(tmp_path: Path) -> None:
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(TURNS):
        for ranks, found in rates.items():
            found.append(rate(ranks, tmp_path / f"{ranks}-{turn}"))
    best = {ranks: max(found) for ranks, found in rates.items()}
    print(
        f"\n(f) l5pc, {INDIVIDUALS} random individuals, --engine auto: one rank {best[1]:.2f} a "
        f"second, two {best[2]:.2f}: {best[2] / best[1]:.2f} times; the best of {TURNS} turns"
    )
    keep("ranks", {"individuals": INDIVIDUALS, "per_second": rates, "ratio": best[2] / best[1]})


def rate(ranks: int, run: Path) -> float:
    """Return the individuals a second of a fit."""
    fit = ["fit", "l5pc", "--algorithm", "random", "--generations", "1", "--engine", "auto"]
    command = [str(BIN / "mpirun"), "-n", str(ranks), str(BIN / "workbench"), *fit]
    command += ["--population", str(INDIVIDUALS), "--seed", "1", "--out", str(run)]
    # A single rank is no MPI job, and would take a worker for each processor.
    command += ["--workers", "1"] if ranks == 1 else []
    subprocess.run(command, check=True, capture_output=True)
    with Ledger.open(run / "ledger.sqlite") as ledger:
        attempts = ledger.attempts()
    ends = [attempt["ended_at"] for attempt in attempts]
    begins = [attempt["ended_at"] - attempt["seconds"] for attempt in attempts]
    return len(attempts) / (max(ends) - min(begins))
