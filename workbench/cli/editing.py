"""What `morphology edit`, `generate`, `edits` and `generators` do."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cli.morphologies import Reading, regions_of
from workbench.cli.printing import console, print_json, print_table
from workbench.errors import MorphologyError
from workbench.morphology import (
    EDITS,
    GENERATORS,
    Morphology,
    Worded,
    convert_morphology,
    load_morphology,
)
from workbench.morphology import edit_morphology as edited
from workbench.morphology import generate_morphology as generated


def edit_morphology(
    file: str, edits: Sequence[str], out: Path, reading: Reading, regions: Path | None
) -> None:
    """Write a file's cell after edits, and say what became of it."""
    cell = load_morphology(file, **reading).with_regions(regions_of(regions))
    _write(edited(cell, *_texts(edits)), out)


def _texts(given: Sequence[str]) -> Iterator[str]:
    """Yield options such as `--scale-lengths apical=1.2` as texts of edits."""
    rest = list(given)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            raise MorphologyError(
                f"{word!r} stands where an edit should, such as --scale-lengths apical=1.2"
            )
        if not equals and rest and not rest[0].startswith("--"):
            value = rest.pop(0)
        yield f"{name.removeprefix('--')} {value}"


def generate_morphology(name: str, given: str, out: Path) -> None:
    """Write a generator's cell, and say what became of it."""
    _write(generated(f"{name} {given}"), out)


def _write(cell: Morphology, out: Path) -> None:
    differences = convert_morphology(cell, out)
    console.print(f"{out}: {cell!r}")
    for text in cell.edits:
        console.print(f"  {text}")
    for one in differences:
        console.print(f"  the file differs: {one.message}")


def list_edits(as_json: bool) -> None:
    """List the edits, and what each is given."""
    _list(EDITS, "edit", as_json)


def list_generators(as_json: bool) -> None:
    """List the generators, and what each is given."""
    _list(GENERATORS, "generator", as_json)


def _list(worded: Mapping[str, Worded], kind: str, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            kind: one.about,
            "arguments": {
                argument.name: argument.meaning
                if argument.needed
                else f"{argument.meaning} ({argument.default})"
                for argument in one.arguments
            },
        }
        for name, one in sorted(worded.items())
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        [kind, "arguments", "what it makes"],
        [[row["name"], ", ".join(row["arguments"]), row[kind]] for row in rows],
    )
