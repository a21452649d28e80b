"""Values of sections and segments as users have them: data frames, mappings, CSV files."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import InputError, shortened, unknown
from workbench.inputs import parsing, text

Row = tuple[str | int, float | None, float]
"""Section, place on it (none: all of it), value."""

PLACES = ("section", "x", "distance_um", "area_um2")
"""Columns that say where a value is; maps have them all."""

MEANT = (
    "give a table with columns section, x and a value (a data frame, a .csv), or a mapping from "
    "sections, or (section, x), to numbers"
)


def rows_of(given: Any, column: str | None) -> tuple[str, list[Row]]:
    """Return what the values are called, and each with its place.

    Parameters
    ----------
    given
        A table with a column `section` (names such as apic[36], or indices), `x` (0 to 1; without
        it a value is the whole section's) and values: a path of a CSV file, or whatever gives its
        columns by name. Or a mapping from sections, or (section, x), to numbers.
    column
        Which column the values are in, if there are several.

    Raises
    ------
    InputError
        If it is none of these, there are several columns and none is named, or a place or a value
        is no number.
    """
    if isinstance(given, str | Path):
        given = _read(Path(given))
    if hasattr(given, "columns") or (isinstance(given, Mapping) and "section" in given):
        return _columns(given, column)
    if hasattr(given, "items"):
        return column or "value", list(_pairs(given))
    raise InputError(f"colour is {shortened(repr(given))}; {MEANT}")


def _columns(table: Any, column: str | None) -> tuple[str, list[Row]]:
    names = [str(name) for name in getattr(table, "columns", table)]
    if "section" not in names:
        raise InputError(f"colour: the table has {', '.join(names)}; {MEANT}")
    values = [name for name in names if name not in PLACES]
    if column is None and len(values) != 1:
        raise InputError(
            f"colour: the table has the values {', '.join(values) or 'none'}; name one of them: "
            "value='...', or --value"
        )
    chosen = values[0] if column is None else column
    if chosen not in names:
        raise InputError(unknown("column of the table", chosen, values))
    sections = list(table["section"])
    x = list(table["x"]) if "x" in names else [None] * len(sections)
    rows = zip(sections, x, list(table[chosen]), strict=True)
    return chosen, [_row(section, place, number) for section, place, number in rows]


def _pairs(given: Any) -> Iterator[Row]:
    for key, number in given.items():
        section, x = key if isinstance(key, tuple) and len(key) == 2 else (key, None)
        yield _row(section, x, number)


def _row(section: Any, x: Any, number: Any) -> Row:
    try:
        place = None if x is None else float(x)
        value = np.nan if number in (None, "") else float(number)
    except (TypeError, ValueError):
        raise InputError(
            f"colour: at {shortened(str(section))} and x = {shortened(repr(x))} the value is "
            f"{shortened(repr(number))}; {MEANT}"
        ) from None
    if place is not None and not 0 <= place <= 1:
        raise InputError(f"colour: x is {place:g} at {section}; a place on a section is 0 to 1")
    name = section if isinstance(section, str) else _index(section)
    return name, place, value if np.isfinite(value) else float("nan")


def _index(section: Any) -> int:
    try:
        return int(section)
    except (TypeError, ValueError):
        raise InputError(f"colour: {shortened(repr(section))} is no section; {MEANT}") from None


def _read(path: Path) -> dict[str, list[str]]:
    """Return the columns of a CSV file."""
    written = text(path)
    with parsing(path, "CSV"):
        rows = list(csv.reader(written.splitlines(), strict=True))
    if not rows:
        raise InputError(f"{path} is empty; {MEANT}")
    head, *below = [row for row in rows if row]
    for number, row in enumerate(below, start=2):
        if len(row) != len(head):
            raise InputError(
                f"{path}: row {number} has {len(row)} fields, the head has {len(head)}"
            )
    return {name: [row[place] for row in below] for place, name in enumerate(head)}
