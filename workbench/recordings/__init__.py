"""Recordings: sweeps from files, what was injected, repeats, and what is odd about them."""

from workbench.recordings.extraction import SETTINGS, USUAL, Found, SweepFeatures, features_of
from workbench.recordings.floors import floor_of
from workbench.recordings.loading import load_recordings
from workbench.recordings.pulses import Pulses
from workbench.recordings.quality import REASONS, Limits, Remark, access_MOhm, input_MOhm
from workbench.recordings.recordings import Recordings
from workbench.recordings.shape import Shape, shape_of
from workbench.recordings.sweep import Facts, SPIKE_mV, Sweep
from workbench.recordings.targets import Aim, Group, Targets, targets_of
from workbench.recordings.writing import write_targets

__all__ = [
    "REASONS",
    "SETTINGS",
    "USUAL",
    "Aim",
    "Facts",
    "Found",
    "Group",
    "Limits",
    "Pulses",
    "Recordings",
    "Remark",
    "SPIKE_mV",
    "Shape",
    "Sweep",
    "SweepFeatures",
    "Targets",
    "access_MOhm",
    "features_of",
    "floor_of",
    "input_MOhm",
    "load_recordings",
    "shape_of",
    "targets_of",
    "write_targets",
]
