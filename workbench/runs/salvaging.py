"""A damaged run folder to a sound one, from which `resume` goes on."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError, LedgerError
from workbench.evaluations import Entry, Ledger
from workbench.evaluations.salvage import salvage
from workbench.runs.facts import study_told_by
from workbench.runs.folder import make_folder
from workbench.runs.provenance import read_provenance, restore, write_provenance
from workbench.runs.record import Record
from workbench.runs.recordings import keep_recordings, kept_recordings


@dataclass(frozen=True)
class SalvagedRun:
    """How many evaluations were copied, and how many are known to be gone."""

    kept: int
    gone: int


def salvage_run(folder: Path, out: Path) -> SalvagedRun:
    """Copy every evaluation whose checksum holds into a new run folder.

    The search's states stay behind: a resumed run replays the search from its beginning, finds
    what is known in the ledger, and simulates only what is gone. A lost record is made anew from
    the study, now or, if the study is not there, when the run is resumed.

    Raises
    ------
    LedgerError
        If the new folder holds a run, or what identifies the run is damaged in both places
        that tell it.
    """
    found = salvage(folder / "ledger.sqlite")
    record = _record(folder, found.facts or {})
    facts = found.facts or (record and record.facts)
    if not facts:
        raise LedgerError(
            f"{folder}: too little is left to go on: both places that tell what the run is, the "
            "facts of ledger.sqlite and provenance.json, are damaged. Start a new run with "
            "workbench fit"
        )
    facts = {name: value for name, value in facts.items() if name != "schema_version"}
    make_folder(out)

    def write_record() -> None:
        if record is not None:
            with suppress(LedgerError):
                keep_recordings(out, kept_recordings(folder, record.problem).values())
            write_provenance(out, record)

    with Ledger.create(out / "ledger.sqlite", facts, before=write_record) as ledger:
        ledger.extend(Entry(row.generation, row.individual, a, row) for row, a in found.rows)
        if record is None:
            _restore(out, facts, ledger)
    return SalvagedRun(len(found.rows), found.gone)


def _record(folder: Path, facts: Mapping[str, Any]) -> Record | None:
    try:
        return read_provenance(folder, lambda: study_told_by(facts, folder)[0])
    except LedgerError:
        return None


def _restore(out: Path, facts: dict[str, Any], ledger: Ledger) -> None:
    try:
        study, plan = study_told_by(facts, out)
    except (InputError, LedgerError) as error:
        logging.getLogger(__name__).warning(
            f"provenance.json was lost; `workbench resume` makes it anew once this is mended: "
            f"{error}"
        )
    else:
        restore(out, study, plan, ledger)
