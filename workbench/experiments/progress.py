"""How far an experiment is: counted from its rows, as a value that can be printed and shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.evaluations import Row
from workbench.evaluations.counting import Count, bar, pace_words


@dataclass(frozen=True)
class ExperimentProgress:
    """How far an experiment is, after one of its simulations.

    Attributes
    ----------
    simulations
        How many are done, of `planned`.
    per_minute
        Simulations a minute since this process began with the experiment.
    left_s
        How long the rest takes at this pace; None if nothing tells.
    failed
        How many failed, by status.
    whole
        Whether another tenth of them is done.
    """

    simulations: int
    planned: int
    per_minute: float
    left_s: float | None
    failed: Mapping[str, int]
    whole: bool

    def __str__(self) -> str:
        pace = pace_words(self.per_minute, self.left_s, self.failed)
        return f"simulations {self.simulations}/{self.planned}  {pace}"

    def _repr_html_(self) -> str:
        return bar(self.simulations, self.planned, str(self))


class ExperimentWatch:
    """A listener that tells how far an experiment is, from the first new row on.

    Parameters
    ----------
    planned, known
        How many simulations there are, and how many of them are known; these come first.
    show
        Told after each simulation.
    """

    def __init__(
        self, planned: int, known: int, show: Callable[[ExperimentProgress], None]
    ) -> None:
        self._planned, self._show = planned, show
        self._count = Count(known)

    def __call__(self, row: Row) -> None:
        """Take a row that was simulated, or found in the ledger."""
        if not self._count.take(row):
            return
        done, planned = self._count.done, self._planned
        whole = 10 * done // planned > 10 * (done - 1) // planned
        pace = self._count.pace(planned)
        self._show(ExperimentProgress(done, planned, *pace, dict(self._count.failed), whole))
