"""What a run leaves behind: one time axis and the recordings on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.protocols.maps import Mapped

MOST_SAMPLES = 100_000_000
"""Of a run, all recordings and the times together, 8 bytes each; they are copied once."""


@dataclass(frozen=True)
class Trace:
    """One recording: times (ms) and values (NEURON's unit of the variable), both of shape (n,)."""

    name: str
    t_ms: Floats
    values: Floats

    def __post_init__(self) -> None:
        for name in ("t_ms", "values"):
            object.__setattr__(
                self, name, _floats(f"trace {self.name}: {name}", getattr(self, name))
            )
        if self.t_ms.ndim != 1 or self.t_ms.shape != self.values.shape:
            raise InputError(
                f"trace {self.name}: t_ms has shape {self.t_ms.shape}, values {self.values.shape}; "
                "both must be one row of equal length"
            )
        for array in (self.t_ms, self.values):
            array.setflags(write=False)


def _floats(name: str, given: object) -> Floats:
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is no row of numbers: {error}") from None


LEAST_mV = 1.0
"""A membrane whose voltage never leaves this range is one in V."""

LEAST_STEP_ms = 1e-3
"""Of a recording, on average; no amplifier samples faster."""


def check_units(trace: Trace) -> None:
    """Refuse a recording that is surely in V or in s.

    Raises
    ------
    InputError
        With what it was taken for, and by what to multiply it.
    """
    values, t_ms = trace.values, trace.t_ms
    if trace.name.endswith(".v") and values.size and np.abs(values).max() < LEAST_mV:
        raise InputError(
            f"trace {trace.name}: its values reach from {values.min():.4g} to {values.max():.4g} "
            "mV, which is a membrane in V; multiply them by 1000"
        )
    if t_ms.size > 1 and 0 < (mean_ms := (t_ms[-1] - t_ms[0]) / (t_ms.size - 1)) < LEAST_STEP_ms:
        raise InputError(
            f"trace {trace.name}: {t_ms.size} times from {t_ms[0]:g} to {t_ms[-1]:g} ms, one every "
            f"{mean_ms:.2g} ms, are times in s; multiply them by 1000"
        )


@dataclass(frozen=True)
class Traces(Mapping[str, Trace]):
    """All recordings of one run, by name (`soma.v`).

    Attributes
    ----------
    t_ms
        Times of the integrator's steps, shape (n,).
    recorded
        Values by name, each of shape (n,), in NEURON's unit of the variable.
    maps
        What came of the protocol's maps, by name.
    """

    protocol: str
    t_ms: Floats
    recorded: Mapping[str, Floats]
    maps: Mapping[str, Mapped] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in (self.t_ms, *self.recorded.values()):
            array.setflags(write=False)

    def __getitem__(self, name: str) -> Trace:
        if name not in self.recorded:
            raise KeyError(unknown("recording", name, self.recorded))
        return Trace(name, self.t_ms, self.recorded[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.recorded)

    def __len__(self) -> int:
        return len(self.recorded)
