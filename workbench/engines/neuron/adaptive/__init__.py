"""Steps that follow the voltage; the scheme is in `adaptive.cpp`."""

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.builds import Report, build_library, native_flags
from workbench.engines.job import Failure, FailureKind, Integrator
from workbench.engines.neuron.stepping import longest_step_ms
from workbench.errors import BuildError, EngineError
from workbench.protocols import Protocol

_SOURCE = Path(__file__).with_name("adaptive.cpp")
_ASTRAY_mV = 1000.0
"""Where any segment's voltage ends a run; a recorded one is judged by narrower bounds."""

OTHERWISE = "or choose CVODE (cvode_atol) or a fixed step (dt_ms)"


class _Request(ctypes.Structure):
    _fields_ = (
        ("until_ms", ctypes.c_double),
        ("jumps_ms", ctypes.POINTER(ctypes.c_double)),
        ("jumps", ctypes.c_long),
        ("longest_ms", ctypes.c_double),
        ("tolerance_mV", ctypes.c_double),
        ("astray_mV", ctypes.c_double),
        ("first_order", ctypes.POINTER(ctypes.c_char_p)),
        ("first_orders", ctypes.c_long),
        ("budget", ctypes.c_long),
    )


class _Answer(ctypes.Structure):
    _fields_ = (
        ("steps", ctypes.c_long),
        ("taken_back", ctypes.c_long),
        ("t_ms", ctypes.c_double),
        ("why", ctypes.c_char * 256),
    )


_DONE, _OUT_OF_STEPS, _ASTRAY, _REFUSED, _FAILED = range(5)


@cache
def prepare(native: bool, report: Report | None = None) -> Path:
    """Return the library of the scheme, compiled for this processor if that is asked for.

    Raises
    ------
    BuildError
        If it cannot be compiled.
    """
    said = report or _silent
    if native:
        try:
            return build_library(_SOURCE, native_flags(), said)
        except BuildError as error:
            said(f"the adaptive step is not compiled for this processor: {error}")
    return build_library(_SOURCE, "", said)


def advance(
    protocol: Protocol,
    arriving_ms: Sequence[Floats],
    integrator: Integrator,
    first_order: Sequence[str],
    budget: int,
) -> Failure | None:
    """Advance the cells of this process from `finitialize` to the end of a bound protocol.

    Parameters
    ----------
    arriving_ms
        When the events that stand in NEURON's queue arrive, train by train.
    integrator
        Its `step_error_mV` and `native`.
    first_order
        Mechanisms whose own steps are of first order.
    budget
        How many steps are allowed, those that are taken back too.

    Raises
    ------
    EngineError
        If this process or the protocol holds what the scheme cannot do.
    """
    check_recordings(protocol)
    library = _loaded(prepare(integrator.native))
    jumps = np.unique(np.concatenate([jumps_ms(protocol), *arriving_ms]))
    asked = _Request(
        protocol.duration_ms,
        jumps.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        len(jumps),
        longest_step_ms(protocol),
        integrator.step_error_mV or 0.0,
        _ASTRAY_mV,
        (ctypes.c_char_p * len(first_order))(*(name.encode() for name in first_order)),
        len(first_order),
        budget,
    )
    answer = _Answer()
    outcome = library.workbench_advance(ctypes.byref(asked), ctypes.byref(answer))
    why = answer.why.decode(errors="replace")
    if outcome == _REFUSED:
        raise EngineError(
            f"adaptive steps cannot advance {why}, and this process holds it; remove it, "
            f"{OTHERWISE}"
        )
    if outcome == _OUT_OF_STEPS:
        message = (
            f"{budget} steps led to {answer.t_ms:.1f} of {protocol.duration_ms:g} ms; "
            "steps_per_ms allows more"
        )
        return Failure(FailureKind.TOO_MANY_STEPS, message)
    # A run that went astray has recorded where; `find_defect` says so, or that it ended early.
    return Failure(FailureKind.SIMULATOR, why) if outcome == _FAILED else None


def jumps_ms(protocol: Protocol) -> list[float]:
    """Return the times at which stimuli of a bound protocol jump, in order."""
    return sorted({at for s in protocol.stimuli for at in s.jumps_ms(protocol.duration_ms)})


def check_recordings(protocol: Protocol) -> None:
    """Refuse recordings of what the scheme knows in the middle of steps only.

    Raises
    ------
    EngineError
        With the first of them.
    """
    recorded = [(one.name, one.variable) for one in protocol.recordings]
    maps = [(f"the map {one.name} of {one.variable}", one.variable) for one in protocol.maps]
    for name, variable in (*recorded, *maps):
        if variable != "v":
            raise EngineError(
                f"{protocol.name} records {name}; adaptive steps know voltages at the "
                f"recorded times and all else between them. Record v, {OTHERWISE}"
            )


def _silent(sentence: str) -> None:
    """Report to nobody."""


@cache
def _loaded(library: Path) -> Any:
    found = ctypes.CDLL(str(library))
    found.workbench_advance.argtypes = (ctypes.POINTER(_Request), ctypes.POINTER(_Answer))
    return found
