"""What `morphology convert` and `morphology compare` do."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from workbench.cli.morphologies import Reading
from workbench.cli.printing import console, print_json
from workbench.errors import NotTheSame
from workbench.morphology import Difference, load_morphology
from workbench.morphology import compare_morphologies as differences_of
from workbench.morphology import convert_morphology as converted


def convert_morphology(
    source: str,
    out: Path,
    reading: Reading,
    as_json: bool,
) -> None:
    """Write a cell in another format, and print what is not the same in it."""
    found = converted(source, out, **reading)
    _print(found, as_json, f"{out} holds the cell of {source}", f"{out}, unlike {source}:")


def compare_morphologies(
    first: str,
    second: str,
    reading: Reading,
    as_json: bool,
) -> None:
    """Print what differs between two cells.

    Raises
    ------
    NotTheSame
        If anything does.
    """
    first_cell, second_cell = (
        load_morphology(one, **_for(one, reading)) for one in (first, second)
    )
    found = differences_of(first_cell, second_cell)
    _print(found, as_json, "nothing differs", f"{first}, and {second}:")
    if found:
        raise NotTheSame(f"{first} and {second} differ")


def _for(file: str, reading: Reading) -> Reading:
    """Return the kinds where they can be meant: of two files, one may have none."""
    meant = file.lower().endswith((".swc", ".hoc"))
    return reading if meant else Reading(**{**reading, "kinds": {}})


def _print(found: Sequence[Difference], as_json: bool, same: str, head: str) -> None:
    if as_json:
        print_json([asdict(one) for one in found])
        return
    console.print(head if found else same)
    for one in found:
        console.print(f"  {one.what}: {one.message}")
