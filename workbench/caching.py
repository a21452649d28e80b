"""Values that a cache keeps as JSON: whole and as they were written, or taken for absent."""

import hashlib
import json
import os
from collections.abc import Callable
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


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
