"""Protocols as values: stimuli, recordings, and the traces that come out."""

from workbench.protocols.current_file import CurrentFile
from workbench.protocols.defects import ABSURD_mV, Defect, DefectKind, find_defect, rounding_ms
from workbench.protocols.events import (
    EVENTS,
    Events,
    EventSequence,
    EventTimes,
    PoissonEvents,
    RegularEvents,
    check_events,
    read_times_ms,
)
from workbench.protocols.played import Played
from workbench.protocols.protocol import Protocol, Recording, read_parameters
from workbench.protocols.sampled import missed, misshapen
from workbench.protocols.stimuli import (
    EPSP,
    STIMULI,
    Alpha,
    Noise,
    Ramp,
    Step,
    Train,
    VoltageClamp,
    Waveform,
)
from workbench.protocols.stimulus import Amount, Detail, Stimulus
from workbench.protocols.traces import MOST_SAMPLES, Trace, Traces, check_units
from workbench.protocols.waves import Chirp, Sine

__all__ = [
    "EPSP",
    "EVENTS",
    "MOST_SAMPLES",
    "STIMULI",
    "ABSURD_mV",
    "Alpha",
    "Amount",
    "Chirp",
    "CurrentFile",
    "Defect",
    "DefectKind",
    "Detail",
    "EventSequence",
    "EventTimes",
    "Events",
    "Noise",
    "Played",
    "PoissonEvents",
    "Protocol",
    "Ramp",
    "Recording",
    "RegularEvents",
    "Sine",
    "Step",
    "Stimulus",
    "Trace",
    "Traces",
    "Train",
    "VoltageClamp",
    "Waveform",
    "check_events",
    "check_units",
    "find_defect",
    "missed",
    "misshapen",
    "read_parameters",
    "read_times_ms",
    "rounding_ms",
]
