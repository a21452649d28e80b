"""Whether a run has to stop: a signal or the walltime sets a flag, whoever deals rows looks.

What is done before the first row and after the last one is ended by the signal itself.
"""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import overload

from workbench.errors import InputError, StoppedEarly

GRACE_s = 0.5
"""How long what is under way when a stop is asked for may take to end.

Open MPI 4's mpirun kills its ranks one second after it passed SIGTERM on to them, and the ledger
has to be closed by then.
"""

SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)
_LONGEST_MARGIN_s = 120.0


@overload
def walltime_s(text: str, said: str = "walltime") -> float: ...


@overload
def walltime_s(text: None, said: str = "walltime") -> None: ...


def walltime_s(text: str | None, said: str = "walltime") -> float | None:
    """Return a walltime as schedulers write it, [D-]HH:MM:SS, in seconds; None for none.

    Parameters
    ----------
    said
        What the message calls it.

    Raises
    ------
    InputError
        If it has another form, or is over before it begins.
    """
    if text is None:
        return None
    found = re.fullmatch(r"(?:(\d{1,5})-)?(\d{1,6}):([0-5]?\d):([0-5]?\d)", str(text), re.ASCII)
    days, hours, minutes, seconds = map(int, found.groups("0")) if found else (0, 0, 0, 0)
    total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total_s == 0:
        raise InputError(f"{said} {text!r} cannot be read; write HH:MM:SS or D-HH:MM:SS")
    return float(total_s)


class _AtOnce(BaseException):
    """A signal has come."""


class Stop:
    """Says that a run has to stop, why, and when what is still under way is ended.

    A run with a walltime begins to stop a twentieth of it before, at most two minutes: it is
    gone when the scheduler would kill it.
    """

    def __init__(self, walltime_s: float | None = None, grace_s: float = GRACE_s) -> None:
        self.reason = ""
        self._at_once = False
        self._grace_s = grace_s
        self._ends = self._last = float("inf")
        if walltime_s is not None:
            margin_s = min(walltime_s / 20, _LONGEST_MARGIN_s)
            self._ends = time.monotonic() + walltime_s - margin_s

    def ask(self, reason: str) -> None:
        """Ask for a stop; the first reason counts."""
        if not self.reason:
            self.reason = reason
            self._last = time.monotonic() + self._grace_s

    @property
    def asked(self) -> bool:
        """Whether nothing new may be begun."""
        if time.monotonic() >= self._ends:
            self.ask("the walltime is nearly over")
        return bool(self.reason)

    @property
    def due(self) -> bool:
        """Whether what is under way has to be ended now."""
        return self.asked and time.monotonic() >= self._last

    @contextmanager
    def at_once(self, while_doing: str) -> Iterator[None]:
        """Let a signal end at once what is done here, for it leaves nothing half done.

        Raises
        ------
        StoppedEarly
            If a stop was or is asked for; with what was being done.
        """
        try:
            self._at_once = True
            if not self.reason:
                yield
        except _AtOnce:
            pass
        finally:
            self._at_once = False
        # Python drops what a handler raises within a finalizer: the flag decides.
        if self.reason:
            raise StoppedEarly(f"{self.reason} {while_doing}")

    @contextmanager
    def on_signals(self) -> Iterator["Stop"]:
        """Take SIGTERM, SIGUSR1 and SIGINT for a request to stop; in the main thread only.

        Once one has come, the process is on its way out, and a second one must not change with
        which exit code: schedulers and launchers like to say it twice. Python gives handlers of
        its own up before MPI has taken its leave; what is ignored stays so to the end.
        """

        def note(number: int, frame: FrameType | None) -> None:
            first = not self.reason
            self.ask(signal.Signals(number).name)
            if first and self._at_once:
                raise _AtOnce

        before = {number: signal.signal(number, note) for number in SIGNALS}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if self.reason else handler)
