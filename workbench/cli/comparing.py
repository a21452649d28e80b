"""What `morphology convert` and `morphology compare` do."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from workbench.cli.morphologies import kinds_of
from workbench.cli.printing import console, print_json
from workbench.errors import NotTheSame
from workbench.morphology import Difference, Kind, SomaModel, load_morphology
from workbench.morphology import compare_morphologies as differences_of
from workbench.morphology import convert_morphology as converted


def convert_morphology(
    source: str,
    out: Path,
    soma: str,
    unit: str,
    kinds: list[str],
    trust_hoc: bool,
    as_json: bool,
) -> None:
    """Write a cell in another format, and print what is not the same in it."""
    model = cast("SomaModel", soma)
    found = converted(source, out, model, unit=unit, kinds=kinds_of(kinds), trust_hoc=trust_hoc)
    _print(found, as_json, f"{out} holds the cell of {source}", f"{out}, unlike {source}:")


def compare_morphologies(
    first: str,
    second: str,
    soma: str,
    unit: str,
    kinds: list[str],
    trust_hoc: bool,
    as_json: bool,
) -> None:
    """Print what differs between two cells.

    Raises
    ------
    NotTheSame
        If anything does.
    """
    told = kinds_of(kinds)
    cells = [
        load_morphology(
            one,
            cast("SomaModel", soma),
            unit=unit,
            kinds=_for(one, told),
            trust_hoc=trust_hoc,
        )
        for one in (first, second)
    ]
    found = differences_of(cells[0], cells[1])
    _print(found, as_json, "nothing differs", f"{first}, and {second}:")
    if found:
        raise NotTheSame(f"{first} and {second} differ")


def _for(file: str, kinds: dict[str, Kind]) -> dict[str, Kind]:
    """Return the kinds where they can be meant: of two files, one may have none."""
    return kinds if file.lower().endswith((".swc", ".hoc")) else {}


def _print(found: Sequence[Difference], as_json: bool, same: str, head: str) -> None:
    if as_json:
        print_json([asdict(one) for one in found])
        return
    console.print(head if found else same)
    for one in found:
        console.print(f"  {one.what}: {one.message}")
