"""What the verbs below `morphology` do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

from workbench.cli.fetching import fetch_shown
from workbench.cli.printing import console, print_json, print_table
from workbench.errors import MorphologyError
from workbench.inputs import toml
from workbench.morphology import (
    GivenRegion,
    Kind,
    SomaModel,
    known_cells,
    resolve,
)


class Reading(TypedDict):
    """How files of cells are to be read, in the words of `load_morphology`."""

    soma: SomaModel
    unit: str
    kinds: Mapping[str, Kind]
    trust_hoc: bool


def reading(soma: str, unit: str, kinds: Sequence[str], trust_hoc: bool) -> Reading:
    """Return options as `load_morphology` takes them.

    Raises
    ------
    MorphologyError
        If a kind cannot be read.
    """
    model = cast("SomaModel", soma)
    return Reading(soma=model, unit=unit, kinds=kinds_of(kinds), trust_hoc=trust_hoc)


def list_morphologies(as_json: bool) -> None:
    """List the catalogue, and where each cell is found on this machine."""
    rows: list[dict[str, Any]] = []
    for entry in known_cells():
        try:
            place, missing = str(resolve(entry.name)), ""
        except MorphologyError as error:
            place, missing = "", str(error)
        rows.append(
            {
                "name": entry.name,
                "cell": entry.cell,
                "licence": entry.licence,
                "citation": entry.citation,
                "path": place,
                "missing": missing,
            }
        )
    if as_json:
        print_json(rows)
        return
    cells = [[r["name"], r["cell"], r["licence"], r["path"] or "not here"] for r in rows]
    print_table(["name", "cell", "licence", "file"], cells)
    for row in rows:
        if row["missing"]:
            console.print(f"\n{row['missing']}")


def fetch_morphology(name: str) -> None:
    """Download one cell of the catalogue."""
    console.print(str(fetch_shown(name)))


def regions_of(file: Path | None) -> dict[str, GivenRegion]:
    """Return the table `[regions]` of a file, such as the cell.toml of a study; of None, nothing.

    Raises
    ------
    MorphologyError
        If it has none.
    """
    if file is None:
        return {}
    regions = toml(file, MorphologyError).get("regions")
    if not isinstance(regions, dict):
        raise MorphologyError(f"{file}: it has no table [regions]")
    return regions


def kinds_of(given: Sequence[str]) -> dict[str, Kind]:
    """Return `NUMBER=REGION` or `NAME=REGION` texts as kinds of points or sections.

    Raises
    ------
    MorphologyError
        If one has another form.
    """
    found: dict[str, Kind] = {}
    for text in given:
        key, equals, region = text.partition("=")
        if not (key and equals):
            raise MorphologyError(f"--kind {text!r} cannot be read; write --kind 5=basal")
        found[key] = cast("Kind", region)
    return found
