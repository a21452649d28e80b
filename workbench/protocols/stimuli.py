"""The stimuli. A new one is a class here and its clamp in `engines/neuron/clamps.py`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from workbench.protocols.stimulus import Amount, Detail, Floats, Lasting, Stimulus, key

MOST_STEPS = 100_000
"""Of a train: each is a clamp in NEURON."""


@dataclass(frozen=True)
class Step(Lasting):
    """A constant current into a site, from `delay_ms` for `duration_ms`; a hold is a long one."""

    kind: ClassVar[str] = "step"
    amplitude_nA: Amount = key("The current into the cell.")

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the current into the cell at some times."""
        on_ms, off_ms = self.window_ms(math.inf)
        return np.where((t_ms >= on_ms) & (t_ms < off_ms), float(self.amplitude_nA), 0.0)

    def level_nA(self, begin_ms: float, end_ms: float) -> float | None:
        """Return the current between two times, None if it changes there."""
        inside, throughout = self._covers(begin_ms, end_ms)
        if inside and not throughout:
            return None
        return float(self.amplitude_nA) if inside else 0.0

    def detail(self) -> Detail | None:
        """Return how long it lasts."""
        if not (self.amplitude_nA and self.duration_ms):
            return None
        return Detail(float(self.duration_ms), f"current of {self.duration_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return amplitude, site and times."""
        return f"{self.amplitude_nA:g} nA into {self._where(until_ms)}"


@dataclass(frozen=True)
class Train(Stimulus):
    """Equal steps at a frequency; the first begins at `delay_ms`."""

    kind: ClassVar[str] = "train"
    delay_ms: Amount = key("When the first step begins.")
    duration_ms: Amount = key("How long each step lasts.")
    amplitude_nA: Amount = key("The current of each step.")
    frequency_Hz: Amount = key("Of the steps' beginnings.")
    count: Amount = key("How many steps.")

    def __post_init__(self) -> None:
        self._check_above_0("frequency_Hz", "count")
        self._check_whole("count", MOST_STEPS)

    def steps(self) -> list[Step]:
        """Return the single steps."""
        period_ms = 1000.0 / float(self.frequency_Hz)
        begins = [float(self.delay_ms) + i * period_ms for i in range(int(self.count))]
        return [Step(self.site, begin, self.duration_ms, self.amplitude_nA) for begin in begins]

    def parts(self) -> Sequence[Stimulus]:
        """Return the single steps."""
        return self.steps()

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return begin of the first and end of the last step."""
        steps = self.steps()
        return steps[0].window_ms(until_ms)[0], steps[-1].window_ms(until_ms)[1]

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the sum of the steps' currents at some times."""
        return np.asarray(sum(step.current_nA(t_ms) for step in self.steps()))

    def detail(self) -> Detail | None:
        """Return how long a step lasts."""
        return self.steps()[0].detail()

    def words(self, until_ms: float) -> str:
        """Return how many steps, which, and how often."""
        return (
            f"{self.count:g} steps of {self.amplitude_nA:g} nA and {self.duration_ms:g} ms at "
            f"{self.frequency_Hz:g} Hz into {self._where(until_ms)}"
        )


@dataclass(frozen=True)
class EPSP(Stimulus):
    """A current shaped like an excitatory postsynaptic potential, a difference of exponentials.

    It begins at `delay_ms`, rises with `tau_rise_ms`, falls with `tau_decay_ms` and has its peak
    at `amplitude_nA` (Hay et al. 2011). The cell needs the mechanisms `synapses`.
    """

    kind: ClassVar[str] = "epsp"
    tau_rise_ms: Amount = key("Time constant of the rise.")
    tau_decay_ms: Amount = key("Time constant of the decay.")
    amplitude_nA: Amount = key("The current at its peak.")

    def __post_init__(self) -> None:
        self._check_above_0("tau_rise_ms", "tau_decay_ms")

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return its begin and the end of the run."""
        return float(self.delay_ms), until_ms

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the current into the cell at some times."""
        rise_ms, decay_ms = float(self.tau_rise_ms), float(self.tau_decay_ms)

        def shape(since_ms: Floats) -> Floats:
            return np.exp(-since_ms / decay_ms) - np.exp(-since_ms / rise_ms)

        top_ms = rise_ms * decay_ms / (decay_ms - rise_ms) * math.log(decay_ms / rise_ms)
        scale_nA = float(self.amplitude_nA) / shape(np.array(top_ms))
        return np.asarray(scale_nA * shape(np.maximum(t_ms - float(self.delay_ms), 0.0)))

    def detail(self) -> Detail | None:
        """Return its decay."""
        if not self.amplitude_nA:
            return None
        decay_ms = float(self.tau_decay_ms)
        return Detail(decay_ms, f"EPSP with a decay of {decay_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return peak, time constants, site and times."""
        return (
            f"an EPSP of {self.amplitude_nA:g} nA, rising with {self.tau_rise_ms:g} and falling "
            f"with {self.tau_decay_ms:g} ms, into {self._where(until_ms)}"
        )


STIMULI: tuple[type[Stimulus], ...] = (Step, Train, EPSP)
"""All kinds."""
