"""targets.toml as objectives: the features that a cell should have."""

from collections.abc import Iterable
from pathlib import Path

from workbench.errors import InputError, StudyError, unknown
from workbench.features import Window, check_names, check_settings, lacking
from workbench.fitting import Objective
from workbench.protocols import Protocol
from workbench.studies.files import read
from workbench.studies.tables import TargetTable


def objectives_from(path: Path, protocols: tuple[Protocol, ...]) -> tuple[Objective, ...]:
    """Return the objectives of a targets.toml.

    Raises
    ------
    StudyError
        If the file has mistakes, or names what the study has not.
    """
    tables: dict[str, dict[str, TargetTable]] = read(path, dict[str, dict[str, TargetTable]])
    by_name = {protocol.name: protocol for protocol in protocols}
    objectives = []
    for name, locations in tables.items():
        if name not in by_name:
            raise StudyError(f"{path}: {unknown('protocol', name, by_name)}")
        for location, table in locations.items():
            key = f"{path}: {name}.{location}"
            try:
                check_names(list(table.features))
                check_settings(table.settings)
                recordings = [r.name for r in by_name[name].recordings]
                if (recording := f"{location}.{table.variable}") not in recordings:
                    raise StudyError(unknown("recording", recording, recordings))
                begin_ms, end_ms = table.window_ms or by_name[name].window_ms()
                window = Window(begin_ms, end_ms, table.threshold_mV, table.settings)
                window.check_end(by_name[name].duration_ms)
                check_reach(table.features, window, by_name[name])
                for feature in table.weights:
                    if feature not in table.features:
                        raise StudyError(f"weights: {unknown('feature', feature, table.features)}")
                objectives += [
                    Objective(
                        name,
                        location,
                        feature,
                        window,
                        table.variable,
                        mean=mean,
                        std=std,
                        weight=table.weights.get(feature, 1.0),
                    )
                    for feature, (mean, std) in table.features.items()
                ]
            except InputError as error:
                raise StudyError(f"{key}: {error}") from None
    return tuple(objectives)


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
