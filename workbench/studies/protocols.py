"""protocols.toml to `Protocol` values."""

from collections.abc import Iterable, Mapping
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
    Map,
    Protocol,
    Recording,
    Stimulus,
    check_protocol,
    read_parameters,
)
from workbench.studies.files import at, inside, read
from workbench.studies.tables import ProtocolTable, RecordingTable, Table, VariantTable

T = TypeVar("T", Stimulus, Events)


def protocols_from(path: Path, recipe: CellRecipe) -> tuple[Protocol, ...]:
    """Return the protocols of a protocols.toml, for a cell.

    Raises
    ------
    InputError
        With the file and the key.
    """
    tables: dict[str, ProtocolTable] = read(path, dict[str, ProtocolTable])
    protocols = []
    for name, table in tables.items():
        try:
            stimuli = tuple(_stimulus(s, table.parameters, path) for s in table.stimuli)
            recordings = tuple(
                recording
                for location, given in table.recordings.items()
                for recording in _recordings(location, given)
            )
            events = tuple(_events(one, path) for one in table.events)
            parameters = read_parameters(
                table.parameters, stimuli, table.v_init_mV, events, table.celsius_degC
            )
            protocols.append(
                Protocol(
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
            )
        except InputError as error:
            raise StudyError(f"{path}: {name}: {error}") from None
        with at(str(path)):
            check_protocol(protocols[-1].bound(), recipe)
    return tuple(protocols)


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
            variant = by_name[table.like].with_parameters(table.parameters)
            variants.append(replace(variant, name=name))
    return tuple(variants)


def _stimulus(table: Table, parameters: Mapping[str, float | str], path: Path) -> Stimulus:
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
