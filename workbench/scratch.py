"""Temporary folders that the next of our processes removes where their own was killed.

A folder's name tells its process: on which machine (since which start of it, in which namespace of
process numbers), which number, and when that process began, so that no other one is taken for it.
"""

import hashlib
import os
import platform
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

_PREFIX = "workbench"
_PROC = Path("/proc")
_BEGUN = 19
"""Place of the time of its beginning in a process's `stat`, after its name in brackets."""


def scratch_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a new folder in TMPDIR, removed when it is closed; those of killed runs go first."""
    _sweep_once()
    me = _begun(os.getpid())
    owner = f"{_machine()}-{os.getpid()}-{me}-" if me and _machine() else ""
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}-{owner}")


def sweep(folder: Path) -> None:
    """Remove folders of ours whose process is gone; what is not surely so stays."""
    machine = _machine()
    if not machine:
        return
    for left in folder.glob(f"{_PREFIX}-{machine}-*-*-*"):
        with suppress(OSError, ValueError):
            number, begun = left.name.split("-")[2:4]
            status = left.lstat()
            ours = status.st_uid == os.getuid() and not left.is_symlink()
            if ours and _begun(int(number)) != begun:
                shutil.rmtree(left, ignore_errors=True)


@cache
def _sweep_once() -> None:
    sweep(Path(tempfile.gettempdir()))


@cache
def _machine() -> str:
    """Return what tells this machine's processes from those of others, or an empty text."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""
    return hashlib.sha256(f"{platform.node()} {boot} {namespace}".encode()).hexdigest()[:12]


def _begun(number: int) -> str:
    """Return when a process began, in ticks of the machine, or an empty text if there is none."""
    try:
        return (_PROC / str(number) / "stat").read_text().rpartition(")")[2].split()[_BEGUN]
    except (OSError, IndexError):
        return ""
