"""What a cache keeps: whole and as it was written, or taken for absent.

Values are kept as JSON with their checksum; large files have theirs beside them.
"""

import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Kept = TypeVar("Kept")


def keep(file: Path, value: object) -> None:
    """Write a value with its checksum; one that was there is replaced by a whole one or not at all.

    Raises
    ------
    OSError
        If the cache cannot be written.
    """
    text = json.dumps(value)
    file.parent.mkdir(parents=True, exist_ok=True)
    stage = file.with_suffix(f".{os.getpid()}")
    try:
        stage.write_text(json.dumps({"sha256": _sha256(text), "value": text}), encoding="utf-8")
        stage.replace(file)
    finally:
        stage.unlink(missing_ok=True)


def recall(file: Path, read: Callable[[Any], Kept]) -> Kept | None:
    """Return what `read` makes of a value that was kept, or None.

    None means that it has to be found out anew: there is no such file, it was damaged, or another
    version of the workbench wrote it.
    """
    try:
        kept = json.loads(file.read_bytes()) if file.is_file() else {}
        text = kept["value"]
        return read(json.loads(text)) if kept["sha256"] == _sha256(text) else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def seal(file: Path) -> None:
    """Write a file's checksum beside it, and both to the disk itself.

    Raises
    ------
    OSError
        If the cache cannot be written.
    """
    beside = _beside(file)
    beside.write_text(hashlib.sha256(file.read_bytes()).hexdigest(), encoding="ascii")
    for one in (file, beside, file.parent):
        sync(one)


def sync(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put(stage: Path, file: Path) -> None:
    """Move a file that was written beside its place there, sealed.

    Raises
    ------
    OSError
        If the cache cannot be written.
    """
    seal(stage)
    # In this order nobody finds a file without its seal where there was none.
    _beside(stage).replace(_beside(file))
    stage.replace(file)
    sync(file.parent)


def is_whole(file: Path) -> bool:
    """Whether a file is there as it was sealed; read once by a process, and after each change."""
    if not (file.is_file() and _beside(file).is_file()):
        return False
    try:
        status = file.stat()
        return _is_whole(file, status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, UnicodeDecodeError):
        return False


def why_compiled_anew(library: Path) -> str:
    """Return a sentence about a library that is there and not as it was sealed."""
    if _beside(library).is_file():
        return f"{library} is damaged: it is not what was compiled, and is compiled anew"
    return f"{library} has no checksum: another version compiled it, and it is compiled anew"


@cache
def _is_whole(file: Path, *_: int) -> bool:
    return hashlib.sha256(file.read_bytes()).hexdigest() == _beside(file).read_text("ascii")


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
