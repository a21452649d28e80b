"""How fast a run was, and how much of their time its workers had nothing to do."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from workbench.runs.record import SessionRecord

Attempts = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Pace:
    """How fast the run was.

    Attributes
    ----------
    median_s
        Median wall-clock time of one evaluation on its worker, None if none ended.
    active_s
        From the start of each session to its last evaluation, summed over sessions.
    per_minute
        Evaluations that ended, divided by `active_s`.
    idle
        Share of the workers' time in which they evaluated nothing, from the first begin to the
        last end of each session, over all that ended anything in it; None if none ended.
    lost
        Attempts that came to nothing, by their reason.
    """

    median_s: float | None
    active_s: float
    per_minute: float | None
    idle: float | None
    lost: Mapping[str, int]


def pace_of(attempts: Attempts, sessions: Sequence[SessionRecord]) -> Pace:
    """Return the pace of a run from the attempts of its ledger and its record of sessions."""
    seconds = [attempt["seconds"] for attempt in attempts if attempt["outcome"] == "done"]
    lost = Counter(a["outcome"] for a in attempts if a["outcome"] != "done")
    started = [datetime.fromisoformat(session.started).timestamp() for session in sessions]
    parts = list(_by_session(attempts, sorted(started)))
    active_s = sum(max(a["ended_at"] for a in part) - start for start, part in parts)
    return Pace(
        median_s=float(np.median(seconds)) if seconds else None,
        active_s=active_s,
        per_minute=60 * len(seconds) / active_s if seconds and active_s > 0 else None,
        idle=_idle([part for _, part in parts]),
        lost=dict(lost.most_common()),
    )


def _by_session(attempts: Attempts, started: Sequence[float]) -> Iterator[tuple[float, Attempts]]:
    """Yield the start of each session in which something ended, and what ended.

    What no session tells of was all done in one.

    A session that was killed has no end of its own; its last evaluation stands for it.
    """
    if not started and attempts:
        started = [min(a["ended_at"] - a["seconds"] for a in attempts)]
    for start, next_start in zip(started, [*started[1:], float("inf")], strict=True):
        if part := [a for a in attempts if start <= a["ended_at"] < next_start]:
            yield start, part


def _idle(parts: Sequence[Attempts]) -> float | None:
    busy_s = there_s = 0.0
    for part in parts:
        # Twins share one evaluation, and its time to the last bit.
        busy_s += sum(s for _, s in {(a["worker"], a["seconds"]) for a in part})
        seats = {re.sub(r"\.\d+$", "", a["worker"]) for a in part}
        first = min(a["ended_at"] - a["seconds"] for a in part)
        there_s += len(seats) * (max(a["ended_at"] for a in part) - first)
    return max(0.0, 1 - busy_s / there_s) if there_s > 0 else None
