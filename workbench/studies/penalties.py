"""Penalties and the block check of targets.toml as values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.errors import StudyError
from workbench.features import Window
from workbench.fitting import BlockCheck, Penalty
from workbench.protocols import Protocol
from workbench.studies.penalty_tables import PenaltiesTable
from workbench.studies.reach import check_recorded, window_of
from workbench.studies.tables import TargetTable

_CONDITIONS = ("fewer_spikes_than", "spike_before", "no_return_mV", "bimodal_peaks")
_PEAKS = "peak_voltage"


def penalty_from(
    protocol: Protocol,
    location: str,
    window: Window,
    table: PenaltiesTable,
    features: Mapping[str, Sequence[float]],
) -> Penalty:
    """Return the penalty of a recording, whose features have these targets.

    Raises
    ------
    StudyError
        If it asks for nothing, or for what cannot be.
    """
    check_recorded(protocol, "v", location)
    asked = {name: getattr(table, name) for name in _CONDITIONS}
    if not any(asked.values()):
        raise StudyError(f"penalties: it asks for nothing; give {', '.join(_CONDITIONS)}, or some")
    if table.bimodal_peaks is not None and _PEAKS not in features:
        raise StudyError(
            f"penalties.bimodal_peaks: it needs a target of {_PEAKS} in the features beside it"
        )
    if table.no_return_mV is not None and window.end_ms >= protocol.duration_ms:
        raise StudyError(
            f"penalties.no_return_mV: the run ends with its window {window}, so no voltage comes "
            "back after it; give the protocol a longer duration_ms"
        )
    return Penalty(
        protocol.name,
        location,
        window.begin_ms,
        window.end_ms,
        window.threshold_mV,
        **asked,
        peak_mV=features[_PEAKS][0] if table.bimodal_peaks is not None else 0.0,
        score=table.score,
        per_mV2=table.per_mV2,
        least_score=table.least_score,
    )


def block_from(protocol: Protocol, location: str, table: TargetTable) -> BlockCheck:
    """Return the check that a table with a `block` asks for.

    Raises
    ------
    StudyError
        If the table asks for features too, or for what cannot be.
    """
    check_recorded(protocol, "v", location)
    asked = table.block
    assert asked is not None, "its caller knows"
    beside = table.model_fields_set - {"block", "window_ms", "threshold_mV"}
    if beside:
        raise StudyError(
            f"block: {', '.join(sorted(beside))} stands beside it, and its protocol is simulated "
            "for the check alone; give a protocol of its own"
        )
    window = window_of(protocol, table)
    return BlockCheck(
        replace(protocol, maps=()),
        location,
        window.begin_ms,
        window.end_ms,
        asked.where_SD,
        asked.above_mV,
        asked.below_mV,
        asked.longest_ms,
        asked.score,
    )
