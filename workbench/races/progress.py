"""How far a race is: its ledgers are looked at while others write them."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from workbench.errors import LedgerError
from workbench.evaluations import Ledger
from workbench.evaluations.counting import bar, pace_words

LOOK_s = 5.0
"""How often the ledgers are looked at: each look copies those that are being written."""


@dataclass(frozen=True)
class RaceProgress:
    """How far a race is.

    Attributes
    ----------
    runs
        How many runs have all their evaluations, of `planned_runs`.
    evaluations
        How many there are in all ledgers, of `planned`.
    per_minute
        Evaluations a minute since this process began with the race.
    left_s
        How long the rest takes at this pace; None if nothing tells.
    whole
        Whether another tenth of them is done.
    """

    runs: int
    planned_runs: int
    evaluations: int
    planned: int
    per_minute: float
    left_s: float | None
    whole: bool

    def __str__(self) -> str:
        return (
            f"runs {self.runs}/{self.planned_runs}  evaluations {self.evaluations}/{self.planned}  "
            f"{pace_words(self.per_minute, self.left_s, {})}"
        )

    def _repr_html_(self) -> str:
        return bar(self.evaluations, self.planned, str(self))


class _Watch:
    """Counts what is in the ledgers of a race; a run that is whole is not read again."""

    def __init__(self, folders: Sequence[Path], each: Sequence[int]) -> None:
        self._planned = dict(zip(folders, each, strict=True))
        self._counted = dict.fromkeys(folders, 0)
        self._begun = time.monotonic()
        self._look()
        self._known = self._tenths = 0
        self._known = sum(self._counted.values())

    def now(self) -> RaceProgress:
        """Return how far the race is."""
        self._look()
        done, planned = sum(self._counted.values()), sum(self._planned.values())
        a_second = (done - self._known) / max(time.monotonic() - self._begun, 1e-9)
        tenths, before = 10 * done // planned, self._tenths
        self._tenths = tenths
        return RaceProgress(
            runs=sum(count >= self._planned[run] for run, count in self._counted.items()),
            planned_runs=len(self._planned),
            evaluations=done,
            planned=planned,
            per_minute=60 * a_second,
            left_s=(planned - done) / a_second if a_second > 0 else None,
            whole=tenths > before,
        )

    def _look(self) -> None:
        for folder, planned in self._planned.items():
            if self._counted[folder] < planned and (folder / "ledger.sqlite").exists():
                # One that is just being made has nothing to count yet.
                with suppress(LedgerError), Ledger.open(folder / "ledger.sqlite") as ledger:
                    self._counted[folder] = sum(1 for _ in ledger.rows())


@contextmanager
def watched(
    folders: Sequence[Path], each: Sequence[int], show: Callable[[RaceProgress], None]
) -> Iterator[None]:
    """Tell every few seconds how far the runs in these folders are, and at the end.

    Parameters
    ----------
    each
        How many evaluations each of them will have.
    """
    watch, ended = _Watch(folders, each), Event()

    def look() -> None:
        while not ended.wait(LOOK_s):
            show(watch.now())

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    show(watch.now())
