"""Both modes of a fit on 1 to 4,096 simulated ranks: how much of their time is of use.

Rank 0's own work is real, see `simulated_cluster`; evaluations take as long as those measured of
l5pc. A generational fit waits for the slowest of each generation, the asynchronous one for nobody.
"""

import time
from dataclasses import asdict

import numpy as np

from tests.bench.evaluation_times import read_times_s
from tests.bench.individuals import STUDY
from tests.bench.results import keep
from tests.bench.simulated_cluster import (
    Account,
    DISK_s,
    LOOK_s,
    MPI_CALL_s,
    NETWORK_s,
    SimulatedCluster,
    go_on,
    in_memory,
    simulate,
)
from workbench.studies import load_study

ASYNCHRONOUS, GENERATIONAL = "steady-ibea", "ibea"
GOAL, GOAL_RANKS = 0.95, 512

# Ranks, algorithm, population, generations: about 100 rows a rank and 10 generations where that
# takes seconds. IBEA's selection among 2 x 8,192 takes minutes and 6 GB, so it is left out.
FITS = [
    (1, ASYNCHRONOUS, 100, 1),
    (1, GENERATIONAL, 100, 1),
    (64, ASYNCHRONOUS, 100, 64),
    (64, GENERATIONAL, 64, 10),
    (64, GENERATIONAL, 128, 10),
    (512, ASYNCHRONOUS, 500, 100),
    (512, GENERATIONAL, 512, 10),
    (512, GENERATIONAL, 1024, 10),
    (4096, ASYNCHRONOUS, 500, 320),
    (4096, GENERATIONAL, 4096, 3),
]
ROWS, POPULATION, RANKS = 10_000, 500, 64


def test_simulated_cluster() -> None:
    problem, times_s = load_study(STUDY).problem, read_times_s()
    print(
        f"\n(f) {len(times_s)} evaluations of {STUDY} took {times_s.mean():.2f} s, "
        f"{times_s.min():.2f} to {times_s.max():.2f} s"
    )
    found = [simulate(problem, a, r, p, g, times_s) for r, a, p, g in FITS]
    for account in found:
        report(account)
    constants = {"NETWORK_s": NETWORK_s, "LOOK_s": LOOK_s}
    constants |= {"MPI_CALL_s": MPI_CALL_s, "DISK_s": DISK_s}
    keep(
        "simulated-cluster",
        {"constants": constants, "times_s": times_s.tolist(), "fits": [asdict(a) for a in found]},
    )
    [goal] = [a for a in found if (a.algorithm, a.ranks) == (ASYNCHRONOUS, GOAL_RANKS)]
    assert goal.efficiency >= GOAL


def test_going_on() -> None:
    """How long a fit with 10,000 rows takes to go on: to read and check them, and to replay."""
    problem, generations = load_study(STUDY).problem, ROWS // POPULATION
    spent_s = {}
    for algorithm in (ASYNCHRONOUS, GENERATIONAL):
        with in_memory() as folder:
            for _ in range(2):
                cluster = SimulatedCluster(problem, RANKS, np.ones(1))
                begun = time.process_time()
                path = folder / "ledger.sqlite"
                go_on(problem, algorithm, POPULATION, generations, cluster, path)
                spent_s[algorithm] = time.process_time() - begun
        print(f"\n(f) {algorithm}: going on with {ROWS} rows takes {spent_s[algorithm]:.1f} s")
    keep("going-on", {"rows": ROWS, "cpu_s": spent_s})


def report(a: Account) -> None:
    print(
        f"    {a.ranks:5} ranks, {a.algorithm:11} of {a.population:4}, {a.evaluations:6} rows: "
        f"efficiency {100 * a.efficiency:5.1f} % ({100 * a.efficiency_while_dealt:5.1f} % until "
        f"the last row was dealt); rank 0 computes {100 * a.computing:4.1f} %, "
        f"{a.computing_ms:.2f} ms a row, waits for its disk {100 * a.waiting:4.1f} % in "
        f"{a.commits} commits; away {a.longest_s:.2f} s at most"
    )
