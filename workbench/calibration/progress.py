"""How long a calibration will take, and how far it is."""

import time
from collections.abc import Callable, Sequence

from workbench.arrays import Floats
from workbench.engines import Integrator
from workbench.fitting import Problem

Report = Callable[[str], None]
Step = tuple[float, int]
"""What an individual costs, and how many of them are to be simulated."""

EVERY_s = 20.0
"""How often it is said how far the calibration is."""

SINGLE = 0.6
"""Of the time that it takes in double, what the population engine takes in single precision."""


class Progress:
    """Counts simulations by their expected cost, and says what is left at the pace so far.

    A run of some individuals begins with the start of workers, which costs more than a small cell.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._planned = self._simulated = self._elapsed_s = 0.0
        self._left = self._runs = 0
        self._start_s = float("inf")
        self._told = self._last = float("-inf")
        self._first = True

    def say(self, sentence: str) -> None:
        """Say what happens next."""
        self._report(sentence)

    def plan(self, steps: Sequence[Step]) -> None:
        """Take note of what is still to be simulated, at most, and say how long it will take."""
        self._planned = sum(cost * count for cost, count in steps)
        self._left = sum(count for _, count in steps)
        self._runs = sum(count > 0 for _, count in steps)
        self._told = float("-inf")
        self._tell()

    def begin(self) -> None:
        """Take note that a run of some individuals begins."""
        self._runs = max(0, self._runs - 1)
        self._last = time.monotonic()
        self._first = True

    def simulated(self, cost: float) -> None:
        """Take note that an individual was simulated."""
        now = time.monotonic()
        took_s, self._last = now - self._last, now
        if self._first:
            self._start_s, self._first = min(self._start_s, took_s), False
        else:
            self._elapsed_s += took_s
            self._simulated += cost
        self._planned = max(0.0, self._planned - cost)
        self._left = max(0, self._left - 1)
        if now - self._told > EVERY_s:
            self._tell()

    def _tell(self) -> None:
        if self._left and self._simulated:
            still = "will take" if self._told == float("-inf") else "are left, which will take"
            self._told = time.monotonic()
            left_s = self._runs * self._start_s + self._planned * self._elapsed_s / self._simulated
            self._report(
                f"{self._left} simulations of individuals {still} about {duration(left_s)}"
            )


def cost_of(problem: Problem, row: Floats) -> float:
    """Return what an individual, (d,), costs relative to others of other settings.

    As far as it can be said beforehand: from what calibrations of `l5pc` and of cells of one
    segment took, right within a factor of two or three.
    """
    segments = sum(problem.cell(row).segment_counts)
    steps = [_steps(problem.integrator_of(protocol.name)) for protocol in problem.protocols]
    return (segments + 20) * sum(steps) / len(steps)


def _steps(integrator: Integrator) -> float:
    if integrator.atol is not None:
        return float((1e-3 / integrator.atol) ** 0.15)
    if integrator.step_error_mV is not None:
        part = SINGLE if integrator.precision == "single" else 1.0
        return float(part * 0.15 * (0.02 / integrator.step_error_mV) ** 0.3)
    assert integrator.dt_ms is not None
    return 0.05 / integrator.dt_ms


def duration(seconds: float) -> str:
    """Return a duration as one says it.

    >>> duration(4.2), duration(100), duration(5400)
    ('5 seconds', '2 minutes', '1.5 hours')
    """
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} seconds"
    if seconds < 3600:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
