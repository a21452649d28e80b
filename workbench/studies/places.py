"""Placed point processes of cell.toml, and the events of protocols.toml that drive them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.cells import WEIGHT, Placed
from workbench.errors import InputError, StudyError, shortened
from workbench.fitting import Parameter
from workbench.inputs import text
from workbench.protocols import Events, EventTimes, PoissonEvents, RegularEvents
from workbench.studies.cell_tables import PlaceTable
from workbench.studies.entries import entry_of, free_parameter
from workbench.studies.files import at, inside
from workbench.studies.tables import EventsTable, RegularTable, TimesTable


def placed_from(
    path: Path, tables: Mapping[str, PlaceTable]
) -> tuple[tuple[Placed, ...], tuple[Parameter, ...]]:
    """Return what the tables under `[place]` of a cell.toml place, and what they leave free.

    Raises
    ------
    InputError
        With the file and the key.
    """
    placed, parameters = [], []
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
            values[own] = entry.value
            if entry.bounds is not None:
                parameters.append(free_parameter(f"{key}.{written}", f"{own}.{name}", entry))
        with at(str(path)):
            placed.append(
                Placed(
                    name,
                    table.mechanism,
                    _sites(key, table),
                    values,
                    table.region or "",
                    table.density_per_um,
                    table.density_per_um2,
                    table.seed,
                )
            )
    return tuple(placed), tuple(parameters)


def _sites(key: str, table: PlaceTable) -> list[str]:
    if table.site is not None and table.sites:
        raise StudyError(f"{key}: give either a site or sites")
    return table.sites if table.site is None else [table.site]


def events_from(path: Path, tables: Sequence[EventsTable]) -> tuple[Events, ...]:
    """Return the events of a protocol in a protocols.toml.

    Raises
    ------
    InputError
        If they cannot be, or a file of times cannot be read.
    """
    return tuple(_events(path, table) for table in tables)


def _events(path: Path, table: EventsTable) -> Events:
    amounts = table.model_dump(exclude={"type", "times_ms", "file"})
    if not isinstance(table, TimesTable):
        return (RegularEvents if isinstance(table, RegularTable) else PoissonEvents)(**amounts)
    if (table.file is None) == (not table.times_ms):
        raise StudyError(f"events on {table.place}: give either times_ms or a file")
    if table.file is None:
        return EventTimes(times_ms=tuple(table.times_ms), **amounts)
    file = inside(path.parent / table.file, path)
    times_ms = read_times_ms(file)
    with at(str(file)):
        return EventTimes(times_ms=times_ms, **amounts)


def read_times_ms(path: Path) -> tuple[float, ...]:
    """Return the times in a text file, one in ms on each line; empty lines count for nothing.

    Raises
    ------
    InputError
        If it cannot be read, or a line is no number.
    """
    times_ms = []
    for number, line in enumerate(text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            times_ms.append(float(line))
        except ValueError:
            raise InputError(
                f"{path}:{number}: {shortened(repr(line.strip()))} is no time; write one in ms on "
                "each line, and nothing else"
            ) from None
    return tuple(times_ms)
