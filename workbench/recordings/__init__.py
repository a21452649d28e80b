"""Recordings: sweeps from files, what was injected, repeats, and what is odd about them."""

from workbench.recordings.loading import load_recordings
from workbench.recordings.quality import REASONS, Limits, Remark, access_MOhm, input_MOhm
from workbench.recordings.recordings import Recordings
from workbench.recordings.shape import Shape, shape_of
from workbench.recordings.sweep import Facts, SPIKE_mV, Sweep

__all__ = [
    "REASONS",
    "Facts",
    "Limits",
    "Recordings",
    "Remark",
    "SPIKE_mV",
    "Shape",
    "Sweep",
    "access_MOhm",
    "input_MOhm",
    "load_recordings",
    "shape_of",
]
