"""How many evaluations there are, at which pace they come, and how long the rest takes."""

import html
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol as Interface

from workbench.evaluations.records import Row


class Far(Interface):
    """How far a run is, as text and, in a notebook, as HTML."""

    @property
    def whole(self) -> bool:
        """Whether this is worth a line in a file."""


class Count:
    """Counts rows, and those of them that are new since this process began with the run.

    Parameters
    ----------
    known
        How many rows the ledger holds already; they come first.
    """

    def __init__(self, known: int) -> None:
        self._begun = time.monotonic()
        self._here = -known
        self.done = 0
        self.failed: Counter[str] = Counter()
        self.beaten = 0

    def take(self, row: Row) -> bool:
        """Count a row and return whether it is new."""
        self.done += 1
        self._here += 1
        if row.evaluation.failed:
            self.failed[row.evaluation.status] += 1
        self.beaten += row.evaluation.saved > 0
        return self._here > 0

    def pace(self, planned: int) -> tuple[float, float | None]:
        """Return rows a minute, and for how many s the rest lasts; None if nothing tells."""
        seconds = time.monotonic() - self._begun
        a_second = self._here / seconds if seconds > 0 else 0.0
        return 60 * a_second, (planned - self.done) / a_second if a_second > 0 else None


@dataclass(frozen=True)
class PartDone:
    """How far it is: so many simulated, of so many `things`."""

    done: int
    planned: int
    things: str

    @property
    def whole(self) -> bool:
        """Whether another tenth is done."""
        return self.done * 10 // self.planned > (self.done - 1) * 10 // self.planned

    def __str__(self) -> str:
        return f"{self.done} of {self.planned} {self.things} simulated"

    def _repr_html_(self) -> str:
        return bar(self.done, self.planned, str(self))


def pace_words(per_minute: float, left_s: float | None, failed: Mapping[str, int]) -> str:
    """Return the pace, what is left and what failed, for a line."""
    left = "unknown" if left_s is None else _clock(left_s)
    reasons = ", ".join(f"{count} {status}" for status, count in sorted(failed.items()))
    return f"{per_minute:.1f}/min  left {left}" + (f"  failed: {reasons}" if reasons else "")


def bar(done: int, planned: int, words: str) -> str:
    """Return a bar and words as HTML."""
    drawn = f'<progress value="{done}" max="{planned}"></progress>'
    return f"<div>{drawn} {html.escape(words)}</div>"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
