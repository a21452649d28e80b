"""The traces of a run's best individual, `traces/best.npz`, and of those that were picked."""

import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.engines.tasks import simulate
from workbench.evaluations import Row, in_rounds
from workbench.fitting import Problem
from workbench.protocols import Traces, VoltageFile
from workbench.runs.folder import written
from workbench.runs.record import ProblemRecord
from workbench.runs.record_aims import ObjectiveRecord
from workbench.runs.record_protocols import ProtocolRecord
from workbench.runs.recordings import kept_recordings
from workbench.workers.task import Workers

_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Pulse:
    """A stimulus or a train of events, as provenance tells it."""

    begin_ms: float
    end_ms: float
    words: str


@dataclass(frozen=True)
class ProtocolTraces:
    """All recordings of one protocol on one time axis.

    Attributes
    ----------
    t_ms
        Times, (n,).
    recordings
        Values by name (`soma.v`), each (n,), in NEURON's unit of the variable.
    threshold_mV
        Crossings upward of it are spikes.
    recorded
        What recordings are to follow, by their names (`soma.v`).
    """

    protocol: str
    duration_ms: float
    pulses: tuple[Pulse, ...]
    t_ms: Floats
    recordings: Mapping[str, Floats]
    threshold_mV: float = -20.0
    recorded: Mapping[str, VoltageFile] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Pulse, ...]:
        """The pulses that are shorter than the run: not the currents that hold the cell."""
        return tuple(p for p in self.pulses if p.end_ms - p.begin_ms < 0.95 * self.duration_ms)

    def first_event_ms(self) -> float:
        """Return the time of the first spike in any voltage; without one, the first step's start.

        Spikes before the first step do not count if there is one after it.
        """
        start_ms = min((p.begin_ms for p in self.steps), default=0.0)
        spikes_ms = [
            self.t_ms[1:][(v[1:] >= self.threshold_mV) & (v[:-1] < self.threshold_mV)]
            for name, v in self.recordings.items()
            if name.endswith(".v")
        ]
        found = np.concatenate([*spikes_ms, np.empty(0)])
        later = found[found >= start_ms]
        return float((later if later.size else found).min()) if found.size else start_ms


@dataclass(frozen=True)
class KeptTraces:
    """What `traces/best.npz` holds; `note` says why if that is nothing."""

    protocols: tuple[ProtocolTraces, ...] = ()
    key: tuple[int, int] | None = None
    note: str = ""


def keep_best(problem: Problem, folder: Path, best: Row | None, workers: Workers) -> None:
    """Simulate the best individual once more and keep its traces, unless they are there.

    Raises
    ------
    StoppedEarly
        If they cannot be written.
    """
    target = _of_best(folder)
    if best is not None and not holds(target, best):
        _keep(problem, folder, best, target, workers)


def keep_picked(problem: Problem, folder: Path, row: Row, workers: Workers) -> None:
    """Simulate an individual once more and keep its traces, as `traces/2-7.npz` of 2/7.

    Raises
    ------
    StoppedEarly
        If they cannot be written.
    """
    _keep(problem, folder, row, _of_its_own(folder, row), workers)


def traced(folder: Path, rows: Iterable[Row]) -> list[Row]:
    """Return those of some individuals whose traces a run folder has; they may be damaged."""
    try:
        with np.load(_of_best(folder), allow_pickle=False) as kept:
            best = int(kept["generation"]), int(kept["individual"])
    except _BROKEN:
        best = None
    return [
        row
        for row in rows
        if (row.generation, row.individual) == best or _of_its_own(folder, row).is_file()
    ]


def has_traces(folder: Path, row: Row) -> bool:
    """Whether a run folder keeps the traces of an individual."""
    return any(holds(path, row) for path in (_of_best(folder), _of_its_own(folder, row)))


def _keep(problem: Problem, folder: Path, row: Row, target: Path, workers: Workers) -> None:
    arrays: dict[str, Any] = {
        "parameters": row.parameters,
        "generation": np.array(row.generation),
        "individual": np.array(row.individual),
    }
    plan = problem.simulating(problem.cell(row.parameters))
    [found] = in_rounds([plan], lambda jobs: simulate(jobs, workers))
    for outcome in found.outcomes.values():
        if isinstance(outcome, Traces):
            name = outcome.protocol
            arrays[f"{name}/t_ms"] = outcome.t_ms
            arrays |= {f"{name}/{key}": v for key, v in outcome.recorded.items()}
    with written(folder):
        _write(target, arrays)


def _of_best(folder: Path) -> Path:
    return folder / "traces" / "best.npz"


def _of_its_own(folder: Path, row: Row) -> Path:
    return folder / "traces" / f"{row.generation}-{row.individual}.npz"


def read_traces(folder: Path, problem: ProblemRecord, row: Row | None = None) -> KeptTraces:
    """Read the kept traces of a run; a run that has none, or broken ones, has a note instead.

    Parameters
    ----------
    folder
        The run folder.
    problem
        The problem as provenance tells it.
    row
        Whose traces; None is whoever was the best when the run ended.

    Raises
    ------
    LedgerError
        If a recorded voltage of its targets is missing or damaged.
    """
    path = _of_best(folder)
    if row is not None and not holds(path, row):
        path = _of_its_own(folder, row)
    if not path.is_file():
        return KeptTraces(note="The run kept no traces: it does so when it ends.")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        key = int(arrays["generation"]), int(arrays["individual"])
    except _BROKEN as error:
        return KeptTraces(note=f"traces/{path.name} cannot be read: {error}")
    recorded = kept_recordings(folder, problem)
    protocols = [
        _protocol(entry, arrays, problem.objectives, recorded)
        for entry in problem.protocols
        if f"{entry.name}/t_ms" in arrays
    ]
    return KeptTraces(tuple(p for p in protocols if p.recordings and p.t_ms.size > 1), key)


def _protocol(
    entry: ProtocolRecord,
    arrays: Mapping[str, Floats],
    objectives: Sequence[ObjectiveRecord],
    recorded: Mapping[str, VoltageFile],
) -> ProtocolTraces:
    name = entry.name
    t_ms = arrays[f"{name}/t_ms"]
    recordings = {
        recording: arrays[f"{name}/{recording}"]
        for recording in entry.recordings
        if arrays.get(f"{name}/{recording}", t_ms[:0]).shape == t_ms.shape
    }
    pulses = (
        *(Pulse(s.delay_ms, s.delay_ms + s.duration_ms, s.words) for s in entry.stimuli),
        *(Pulse(one.begin_ms, one.end_ms, one.words) for one in entry.events),
    )
    threshold_mV = max((o.threshold_mV for o in objectives if o.protocol == name), default=-20.0)
    followed = {
        one.recording: recorded[one.against.sha256]
        for one in objectives
        if one.protocol == name and one.against is not None
    }
    return ProtocolTraces(name, entry.duration_ms, pulses, t_ms, recordings, threshold_mV, followed)


def _write(target: Path, arrays: Mapping[str, Any]) -> None:
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(".partial.npz")
    try:
        np.savez_compressed(partial, **arrays)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def holds(traces: Path, row: Row) -> bool:
    """Whether these are the traces of this individual, the whole of them."""
    if not traces.is_file():
        return False
    try:
        with traces.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return (arrays["generation"], arrays["individual"]) == (row.generation, row.individual)
    except _BROKEN:
        return False
