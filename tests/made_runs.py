"""Run folders made by hand: two protocols, three objectives, two parameters."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.evaluations import Attempt, Evaluation, Ledger, Row
from workbench.features import Missing
from workbench.runs.provenance import write_provenance
from workbench.runs.record import Record

OBJECTIVES = [
    ("Step.soma.AP_height", "Step", "soma", "AP_height", 20.0, 4.0),
    ("Step.soma.Spikecount", "Step", "soma", "Spikecount", 5.0, 0.5),
    ("bAP.dend1.AP_amplitude", "bAP", "dend1", "AP_amplitude", 45.0, 10.0),
]
PARAMETERS = [
    {"name": "gNa.somatic", "low": 0.0, "high": 2.0, "scale": "linear"},
    {"name": "decay.axonal", "low": 1.0, "high": 100.0, "scale": "log"},
]
PROTOCOLS = [
    {
        "name": "Step",
        "duration_ms": 300.0,
        "stimuli": [
            {"site": "soma(0.5)", "delay_ms": 50.0, "duration_ms": 200.0, "amplitude_nA": 0.5},
            {"site": "soma(0.5)", "delay_ms": 0.0, "duration_ms": 300.0, "amplitude_nA": -0.1},
        ],
        "recordings": ["soma.v"],
    },
    {
        "name": "bAP",
        "duration_ms": 100.0,
        "stimuli": [
            {"site": "soma(0.5)", "delay_ms": 40.0, "duration_ms": 5.0, "amplitude_nA": 1.9}
        ],
        "recordings": ["soma.v", "dend1.v"],
    },
]


def provenance() -> dict[str, Any]:
    """Return the record of a run of 4 generations of 3, as a run writes it."""
    objectives = [
        {
            "name": name,
            "protocol": protocol,
            "location": location,
            "recording": f"{location}.v",
            "feature": feature,
            "mean": mean,
            "std": std,
            "window_ms": [50.0, 250.0],
            "threshold_mV": -20.0,
        }
        for name, protocol, location, feature, mean, std in OBJECTIVES
    ]
    return {
        "schema_version": 1,
        "study": {
            "name": "toy",
            "folder": "/studies/toy",
            "title": "A toy cell",
            "description": "Two channels and three features.",
            "accuracy": "",
        },
        "created": "2026-01-02T03:04:05+00:00",
        "command": ["workbench", "fit", "toy", "--seed", "7"],
        "problem": {
            "digest": "d1g35t",
            "parts": {"cell": "aa", "targets": "bb"},
            "parameters": deepcopy(PARAMETERS),
            "objectives": objectives,
            "protocols": deepcopy(PROTOCOLS),
            "integrator": "NEURON, CVODE atol 0.001",
            "rule": {"missing": 250.0, "cap": 250.0, "failed": 500.0},
            "cell": {
                "morphology": "C060114A7",
                "morphology_digest": "cc",
                "edits": ["scale-lengths region=apical,factor=1.2"],
                "sections": 200,
                "segments": 642,
                "celsius_degC": 34.0,
                "v_init_mV": -65.0,
            },
            "mechanisms": [{"name": "l5pc", "digest": "dd"}],
        },
        "search": {
            "algorithm": "ibea",
            "population": 3,
            "generations": 4,
            "seed": 7,
            "options": {},
        },
        "software": {"python": "3.11.2", "neuron": "9.0.2"},
        "machine": {"host": "box", "system": "Linux", "processor": "P", "cores": 2},
        "git": {"commit": "0123456789abcdef", "dirty": False},
        "sessions": [
            {
                "started": "2026-01-02T03:04:05+00:00",
                "ended": "2026-01-02T03:05:05+00:00",
                "workers": "2 processes",
                "reason": "finished",
            }
        ],
    }


def table(folder: Path) -> list[tuple[Any, ...]]:
    """Return the reproducible part of a run's ledger."""
    db = sqlite3.connect(folder / "ledger.sqlite")
    rows = db.execute("SELECT * FROM evaluations").fetchall()
    db.close()
    return rows


def sessions(folder: Path) -> list[str]:
    """Return how each session of a run ended."""
    record = json.loads((folder / "provenance.json").read_text())
    return [session["reason"] for session in record["sessions"]]


@dataclass
class RunMaker:
    """Writes a run folder bit by bit."""

    folder: Path
    record: dict[str, Any]
    ledger: Ledger

    def add(
        self,
        generation: int,
        individual: int,
        features: Sequence[Sequence[float] | str] = (),
        parameters: Sequence[float] = (1.0, 10.0),
        status: str = "OK",
        scores: Sequence[float] | None = None,
        seconds: float = 2.0,
        worker: str = "child 1",
    ) -> None:
        """Add an individual; a feature is its values, or why there are none."""
        measured = tuple(Missing(f) if isinstance(f, str) else np.array(f) for f in features)
        if scores is None:
            scores = [500.0 if status != "OK" else _score(i, f) for i, f in enumerate(features)]
        row = Row(
            generation,
            individual,
            np.array(parameters, dtype=float),
            Evaluation(measured, status),
            np.array(scores, dtype=float),
        )
        self.ledger.append(row, Attempt(worker, seconds))

    def write_traces(self, **more: Any) -> None:
        """Keep sine waves as the traces of individual (0, 0)."""
        (self.folder / "traces").mkdir(exist_ok=True)
        arrays: dict[str, Any] = {"generation": 0, "individual": 0, "parameters": [1.0, 10.0]}
        for protocol in self.record["problem"]["protocols"]:
            t_ms = np.arange(0, protocol["duration_ms"], 0.025)
            arrays[f"{protocol['name']}/t_ms"] = t_ms
            for recording in protocol["recordings"]:
                arrays[f"{protocol['name']}/{recording}"] = -60 + 20 * np.sin(t_ms / 10)
        np.savez_compressed(self.folder / "traces" / "best.npz", **{**arrays, **more})

    def write(self) -> Path:
        """Write the provenance and return the folder."""
        self.ledger.close()
        write_provenance(self.folder, Record.model_validate(self.record))
        return self.folder


def _score(index: int, feature: Sequence[float] | str) -> float:
    if isinstance(feature, str):
        return 250.0
    *_, mean, std = OBJECTIVES[index]
    return sum(abs(value - mean) / std for value in feature) / len(feature)


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[[], RunMaker]:
    """Return a function that starts an empty run folder."""
    made: list[RunMaker] = []

    def make(**facts: Any) -> RunMaker:
        folder = tmp_path / f"run{len(made)}"
        folder.mkdir()
        ledger = Ledger.create(folder / "ledger.sqlite", {"problem": "d1g35t", **facts})
        ledger._db.execute("PRAGMA synchronous=OFF")  # a test need not survive a power cut
        made.append(RunMaker(folder, provenance(), ledger))
        return made[-1]

    yield make
    for run in made:
        run.ledger.close()


@pytest.fixture
def full_run(new_run: Callable[[], RunMaker]) -> RunMaker:
    """Return a finished run with a failure, a missing feature, a lost attempt and traces."""
    run = new_run()
    for generation in range(4):
        height = 30.0 - 2 * generation
        run.add(generation, 0, [[height, height], [5.0], "there is no spike"], [2.0, 10.0])
        run.add(generation, 1, [[height + 1], [6.1], [50.0]], [1.0 + generation / 100, 1.0])
        absurd = "soma.v is 812 mV at 3.1 ms"
        run.add(generation, 2, [absurd, absurd, [1.0]], [0.5, 50.0], status="ABSURD")
        run.ledger.lost(generation, 2, Attempt("child 2", 9.0, "the worker died (signal 9)"))
        run.ledger.told(generation, b"state")
    run.write_traces(generation=3, individual=1, parameters=[1.03, 1.0])
    return run
