"""Protocols as values: stimuli, recordings, and the traces that come out."""

from workbench.protocols.defects import ABSURD_mV, Defect, DefectKind, find_defect
from workbench.protocols.protocol import Protocol, Recording, Step, Stimulus
from workbench.protocols.traces import Trace, Traces

__all__ = [
    "ABSURD_mV",
    "Defect",
    "DefectKind",
    "Protocol",
    "Recording",
    "Step",
    "Stimulus",
    "Trace",
    "Traces",
    "find_defect",
]
