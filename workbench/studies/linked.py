"""Folders that a user lets one study read, although they lie outside of it.

Remembered in the user's cache, by the study's folder, and never in the study: a study that somebody
hands on opens no door.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from workbench.caching import keep, recall
from workbench.resources import cache_folder


def let_read(study: Path, folders: Iterable[Path]) -> None:
    """Remember that the study in this folder may read these folders, too.

    Raises
    ------
    OSError
        If the cache cannot be written.
    """
    named = sorted({str(folder.resolve()) for folder in folders})
    if named:
        keep(_remembered(study), named)


def may_read(study: Path) -> list[Path]:
    """Return the folders that the study in this folder may read besides its own surroundings."""
    return recall(_remembered(study), lambda named: [Path(folder) for folder in named]) or []


def _remembered(study: Path) -> Path:
    where = hashlib.sha256(str(study.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return cache_folder() / "linked" / f"{where}.json"
