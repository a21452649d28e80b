"""The file beside a ledger that says who writes to it and how far it has come."""

import fcntl
import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.errors import LedgerError
from workbench.evaluations.filesystems import refuse_unsafe

_JOB = ("SLURM_JOB_ID", "PBS_JOBID", "JOB_ID")


class Claim:
    """An exclusive lock that ends with its process, however that ends.

    The locked file's text says who holds it, for those who are refused, and how many attempts the
    ledger held after the last write: a file system that loses the end of the ledger is found out.
    It is never the other way about, since the ledger is written first.

    Raises
    ------
    LedgerError
        If another process holds it, or the file system does not share locks.
    """

    def __init__(self, path: Path) -> None:
        refuse_unsafe(path.parent)
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise LedgerError(f"{path.parent} cannot be written to: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _describe(self._read())
            os.close(self._file)
            raise LedgerError(
                f"{path.parent} is in use by another run{holder}; wait for it or choose another "
                "folder"
            ) from None
        except OSError as error:
            os.close(self._file)
            raise LedgerError(
                f"{path.parent} cannot be locked: {error.strerror}. Choose a folder on another "
                "file system"
            ) from None
        self.attempts_before = _count(self._read())
        """How many attempts the ledger held when it was last written, as far as is known."""

    def note(self, attempts: int) -> None:
        """Say how many attempts the ledger holds."""
        job = next((os.environ[name] for name in _JOB if os.environ.get(name)), None)
        who = {"attempts": attempts, "host": socket.gethostname(), "pid": os.getpid(), "job": job}
        text = json.dumps(who).encode()
        # What counts is in the ledger already: a full disk is its business.
        with suppress(OSError):
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))

    def release(self) -> None:
        """Let others write."""
        os.close(self._file)

    def _read(self) -> dict[str, Any]:
        try:
            said = json.loads(os.pread(self._file, 4096, 0))
        except (OSError, ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}


def _count(said: dict[str, Any]) -> int:
    attempts = said.get("attempts")
    return attempts if isinstance(attempts, int) else 0


def _describe(said: dict[str, Any]) -> str:
    if "pid" not in said:
        return ""
    job = f", job {said['job']}" if said.get("job") else ""
    return f" (process {said['pid']} on {said.get('host')}{job})"
