"""protocols.toml to `Protocol` values."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from workbench.cells import CellRecipe, parse_where
from workbench.errors import InputError, StudyError, unknown
from workbench.morphology import parse_site
from workbench.protocols import (
    EVENTS,
    STIMULI,
    Events,
    Holding,
    Map,
    Protocol,
    Recording,
    RelativeTo,
    Rheobase,
    Sought,
    Stimulus,
    check_protocol,
    read_parameters,
)
from workbench.studies.files import at, inside, read
from workbench.studies.sought_tables import (
    HoldingTable,
    ParameterTable,
    RelativeTable,
    RheobaseTable,
)
from workbench.studies.table import Table
from workbench.studies.tables import ProtocolTable, RecordingTable, VariantTable

T = TypeVar("T", Stimulus, Events)


def protocols_from(path: Path, recipe: CellRecipe) -> tuple[Protocol, ...]:
    """Return the protocols of a protocols.toml, for a cell.

    Raises
    ------
    InputError
        With the file and the key.
    """
    tables: dict[str, ProtocolTable] = read(path, dict[str, ProtocolTable])
    found: dict[str, Protocol] = {}
    # Those that are relative to others come after them.
    for name, table in sorted(tables.items(), key=lambda one: _is_relative(one[1])):
        seekers = [one for one in found.values() if one.seeks]
        try:
            stimuli = tuple(_stimulus(s, table.parameters, path) for s in table.stimuli)
            recordings = tuple(
                recording
                for location, given in table.recordings.items()
                for recording in _recordings(location, given)
            )
            events = tuple(_events(one, path) for one in table.events)
            given = parameters_from(table.parameters, seekers)
            parameters = read_parameters(
                given, stimuli, table.v_init_mV, events, table.celsius_degC
            )
            found[name] = Protocol(
                name,
                table.duration_ms,
                stimuli,
                recordings,
                parameters,
                table.v_init_mV,
                events,
                _maps(table),
                table.celsius_degC,
            )
        except InputError as error:
            raise StudyError(f"{path}: {name}: {error}") from None
        with at(str(path)):
            check_protocol(found[name].bound(), recipe)
    return tuple(found[name] for name in tables)


def variants_from(
    path: Path, tables: Mapping[str, VariantTable], protocols: tuple[Protocol, ...]
) -> tuple[Protocol, ...]:
    """Return the protocols of a study.toml, each like another one with other parameters.

    Raises
    ------
    InputError
        With the file and the key.
    """
    by_name = {protocol.name: protocol for protocol in protocols}
    variants = []
    for name, table in tables.items():
        with at(f"{path}: protocols.{name}"):
            if name in by_name:
                raise StudyError(f"protocols.toml has a protocol {name!r} already")
            if table.like not in by_name:
                raise StudyError(unknown("protocol", table.like, by_name))
            given = parameters_from(table.parameters, [p for p in protocols if p.seeks])
            variant = by_name[table.like].with_parameters(given)
            variants.append(replace(variant, name=name))
    return tuple(variants)


def parameters_from(
    tables: Mapping[str, ParameterTable], seekers: Sequence[Protocol]
) -> dict[str, float | str | Sought]:
    """Return parameters of a protocol as they were given, and what is found on the cell as values.

    Parameters
    ----------
    seekers
        Protocols that seek a rheobase, of which there may be so many per cent.

    Raises
    ------
    StudyError
        If a parameter is relative to none of them, or could be to several.
    """
    return {name: _parameter(name, table, seekers) for name, table in tables.items()}


def _parameter(
    name: str, table: ParameterTable, seekers: Sequence[Protocol]
) -> float | str | Sought:
    if not isinstance(table, Table):
        return table
    if isinstance(table, HoldingTable):
        return Holding(**table.model_dump())
    if isinstance(table, RheobaseTable):
        return Rheobase(**table.model_dump())
    assert isinstance(table, RelativeTable), "the last kind of table"
    by_name = {one.name: one for one in seekers}
    if table.of is None and len(seekers) != 1:
        raise StudyError(
            f"parameters.{name}: it is relative to a rheobase, and "
            f"{' and '.join(by_name) or 'no protocol'} "
            f"{'seek' if by_name else 'seeks'} one; "
            + (
                "say which with of"
                if by_name
                else "give a protocol a parameter that is { to_fire = <recording> }"
            )
        )
    if table.of is not None and table.of not in by_name:
        known = unknown("protocol that seeks a rheobase", table.of, by_name)
        raise StudyError(f"parameters.{name}.of: {known}")
    percent = 100.0 if table.percent_of_rheobase is None else table.percent_of_rheobase
    return RelativeTo(by_name[table.of] if table.of else seekers[0], percent, table.plus_nA)


def _is_relative(table: ProtocolTable) -> bool:
    return any(isinstance(one, RelativeTable) for one in table.parameters.values())


def _stimulus(table: Table, parameters: Container[str], path: Path) -> Stimulus:
    kind, values = _read(table, STIMULI, path)
    if values["site"] not in parameters:
        values["site"] = parse_site(values["site"])
    return kind(**values)


def _events(table: Table, path: Path) -> Events:
    kind, values = _read(table, EVENTS, path)
    return kind(**values)


def _read(table: Table, kinds: Iterable[type[T]], path: Path) -> tuple[type[T], dict[str, Any]]:
    """Return the kind that a table names and its values; the files that it names are read."""
    values = table.model_dump()
    kind = {one.kind: one for one in kinds}[values.pop("type")]
    for entry in fields(kind):
        reader, given = entry.metadata.get("reader"), values[entry.name]
        if reader and isinstance(given, str):
            values[entry.name] = reader(inside(path.parent / given, path))
    return kind, values


def _maps(table: ProtocolTable) -> tuple[Map, ...]:
    given = table.map if isinstance(table.map, list) else [table.map]
    return tuple(Map(**one.model_dump(exclude_unset=True)) for one in given if one is not None)


def _recordings(location: str, given: str | RecordingTable) -> list[Recording]:
    table = RecordingTable(site=given) if isinstance(given, str) else given
    variables = [table.variable] if isinstance(table.variable, str) else table.variable
    site = parse_where(table.site)
    return [Recording(location, site, variable) for variable in variables]
