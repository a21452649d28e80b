"""What is done to a cell: currents into a site.

Every amount, and the site, may be the name of one of the protocol's parameters.
"""

import math
from dataclasses import dataclass

from workbench.cells import Site
from workbench.errors import StudyError

MOST_STEPS = 100_000
"""Of a train: each is a clamp in NEURON."""

Amount = float | str
"""A number, or the name of one of the protocol's parameters."""


@dataclass(frozen=True)
class Step:
    """A constant current into a site, from `delay_ms` for `duration_ms`; a hold is a long one."""

    site: Site | str
    delay_ms: Amount
    duration_ms: Amount
    amplitude_nA: Amount

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return begin and end, once the amounts are numbers."""
        return float(self.delay_ms), float(self.delay_ms) + float(self.duration_ms)


@dataclass(frozen=True)
class Train:
    """Equal steps at a frequency; the first begins at `delay_ms`."""

    site: Site | str
    delay_ms: Amount
    duration_ms: Amount
    amplitude_nA: Amount
    frequency_Hz: Amount
    count: Amount

    def __post_init__(self) -> None:
        _check_above_0("train", frequency_Hz=self.frequency_Hz, count=self.count)
        if not isinstance(self.count, str) and self.count > MOST_STEPS:
            raise StudyError(f"train: count is {self.count:g}, it must be at most {MOST_STEPS}")
        if not isinstance(self.count, str) and self.count != int(self.count):
            raise StudyError(f"train: count is {self.count:g}, it must be a whole number")

    def steps(self) -> list[Step]:
        """Return the single steps, once the amounts are numbers."""
        period_ms = 1000.0 / float(self.frequency_Hz)
        begins = [float(self.delay_ms) + i * period_ms for i in range(int(self.count))]
        return [Step(self.site, begin, self.duration_ms, self.amplitude_nA) for begin in begins]

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return begin of the first and end of the last step, once the amounts are numbers."""
        steps = self.steps()
        return steps[0].window_ms(until_ms)[0], steps[-1].window_ms(until_ms)[1]


@dataclass(frozen=True)
class EPSP:
    """A current shaped like an excitatory postsynaptic potential, a difference of exponentials.

    It begins at `delay_ms`, rises with `tau_rise_ms`, falls with `tau_decay_ms` and has its peak
    at `amplitude_nA` (Hay et al. 2011). The cell needs the mechanisms `synapses`.
    """

    site: Site | str
    delay_ms: Amount
    tau_rise_ms: Amount
    tau_decay_ms: Amount
    amplitude_nA: Amount

    def __post_init__(self) -> None:
        _check_above_0("epsp", tau_rise_ms=self.tau_rise_ms, tau_decay_ms=self.tau_decay_ms)

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return its begin, once the amounts are numbers, and the end of the run."""
        return float(self.delay_ms), until_ms


Stimulus = Step | Train | EPSP
"""What may be done to a cell."""


def _check_above_0(stimulus: str, **amounts: Amount) -> None:
    for name, amount in amounts.items():
        if not isinstance(amount, str) and not 0 < amount < math.inf:
            raise StudyError(f"{stimulus}: {name} is {amount:g}, it must be above 0")
