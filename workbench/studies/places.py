"""The tables under `[place]` and `[pointers]` of cell.toml to values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.cells import WEIGHT, Placed, Pointer, Tie
from workbench.errors import StudyError
from workbench.fitting import Parameter
from workbench.studies.cell_tables import PlaceTable, PointerTable
from workbench.studies.entries import entry_of, free_parameter, number_of, tie_of
from workbench.studies.files import at


def placed_from(
    path: Path, tables: Mapping[str, PlaceTable]
) -> tuple[tuple[Placed, ...], tuple[Parameter, ...], tuple[Tie, ...]]:
    """Return what the tables under `[place]` of a cell.toml place, leave free, and tie.

    Raises
    ------
    InputError
        With the file and the key.
    """
    placed, parameters, ties = [], [], list[Tie]()
    for name, table in tables.items():
        key = f"{path}: place.{name}"
        given = {f"parameters.{n}": (n, one) for n, one in table.parameters.items()}
        if table.weight is not None:
            if WEIGHT in table.parameters:
                raise StudyError(f"{key}: weight is given twice, beside and among the parameters")
            given[WEIGHT] = (WEIGHT, table.weight)
        values: dict[str, float | None] = {}
        for written, (own, one) in given.items():
            entry = entry_of(f"{key}.{written}", one)
            values[own] = number_of(entry)
            with at(f"{key}.{written}"):
                ties += tie_of(f"{own}.{name}", entry)
            if entry.bounds is not None:
                parameters.append(free_parameter(f"{key}.{written}", f"{own}.{name}", entry))
        with at(str(path)):
            placed.append(Placed(name, table.mechanism, _sites(key, table), values))
    return tuple(placed), tuple(parameters), tuple(ties)


def pointers_from(
    path: Path, tables: Mapping[str, Mapping[str, str | PointerTable]]
) -> tuple[Pointer, ...]:
    """Return what the tables under `[pointers]` of a cell.toml set.

    Raises
    ------
    InputError
        With the file and the key.
    """
    pointers = []
    for of, named in tables.items():
        for name, given in named.items():
            table = PointerTable(site=given) if isinstance(given, str) else given
            with at(f"{path}: pointers.{of}.{name}"):
                pointers.append(Pointer(of, name, table.site, table.variable))
    return tuple(pointers)


def _sites(key: str, table: PlaceTable) -> str | list[str] | dict[str, Any]:
    sites = table.sites
    if table.site is not None and sites:
        raise StudyError(f"{key}: give either a site or sites")
    if table.site is not None:
        return table.site
    return sites if isinstance(sites, list) else sites.model_dump(exclude_unset=True)
