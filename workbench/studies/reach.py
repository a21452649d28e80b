"""What of a protocol can be measured: its recordings, in a window, by features that need more."""

from collections.abc import Iterable

from workbench.errors import StudyError, unknown
from workbench.features import Window, lacking
from workbench.protocols import Protocol
from workbench.studies.tables import AimTable, TargetTable


def window_of(protocol: Protocol, table: AimTable) -> Window:
    """Return the window of a table of targets.

    Raises
    ------
    InputError
        If it is none, or reaches beyond the protocol's end.
    """
    begin_ms, end_ms = table.window_ms or protocol.window_ms()
    settings = table.settings if isinstance(table, TargetTable) else {}
    window = Window(begin_ms, end_ms, table.threshold_mV, settings)
    window.check_end(protocol.duration_ms)
    return window


def check_recorded(protocol: Protocol, variable: str, *locations: str) -> None:
    """Refuse locations, but for empty ones, at which a protocol does not record a variable.

    Raises
    ------
    StudyError
        With the recordings that there are.
    """
    recordings = [recording.name for recording in protocol.recordings]
    for location in filter(None, locations):
        if (recording := f"{location}.{variable}") not in recordings:
            raise StudyError(unknown("recording", recording, recordings))


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
