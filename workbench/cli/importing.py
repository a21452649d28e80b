"""The verb `import-checkpoint`."""

import sys
from pathlib import Path
from typing import Any

from workbench.cli.tables import write_csv, writer_for
from workbench.exports.checkpoint import Checkpoint, read_checkpoint


def import_checkpoint(path: Path, out: Path | None) -> None:
    """Print or write the individuals of a checkpoint of BluePyOpt's."""
    write = writer_for(out)
    rows = _rows(read_checkpoint(path))
    if out is None:
        write_csv(sys.stdout, rows)
    else:
        write(out, rows)


def _rows(found: Checkpoint) -> list[dict[str, Any]]:
    groups = {"hall of fame": found.hall_of_fame, "population": found.population}
    most = max((len(one.scores) for group in groups.values() for one in group), default=0)
    rows = []
    for name, group in groups.items():
        for number, one in enumerate(group):
            scores = [*one.scores.tolist(), *[None] * (most - len(one.scores))]
            names = found.parameters or [f"parameter {i + 1}" for i in range(len(one.values))]
            rows.append(
                {"group": name, "individual": number}
                | dict(zip(names, one.values.tolist(), strict=True))
                | {f"score {i + 1}": score for i, score in enumerate(scores)}
            )
    return rows
