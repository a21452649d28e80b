"""Where a run came from: problem, search, software, machine, in `provenance.json`.

The ledger is the only checkpoint: a record that is lost is made anew from it and the study.
"""

import dataclasses
import hashlib
import json
import logging
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.errors import InputError, LedgerError
from workbench.evaluations import Ledger
from workbench.inputs import content, parsing
from workbench.runs.record import (
    SCHEMA_VERSION,
    CommitRecord,
    ProblemRecord,
    Record,
    RepeatsRecord,
    SessionRecord,
    StudyRecord,
)
from workbench.studies import SearchPlan, Study
from workbench.studies.mistakes import mistakes

FILE = "provenance.json"
DAMAGED = "provenance.damaged.json"
PACKAGES = (
    "neuron-workbench",
    "neuron",
    "neurom",
    "morphio",
    "efel",
    "bluepyopt",
    "deap",
    "numpy",
)
_MEND = "`workbench resume` makes it anew from the study and the ledger"


class ProvenanceLostError(LedgerError):
    """The record is missing or damaged; `restore` makes another."""


def read_provenance(folder: Path, study: Callable[[], Study]) -> Record:
    """Return the record of a run.

    Parameters
    ----------
    study
        Returns the study as it was when the run began. It is asked for nothing but what an older
        workbench did not write down.

    Raises
    ------
    ProvenanceLostError
        If it is missing or damaged.
    LedgerError
        If it is of another version, may not be read, or lacks what its study cannot tell.
    """
    path = folder / FILE
    written = _written(path)
    try:
        return Record.model_validate(written)
    except ValidationError as error:
        found = error.errors(include_url=False)
    wrong = "; ".join(mistakes(found, written, Record))
    if any(one["type"] != "missing" for one in found):
        raise ProvenanceLostError(f"{path} is damaged: {wrong}; {_MEND}")
    try:
        told = study()
    except (InputError, LedgerError) as error:
        raise LedgerError(
            f"{path} was written by an older workbench, which left something out ({wrong}), and "
            f"the study cannot tell it: {error}"
        ) from None
    whole = {
        **written,
        "study": StudyRecord.of(told).model_dump() | written.get("study", {}),
        "problem": ProblemRecord.of(told.problem).model_dump(),
    }
    try:
        return Record.model_validate(whole)
    except ValidationError:
        raise ProvenanceLostError(f"{path} is damaged: {wrong}; {_MEND}") from None


def _written(path: Path) -> dict[str, Any]:
    """Return what the file holds, if its checksum and its version are right."""
    if not path.exists():
        raise ProvenanceLostError(
            f"{path} is missing, so nothing tells what the numbers of the ledger mean; {_MEND}"
        )
    data = content(path, LedgerError)
    try:
        with parsing(path, "a record of a run", ProvenanceLostError):
            # What is not UTF-8 fails the checksum.
            record = json.loads(data.decode(errors="replace"))
            if not isinstance(record, dict) or record.pop("checksum", "") != checksum(record):
                raise ValueError("it is not what was written")
    except ProvenanceLostError as error:
        words = str(error).removeprefix(f"{path}: ")
        raise ProvenanceLostError(f"{path} is damaged: {words}; {_MEND}") from None
    if (version := record.get("schema_version")) != SCHEMA_VERSION:
        raise LedgerError(f"{path} is of version {version}, this workbench reads {SCHEMA_VERSION}")
    return record


def checksum(said: Mapping[str, Any]) -> str:
    """Return the sha256 of all that a record says."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def write_provenance(folder: Path, record: Record) -> None:
    """Write the record of a run; one that was there is replaced by a whole one or not at all."""
    path = folder / FILE
    partial = path.with_suffix(".partial")
    said = record.model_dump(exclude_unset=True)
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps({**said, "checksum": checksum(said)}, indent=2))
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def planned(folder: Path, plan: SearchPlan, ledger: Ledger) -> SearchPlan:
    """Return the plan with which a run began, with as many generations as were asked for last.

    That stands in the record alone. Where it is lost, no fewer are meant than the ledger has.
    """
    try:
        generations = _written(folder / FILE)["search"]["generations"]
    except (LedgerError, KeyError, TypeError):
        generations = max(plan.generations, ledger.begun)
    return dataclasses.replace(plan, generations=generations)


def restore(folder: Path, study: Study, plan: SearchPlan, ledger: Ledger) -> Record:
    """Make a lost record anew, say so, and return it.

    Command, software and machine are those of now. Of its sessions only the time from the first
    attempt to the last is known.
    """
    facts = {name: value for name, value in ledger.facts().items() if name != "schema_version"}
    more: dict[str, Any] = {"restored": now()}
    if (folder / FILE).exists():
        # Somebody may still read in it what nothing else tells.
        os.replace(folder / FILE, folder / DAMAGED)
    spans = [(a["ended_at"] - a["seconds"], a["ended_at"]) for a in ledger.attempts()]
    # A salvaged row may have lost the attempt that it came from; its time is 0.
    if spans := [span for span in spans if span[0] > 0]:
        begun, ended = (_iso(s) for s in (min(spans)[0], max(end for _, end in spans)))
        more["created"] = begun
        reason = "told by the ledger alone"
        session = SessionRecord(started=begun, ended=ended, workers="unknown", reason=reason)
        more["sessions"] = (session,)
    record = record_of(study, planned(folder, plan, ledger), facts).model_copy(update=more)
    write_provenance(folder, record)
    logging.getLogger(__name__).warning(
        f"{folder / FILE} was lost and is made anew from {study.folder} and the ledger; command, "
        "software and machine in it are those of now"
    )
    return record


def record_of(study: Study, plan: SearchPlan, facts: Mapping[str, Any]) -> Record:
    """Return the record of a run that begins here and now, without a session."""
    record = record_with(StudyRecord.of(study), ProblemRecord.of(study.problem), plan, facts)
    more: dict[str, Any] = {}
    if (held := study.held_out_problem) is not None:
        more["held_out"] = ProblemRecord.of(held)
    if study.repeats:
        more["repeats"] = {
            name: RepeatsRecord(values=one.values, source=one.source)
            for name, one in study.repeats.items()
        }
    return record.model_copy(update=more)


def record_with(
    study: StudyRecord, problem: ProblemRecord, plan: SearchPlan, facts: Mapping[str, Any]
) -> Record:
    """Return what `record_of` does, of a study and a problem as records have them."""
    return Record(
        schema_version=SCHEMA_VERSION,
        study=study,
        created=now(),
        command=tuple(sys.argv),
        problem=problem,
        search=plan,
        software={"python": platform.python_version(), **_versions()},
        machine={
            "host": platform.node(),
            "system": platform.platform(),
            "processor": _processor(),
            "cores": os.cpu_count(),
        },
        git=_git(),
        sessions=(),
        facts=dict(facts),
    )


def now() -> str:
    """Return the time as ISO text in UTC."""
    return _iso(time.time())


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _git() -> CommitRecord | None:
    """Return the commit of the clone that the workbench runs from, or None in a wheel."""
    here = Path(__file__).parent
    try:
        command = ["git", "-C", str(here), "describe", "--always", "--abbrev=40", "--dirty"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    commit = said.stdout.strip()
    return CommitRecord(commit=commit.removesuffix("-dirty"), dirty=commit.endswith("-dirty"))
