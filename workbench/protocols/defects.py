"""What can be wrong with a trace, so that a numerical accident never looks like a silent cell."""

from enum import Enum
from typing import NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.protocols.traces import Trace

ABSURD_mV = 200.0
"""No living membrane is farther from zero; a trace beyond it is a numerical accident."""


class DefectKind(Enum):
    """Kinds of defects."""

    NOT_FINITE = "a recording is not a number or infinite"
    ABSURD = "the membrane left every physiological voltage"
    UNFINISHED = "the run did not reach its end"


class Defect(NamedTuple):
    """What is wrong, and where as a sentence."""

    kind: DefectKind
    message: str


def rounding_ms(t_ms: Floats) -> float:
    """Return by how much the last of some times may miss the end that was meant, in ms.

    NEURON's time is a sum of steps, each of two additions, and each addition rounds.
    """
    return 1e-6 + t_ms.size * float(np.spacing(np.abs(t_ms[-1])))


def find_defect(trace: Trace, until_ms: float | None = None) -> Defect | None:
    """Return the first defect of a trace, or None if it is sound.

    Parameters
    ----------
    trace
        One recording; the bound on voltages holds for recordings named `*.v`.
    until_ms
        Where it should end; None if that is not known.
    """
    name, t_ms, values = trace.name, trace.t_ms, trace.values
    if t_ms.size < 2:
        return Defect(DefectKind.UNFINISHED, f"{name} has {t_ms.size} samples")
    # Two samples may share a time: CVODE ends and begins a step where a clamp begins. No time is
    # equal to or greater than one that is not a number.
    increase = (t_ms[1:] >= t_ms[:-1]).all() and -np.inf < t_ms[0] < t_ms[-1] < np.inf
    if not increase:
        return Defect(DefectKind.NOT_FINITE, f"the times of {name} do not increase")
    # Both are not numbers if any value is none.
    lowest, highest = values.min(), values.max()
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        first = np.flatnonzero(~np.isfinite(values))[0]
        where = f"{name} is {values[first]} at {t_ms[first]:.3f} ms"
        return Defect(DefectKind.NOT_FINITE, where)
    if name.endswith(".v") and max(-lowest, highest) > ABSURD_mV:
        first = np.flatnonzero(np.abs(values) > ABSURD_mV)[0]
        where = f"{name} is {values[first]:.4g} mV at {t_ms[first]:.3f} ms"
        return Defect(DefectKind.ABSURD, where)
    if until_ms is not None and t_ms[-1] < until_ms - rounding_ms(t_ms):
        where = f"{name} ends at {t_ms[-1]:.3f} ms instead of {until_ms:g} ms"
        return Defect(DefectKind.UNFINISHED, where)
    return None
