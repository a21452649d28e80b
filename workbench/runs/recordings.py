"""The recorded voltages that a run's targets name, kept as `recordings/<sha256>.csv`."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from workbench.errors import LedgerError, StudyError
from workbench.fitting import Problem
from workbench.protocols import VoltageFile
from workbench.runs.folder import quoted
from workbench.runs.record import ProblemRecord


def recordings_of(problem: Problem) -> tuple[VoltageFile, ...]:
    """Return the recorded voltages of a problem's objectives, each once."""
    found = [one.against.recorded for one in problem.objectives if one.against is not None]
    return tuple(dict.fromkeys(found))


def keep_recordings(folder: Path, recordings: Iterable[VoltageFile]) -> None:
    """Write recorded voltages into a run folder, where they are not there already.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    for one in recordings:
        path = _path(folder, one.digest)
        if _read(path, one.digest) is None:
            path.parent.mkdir(exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.partial")
            try:
                one.write(partial)
                os.replace(partial, path)
            finally:
                partial.unlink(missing_ok=True)


def kept_recordings(folder: Path, problem: ProblemRecord) -> dict[str, VoltageFile]:
    """Return the recorded voltages that a run keeps by digest, with the names of the user's files.

    Raises
    ------
    LedgerError
        If one is missing or damaged.
    """
    found: dict[str, VoltageFile] = {}
    for one in problem.objectives:
        if one.against is not None:
            path = _path(folder, one.against.sha256)
            kept = _read(path, one.against.sha256)
            if kept is None:
                raise LedgerError(
                    f"{path} is missing or damaged: put {one.against.file} there, with which "
                    f"{one.name} was measured. `workbench resume {quoted(folder)}` does so where "
                    "the study is as it was"
                )
            found[one.against.sha256] = replace(kept, name=one.against.file)
    return found


def _path(folder: Path, digest: str) -> Path:
    return folder / "recordings" / f"{digest}.csv"


def _read(path: Path, digest: str) -> VoltageFile | None:
    try:
        kept = VoltageFile.read(path)
    except StudyError:
        return None
    return kept if kept.digest == digest else None
