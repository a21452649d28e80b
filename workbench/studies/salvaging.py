"""A damaged run folder to a sound one, from which `resume` goes on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import LedgerError
from workbench.fitting import Entry, Ledger
from workbench.fitting.salvage import salvage


@dataclass(frozen=True)
class SalvagedRun:
    """How many evaluations were copied, and how many are known to be gone."""

    kept: int
    gone: int


def salvage_run(folder: Path, out: Path) -> SalvagedRun:
    """Copy every evaluation whose checksum holds into a new run folder.

    The search's states stay behind: a resumed run replays the search from its beginning, finds
    what is known in the ledger, and simulates only what is gone.

    Raises
    ------
    LedgerError
        If the new folder holds a run, or what identifies the run is damaged in both places
        that tell it.
    """
    found = salvage(folder / "ledger.sqlite")
    record = _record(folder / "provenance.json")
    facts = found.facts or record.get("facts")
    if not facts or "problem" not in record:
        raise LedgerError(
            f"{folder}: too little is left to go on: "
            + ("provenance.json is damaged" if facts else "the facts of ledger.sqlite are damaged")
            + ". Start a new run with workbench fit"
        )
    facts = {name: value for name, value in facts.items() if name != "schema_version"}
    out.mkdir(parents=True, exist_ok=True)

    def write_record() -> None:
        (out / "provenance.json").write_text(json.dumps(record, indent=2), encoding="utf-8")

    with Ledger.create(out / "ledger.sqlite", facts, before=write_record) as ledger:
        ledger.extend(Entry(row.generation, row.individual, a, row) for row, a in found.rows)
    return SalvagedRun(len(found.rows), found.gone)


def _record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
