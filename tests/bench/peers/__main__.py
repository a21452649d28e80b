"""One reconstructed cell with `hh` in every segment, in Arbor, Jaxley, NEURON and the lanes.

    python -m tests.bench.peers ARBORS_PYTHON JAXLEYS_PYTHON

Programs take turns in processes of their own, on one core, with eight cells that differ in their
sodium conductance (sixteen where a vector has as many lanes, two in NEURON). Each is compared with
itself, converged: what is told is what an individual costs when the farthest of its spikes is off
by 0.1 ms, or less where the coarsest setting tried is nearer. Cells are divided by length here, in
NEURON and in Arbor, and into two compartments a branch in Jaxley; so costs are told a segment too.
What compilers take is not counted.
"""

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import workbench as wb
from tests.bench.peers.asked import Asked
from tests.bench.results import keep

HERE = Path(__file__).parent
ALLOWED_ms = 0.1
ROUNDS = 2
STEPS_ms = (0.1, 0.05, 0.025, 0.0125, 0.00625, 0.001)
ERRORS_mV = (0.3, 0.1, 0.05, 0.02, 0.005, 1e-5)
OURS, TRUTH = "lanes", "lanes, double"
FIRST_ORDER = ("Arbor", "Jaxley, bwd_euler")

Run = dict[str, Any]


def main(arbor: str, jaxley: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        swc = Path(folder) / "cell.swc"
        wb.convert_morphology("C060114A7", swc)
        fixed = Asked(
            swc=str(swc),
            gnabar_S_per_cm2=(0.12, 0.115, 0.125, 0.11, 0.13, 0.105, 0.135, 0.1),
            amplitude_nA=5.0,
            delay_ms=5.0,
            duration_ms=110.0,
            until_ms=120.0,
            longest_um=40.0,
            settings=STEPS_ms,
        )
        sides: list[tuple[list[str], Asked]] = [
            (
                [sys.executable, "-m", "tests.bench.peers.with_workbench"],
                replace(fixed, settings=ERRORS_mV),
            ),
            ([arbor, str(HERE / "with_arbor.py")], fixed),
            ([jaxley, str(HERE / "with_jaxley.py")], fixed),
        ]
        found = [answer(command, asked) for _ in range(ROUNDS) for command, asked in sides]
    ways: dict[str, list[Run]] = {}
    segments: dict[str, int] = {}
    for one in found:
        for way, runs in one["ways"].items():
            segments[way] = one["segments"]
            known = ways.setdefault(way, runs)
            for run, again in zip(known, runs, strict=True):
                run["cpu_s"] = min(run["cpu_s"], again["cpu_s"])
    rows = {way: told(way, ways, segments[way]) for way in ways}
    print(f"\n{'':26}segments  setting  shift, ms  ns a segment and step  ms an individual  times")
    ours = min(row["individual_s"] for way, row in rows.items() if way.startswith(OURS))
    for way, row in rows.items():
        print(
            f"{way:26}{row['segments']:8}{row['setting']:9g}{row['shift_ms']:11.3f}"
            f"{row['segment_step_ns']:23.1f}{1e3 * row['individual_s']:18.1f}"
            f"{row['individual_s'] / ours:7.2f}"
        )
    versions = {one["version"]: sorted(one["ways"]) for one in found}
    keep("peers", {"rows": rows, "ways": ways, "versions_of": versions}, "make bench-peers")


def answer(command: list[str], asked: Asked) -> dict[str, Any]:
    alone = ["taskset", "--cpu-list", "0", *command, asked.text()]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{', '.join(read['ways'])}: done", file=sys.stderr)
    return read


def told(way: str, ways: dict[str, list[Run]], segments: int) -> Run:
    """Return what an individual costs where the farthest spike is off by as much as is allowed.

    On a line between the logarithms of cost and shift of the settings around it.
    """
    truth = true_ms(way, ways)
    runs = ways[way]
    shifts = [shift_ms(run, truth) for run in runs]
    costs_s = [run["cpu_s"] / len(run["spikes_ms"]) for run in runs]
    at = next(place for place, shift in enumerate(shifts) if shift <= ALLOWED_ms)
    individual_s = costs_s[at]
    if at and math.isfinite(shifts[at - 1]):
        slope = math.log(costs_s[at] / costs_s[at - 1]) / math.log(shifts[at] / shifts[at - 1])
        individual_s *= (ALLOWED_ms / shifts[at]) ** slope
    return {
        "segments": segments,
        "setting": runs[at]["setting"],
        "shift_ms": shifts[at],
        "segment_step_ns": 1e9 * costs_s[at] / (runs[at]["steps"] * segments),
        "individual_s": individual_s,
        "shifts_ms": shifts,
    }


def true_ms(way: str, ways: dict[str, list[Run]]) -> list[list[float]]:
    """Return when the spikes of each cell are, by the program itself.

    At its finest setting; programs of first order are led on from there to a step of nothing.
    """
    before, last = ways[TRUTH if way.startswith(OURS) else way][-2:]
    if way not in FIRST_ORDER:
        return list(last["spikes_ms"])
    further = last["setting"] / (before["setting"] - last["setting"])
    return [
        [t + (t - earlier) * further for t, earlier in zip(fine, coarse, strict=True)]
        for fine, coarse in zip(last["spikes_ms"], before["spikes_ms"], strict=True)
    ]


def shift_ms(run: Run, true: list[list[float]]) -> float:
    """Return how far the farthest spike of all cells is off; a lost one is infinitely far."""
    worst = 0.0
    for number, spikes in enumerate(run["spikes_ms"]):
        other = true[number % len(true)]
        if len(spikes) != len(other):
            return math.inf
        worst = max([worst, *(abs(a - b) for a, b in zip(spikes, other, strict=True))])
    return worst


main(*sys.argv[1:])
