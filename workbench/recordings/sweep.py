"""A sweep: one voltage, the current that was injected, and what the file says of both."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.features.spikes import crossings_ms
from workbench.protocols import Trace
from workbench.recordings.shape import Shape, shape_of

SPIKE_mV = -20.0
"""What crosses it upwards is a spike, unless told otherwise."""


@dataclass(frozen=True)
class Facts:
    """What the file says of an electrode, as far as it does; None where it does not.

    Attributes
    ----------
    bias_nA
        The amplifier's holding current.
    bridge_MOhm
        The resistance that its bridge took out.
    seal_MOhm, access_MOhm
        Of the electrode, as they were noted when the cell was reached.
    electrode
        What the file calls the electrode; nothing where it names none.
    """

    bias_nA: float | None = None
    bridge_MOhm: float | None = None
    seal_MOhm: float | None = None
    access_MOhm: float | None = None
    electrode: str = ""


@dataclass(frozen=True, eq=False)
class Sweep:
    """A recorded voltage and the current that was injected, on one grid of times from 0 ms on.

    Attributes
    ----------
    cell, name
        Whose it is, and what it is called; the name is the only one of its recordings.
    protocol
        What the file calls the stimulus, or nothing.
    files
        What it was read from.
    dt_ms
        Between two samples.
    v_mV, i_nA
        Voltage, with `ljp_mV` taken off, and current into the cell, both (n,).
    ljp_mV
        The liquid junction potential that was subtracted; None if none was.
    facts
        What the file says besides.
    threshold_mV
        What the voltage crosses upwards in a spike.
    """

    cell: str
    name: str
    protocol: str
    files: tuple[str, ...]
    dt_ms: float
    v_mV: Floats
    i_nA: Floats
    ljp_mV: float | None = None
    facts: Facts = field(default_factory=Facts)
    threshold_mV: float = SPIKE_mV

    def __post_init__(self) -> None:
        for name in ("v_mV", "i_nA"):
            values = np.array(getattr(self, name), dtype=float)
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if self.v_mV.ndim != 1 or self.v_mV.shape != self.i_nA.shape or self.v_mV.size < 2:
            raise InputError(
                f"{self.name}: v_mV has shape {self.v_mV.shape}, i_nA {self.i_nA.shape}; both must "
                "be one row of equal length"
            )
        for name, values in (("voltage", self.v_mV), ("current", self.i_nA)):
            if not np.isfinite(values).all():
                first = int(np.flatnonzero(~np.isfinite(values))[0])
                raise InputError(f"{self.name}: sample {first + 1} of the {name} is no number")

    def __repr__(self) -> str:
        return (
            f"<Sweep {self.name!r} of {self.cell}: {self.shape}; {self.duration_ms:g} ms at "
            f"{1 / self.dt_ms:g} kHz>"
        )

    @property
    def duration_ms(self) -> float:
        """How long it lasts."""
        return self.v_mV.size * self.dt_ms

    @cached_property
    def t_ms(self) -> Floats:
        """The times of its samples, (n,)."""
        t_ms: Floats = np.arange(self.v_mV.size, dtype=float) * self.dt_ms
        t_ms.setflags(write=False)
        return t_ms

    @cached_property
    def trace(self) -> Trace:
        """The voltage as features take it."""
        return Trace(f"{self.name}.v", self.t_ms, self.v_mV)

    @cached_property
    def shape(self) -> Shape:
        """What the stimulus is: see `shape_of`."""
        return shape_of(self.i_nA, self.dt_ms)

    @cached_property
    def spikes_ms(self) -> Floats:
        """The times of all upward crossings of the threshold, (k,)."""
        return crossings_ms(self.trace, self.threshold_mV)

    def before(self) -> Floats:
        """Return the voltage before the stimulus (mV); nothing if the stimulus begins at once."""
        found: Floats = self.v_mV[: round(self.shape.onset_ms / self.dt_ms)]
        return found if self.shape.kind != "none" else self.v_mV
