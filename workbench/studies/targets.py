"""targets.toml as objectives: the features that a cell should have."""

from collections.abc import Iterator
from pathlib import Path

from workbench.errors import InputError, StudyError, unknown
from workbench.features import Window, check_names, check_names_of_two, check_settings
from workbench.fitting import Objective
from workbench.protocols import Protocol
from workbench.studies.comparisons import compared
from workbench.studies.files import at, read
from workbench.studies.reach import check_reach, check_recorded, window_of
from workbench.studies.tables import AimTable, CompareTable, PairTable, TargetTable

COMPARE = "compare"
_File = dict[str, list[CompareTable] | dict[str, TargetTable]]


def objectives_from(path: Path, protocols: tuple[Protocol, ...]) -> tuple[Objective, ...]:
    """Return the objectives of a targets.toml.

    Raises
    ------
    StudyError
        If the file has mistakes, or names what the study has not.
    """
    file: _File = read(path, _File)
    by_name = {protocol.name: protocol for protocol in protocols}
    comparisons: list[CompareTable] = []
    tables: dict[str, dict[str, TargetTable]] = {}
    for name, one in file.items():
        if isinstance(one, dict):
            tables[name] = one
        elif name == COMPARE:
            comparisons += one
        else:
            raise StudyError(f"{path}: {name}: a list of tables is [[{COMPARE}]]")
    objectives: list[Objective] = []
    for name, locations in tables.items():
        if name not in by_name:
            raise StudyError(f"{path}: {unknown('protocol', name, by_name)}")
        for location, table in locations.items():
            key = f"{name}.{location}"
            try:
                objectives += _of_one(by_name[name], location, table)
                for to, pair in table.to.items():
                    key = f"{name}.{location}.to.{to}"
                    objectives += _of_two(by_name[name], location, to, pair)
            except InputError as error:
                raise StudyError(f"{path}: {key}: {error}") from None
    for comparison in comparisons:
        with at(f"{path}: {COMPARE}: {comparison.what}"):
            objectives.append(compared(comparison, by_name, tables))
    used = {(part.protocol, part.location) for one in objectives for part in one.operands}
    for name, locations in tables.items():
        for location, table in locations.items():
            if "features" not in table.model_fields_set and (name, location) not in used:
                raise StudyError(
                    f"{path}: {name}.{location}.features: this key is missing, and [[{COMPARE}]] "
                    "names no feature of this recording"
                )
    return tuple(objectives)


def _of_one(protocol: Protocol, location: str, table: TargetTable) -> Iterator[Objective]:
    check_names(list(table.features))
    check_settings(table.settings)
    window = window_of(protocol, table)
    check_reach(table.features, window, protocol)
    return _objectives(protocol, location, table, window)


def _of_two(protocol: Protocol, location: str, to: str, table: PairTable) -> Iterator[Objective]:
    check_names_of_two(list(table.features))
    return _objectives(protocol, location, table, window_of(protocol, table), to)


def _objectives(
    protocol: Protocol, location: str, table: AimTable, window: Window, to: str = ""
) -> Iterator[Objective]:
    check_recorded(protocol, table.variable, location, to)
    for feature in table.weights:
        if feature not in table.features:
            raise StudyError(f"weights: {unknown('feature', feature, table.features)}")
    for feature, (mean, std) in table.features.items():
        yield Objective(
            protocol.name,
            location,
            feature,
            window,
            table.variable,
            to,
            mean=mean,
            std=std,
            weight=table.weights.get(feature, 1.0),
        )
