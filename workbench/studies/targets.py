"""targets.toml as objectives: the features that a cell should have."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.errors import InputError, StudyError, unknown
from workbench.features import (
    Window,
    check_names,
    check_names_of_two,
    check_settings,
    lacking,
)
from workbench.fitting import Objective
from workbench.protocols import Protocol
from workbench.studies.files import read
from workbench.studies.tables import AimTable, PairTable, TargetTable


def objectives_from(path: Path, protocols: tuple[Protocol, ...]) -> tuple[Objective, ...]:
    """Return the objectives of a targets.toml.

    Raises
    ------
    StudyError
        If the file has mistakes, or names what the study has not.
    """
    tables: dict[str, dict[str, TargetTable]] = read(path, dict[str, dict[str, TargetTable]])
    by_name = {protocol.name: protocol for protocol in protocols}
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
    return tuple(objectives)


def _of_one(protocol: Protocol, location: str, table: TargetTable) -> Iterator[Objective]:
    if not table.features and not table.to:
        raise StudyError("features: this key is missing")
    check_names(list(table.features))
    check_settings(table.settings)
    window = _window(protocol, table)
    check_reach(table.features, window, protocol)
    return _objectives(protocol, location, table, window)


def _of_two(protocol: Protocol, location: str, to: str, table: PairTable) -> Iterator[Objective]:
    check_names_of_two(list(table.features))
    return _objectives(protocol, location, table, _window(protocol, table), to)


def _window(protocol: Protocol, table: AimTable) -> Window:
    begin_ms, end_ms = table.window_ms or protocol.window_ms()
    settings = table.settings if isinstance(table, TargetTable) else {}
    window = Window(begin_ms, end_ms, table.threshold_mV, settings)
    window.check_end(protocol.duration_ms)
    return window


def _objectives(
    protocol: Protocol, location: str, table: AimTable, window: Window, to: str = ""
) -> Iterator[Objective]:
    recordings = [recording.name for recording in protocol.recordings]
    for place in (location, to) if to else (location,):
        if (recording := f"{place}.{table.variable}") not in recordings:
            raise StudyError(unknown("recording", recording, recordings))
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


def check_reach(features: Iterable[str], window: Window, protocol: Protocol) -> None:
    """Refuse features that no cell can have under a protocol.

    Raises
    ------
    StudyError
        With what is lacking.
    """
    stimulus_nA = protocol.step_nA(window.begin_ms, window.end_ms)
    for feature in features:
        if why := lacking(feature, window, protocol.duration_ms, stimulus_nA):
            raise StudyError(f"features.{feature}: no cell can have a value: {why}")
