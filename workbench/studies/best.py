"""The traces of a run's best individual, `traces/best.npz`."""

import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.engines.tasks import Simulations
from workbench.fitting import Ledger, Problem, Row, Workers, best_row
from workbench.protocols import Traces
from workbench.studies.folder import written

_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


def keep_best(problem: Problem, folder: Path, ledger: Ledger, workers: Workers) -> None:
    """Simulate the best individual once more and keep its traces, unless they are there.

    Raises
    ------
    StoppedEarly
        If they cannot be written.
    """
    best = best_row(ledger.rows())
    target = folder / "traces" / "best.npz"
    if best is None or _holds(target, best):
        return
    jobs = tuple(problem.jobs(best.parameters))
    rows = np.arange(len(jobs), dtype=float)[:, None]
    arrays: dict[str, Any] = {
        "parameters": best.parameters,
        "generation": np.array(best.generation),
        "individual": np.array(best.individual),
    }
    for answer in workers.run(Simulations(jobs), rows):
        if isinstance(answer.value, Traces):
            name = answer.value.protocol
            arrays[f"{name}/t_ms"] = answer.value.t_ms
            arrays |= {f"{name}/{key}": v for key, v in answer.value.recorded.items()}
    with written(folder):
        _write(target, arrays)


def _write(target: Path, arrays: Mapping[str, Any]) -> None:
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(".partial.npz")
    try:
        np.savez_compressed(partial, **arrays)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _holds(traces: Path, row: Row) -> bool:
    """Whether these are the traces of this individual, the whole of them."""
    if not traces.is_file():
        return False
    try:
        with traces.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return (arrays["generation"], arrays["individual"]) == (row.generation, row.individual)
    except _BROKEN:
        return False
