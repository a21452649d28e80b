"""Standard output and standard error, which nobody may be left to read.

What a command does, and its exit code, are the same with and without a reader: a pipe whose reader
went away, a terminal that is gone and a stream that was closed before we began take what is written
and forget it. A disk that is full is another matter for results, which somebody wants, and for
remarks is none.
"""

import errno
import io
import os
import sys
from typing import Any, TextIO

_EVERY = set(errno.errorcode)
_INPUT, _OUTPUT, _ERROR = 0, 1, 2


def take_streams() -> None:
    """Put streams that outlive their readers in the place of the process's own.

    A stream that somebody has replaced already is left as it is.
    """
    for descriptor in (_INPUT, _OUTPUT, _ERROR):
        _open_if_closed(descriptor)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _stream(_OUTPUT, sys.__stdout__, {errno.EPIPE})
    if sys.stderr is sys.__stderr__:
        sys.stderr = _stream(_ERROR, sys.__stderr__, _EVERY)


def _open_if_closed(descriptor: int) -> None:
    """Keep the numbers of the standard streams from the files that are opened next."""
    try:
        os.fstat(descriptor)
    except OSError:
        # The system gives the lowest number that is free: this one, as they are seen to in order.
        os.open(os.devnull, os.O_RDWR)


class _Unread(io.FileIO):
    """A stream that takes what is written where writing fails in one of some ways."""

    def __init__(self, descriptor: int, forgiven: set[int]) -> None:
        super().__init__(descriptor, "w", closefd=False)
        # To write on a terminal that is gone is the same error as on a disk that breaks.
        self._forgiven = forgiven | ({errno.EIO} if self.isatty() else set())

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in self._forgiven:
                # What waits in the buffer is written again as the process ends.
                # One error is enough.
                self._forgiven = _EVERY
                raise OSError(error.errno, error.strerror, "standard output") from None
            return memoryview(data).nbytes


def _stream(descriptor: int, before: TextIO | None, forgiven: set[int]) -> TextIO:
    raw = _Unread(descriptor, forgiven)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=None if before is None else before.encoding,
        # A name that the terminal has no letters for is no reason to end.
        errors="backslashreplace",
        line_buffering=descriptor == _ERROR or raw.isatty(),
    )
