"""Protocols as values: stimuli, recordings, and the traces that come out."""

from workbench.protocols.defects import ABSURD_mV, Defect, DefectKind, find_defect, rounding_ms
from workbench.protocols.events import (
    Events,
    EventTimes,
    PoissonEvents,
    RegularEvents,
    check_events,
)
from workbench.protocols.protocol import Protocol, Recording, read_parameters
from workbench.protocols.sampled import missed, misshapen
from workbench.protocols.stimuli import EPSP, STIMULI, Step, Train
from workbench.protocols.stimulus import Amount, Detail, Stimulus
from workbench.protocols.traces import MOST_SAMPLES, Trace, Traces, check_units

__all__ = [
    "EPSP",
    "MOST_SAMPLES",
    "STIMULI",
    "ABSURD_mV",
    "Amount",
    "Defect",
    "DefectKind",
    "Detail",
    "EventTimes",
    "Events",
    "PoissonEvents",
    "Protocol",
    "Recording",
    "RegularEvents",
    "Step",
    "Stimulus",
    "Trace",
    "Traces",
    "Train",
    "check_events",
    "check_units",
    "find_defect",
    "missed",
    "misshapen",
    "read_parameters",
    "rounding_ms",
]
