"""What a kernel is asked and what it answers, as `requests.hpp` has it."""

import ctypes
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from workbench.arrays import Floats

Doubles = ctypes.POINTER(ctypes.c_double)
Ints = ctypes.POINTER(ctypes.c_int)
Longs = ctypes.POINTER(ctypes.c_long)


class Shape(ctypes.Structure):
    """The tree of a frame, and where its membranes are."""

    _fields_ = (
        ("nodes", ctypes.c_long),
        ("blocks", ctypes.c_long),
        ("parents", Ints),
        ("counts", Longs),
        ("nodes_of", Ints),
    )


class Request(ctypes.Structure):
    """One run."""

    _fields_ = (
        ("v_mV", ctypes.c_double),
        ("until_ms", ctypes.c_double),
        ("longest_ms", ctypes.c_double),
        ("tolerance_mV", ctypes.c_double),
        ("astray_mV", ctypes.c_double),
        ("budget", ctypes.c_long),
        ("axial_uS", Doubles),
        ("capacitance_nF", Doubles),
        ("areas", Doubles),
        ("shared", Doubles),
        ("own", Doubles),
        ("jumps", ctypes.c_long),
        ("jumps_ms", Doubles),
        ("stimuli", ctypes.c_long),
        ("stimulated", Ints),
        ("knots", Longs),
        ("knots_ms", Doubles),
        ("knots_nA", Doubles),
        ("clamps_uS", Doubles),
        ("recorded", ctypes.c_long),
        ("recorded_nodes", Ints),
        ("events", ctypes.c_long),
        ("events_ms", Doubles),
        ("event_blocks", Ints),
        ("event_points", Ints),
        ("event_weights", Doubles),
        ("observed", ctypes.c_long),
        ("observed_blocks", Ints),
        ("observed_places", Longs),
    )


class Answer(ctypes.Structure):
    """What a run has come to; `values` is (samples, columns), as `requests.hpp` says."""

    _fields_ = (
        ("outcome", ctypes.c_long),
        ("steps", ctypes.c_long),
        ("taken_back", ctypes.c_long),
        ("samples", ctypes.c_long),
        ("t_ms", ctypes.c_double),
        ("values", Doubles),
    )


class Kernel(Protocol):
    """A compiled frame, on whatever computes it."""

    def run(self, shape: Shape, requests: Sequence[Request]) -> list[Answer]:
        """Do the runs; an answer holds until `samples` has been asked for its values."""

    def samples(self, answer: Answer, columns: int) -> Floats:
        """Return (samples, columns) values, and let go of them."""


def pointer(array: Any, kind: Any) -> Any:
    """Return where an array begins; it has to be kept alive."""
    return np.ascontiguousarray(array).ctypes.data_as(kind)
