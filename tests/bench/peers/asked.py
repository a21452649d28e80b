"""What the programs of the bench tell one another."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

THRESHOLD_mV = -20.0


@dataclass(frozen=True)
class Asked:
    """A current into the middle of the soma of some cells, and the settings to try."""

    swc: str
    gnabar_S_per_cm2: tuple[float, ...]
    amplitude_nA: float
    delay_ms: float
    duration_ms: float
    until_ms: float
    longest_um: float
    settings: tuple[float, ...]
    """Time steps in ms, or errors of a step in mV; the last one is the truth."""

    @classmethod
    def read(cls) -> "Asked":
        return cls(**{key: _fixed(value) for key, value in json.loads(sys.argv[1]).items()})

    def text(self) -> str:
        return json.dumps(asdict(self))


def crossings_ms(t_ms: Any, v_mV: Any, threshold_mV: float = THRESHOLD_mV) -> list[float]:
    """Return when a voltage rises across the threshold, on lines between samples."""
    at = np.flatnonzero((v_mV[:-1] < threshold_mV) & (v_mV[1:] >= threshold_mV))
    part = (threshold_mV - v_mV[at]) / (v_mV[at + 1] - v_mV[at])
    return [float(t) for t in t_ms[at] + part * (t_ms[at + 1] - t_ms[at])]


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
