"""The verbs `import` and `import-checkpoint`."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from workbench.builds.trust import require_trust
from workbench.cli.morphologies import kinds_of
from workbench.cli.printing import console
from workbench.cli.tables import write_csv, writer_for
from workbench.errors import MechanismError
from workbench.exports.checkpoint import Checkpoint, read_checkpoint
from workbench.imports import folder_of, read_model, write_study
from workbench.studies import Study


class Given(TypedDict):
    """Options of the verb, as Python takes them."""

    morphology: Path | None
    mechanisms: Path | None
    model: str | None
    node: str | None
    trust_hoc: bool
    trust_python: bool


def import_study(
    tool: str, path: Path, kinds: Sequence[str], out: Path | None, **given: Unpack[Given]
) -> None:
    """Write another tool's model as a study, and say what it lacks and how to go on."""
    found = read_model(tool, path, kinds=kinds_of(kinds), **given)
    study = write_study(found, folder_of(found, out))
    console.print(f"wrote {study.folder}; its README.md says what was done and what is left out")
    console.print(study.title)
    console.print(repr(study.problem.recipe))
    console.print(f"protocols: {', '.join(protocol.name for protocol in study.protocols)}")
    if found.unsaid:
        console.print("what could not be said:")
    for one in found.unsaid:
        console.print(f"  {one}")
    for command in _next(study):
        console.print(f"  {command}")


def _next(study: Study) -> list[str]:
    folder = shlex.quote(str(study.folder))
    commands = []
    for one in study.problem.recipe.mechanisms:
        try:
            require_trust([one])
        except MechanismError:
            mechanisms = shlex.quote(str(one.folder))
            commands.append(f"workbench mechanisms build {mechanisms} --trust-mechanisms")
    verb = "fit" if study.problem.parameters else "simulate"
    return [*commands, f"workbench {verb} {folder}"]


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
