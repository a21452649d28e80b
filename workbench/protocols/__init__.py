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
    read_times_ms,
)
from workbench.protocols.maps import REDUCTIONS, WORDS, Map, Mapped, mapped, segments_of
from workbench.protocols.on_cells import check_protocol
from workbench.protocols.parameters import read_parameters
from workbench.protocols.played import Played
from workbench.protocols.protocol import FOUND, Protocol
from workbench.protocols.recordings import Recording
from workbench.protocols.sampled import missed, misshapen
from workbench.protocols.sought import Holding, RelativeTo, Rheobase, Seeker, Sought
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
from workbench.protocols.voltage_file import VoltageFile
from workbench.protocols.waves import Chirp, Sine

__all__ = [
    "EPSP",
    "EVENTS",
    "FOUND",
    "MOST_SAMPLES",
    "REDUCTIONS",
    "STIMULI",
    "WORDS",
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
    "Holding",
    "Map",
    "Mapped",
    "Noise",
    "Played",
    "PoissonEvents",
    "Protocol",
    "Ramp",
    "Recording",
    "RegularEvents",
    "RelativeTo",
    "Rheobase",
    "Seeker",
    "Sine",
    "Sought",
    "Step",
    "Stimulus",
    "Trace",
    "Traces",
    "Train",
    "VoltageClamp",
    "VoltageFile",
    "Waveform",
    "check_protocol",
    "check_units",
    "find_defect",
    "mapped",
    "missed",
    "misshapen",
    "read_parameters",
    "read_times_ms",
    "rounding_ms",
    "segments_of",
]
