"""Where the files that ship with the workbench lie, and where it may keep a cache."""

import os
from pathlib import Path
from typing import Literal

from workbench.errors import InputError

Shipped = Literal["mechanisms", "morphologies", "optimizations"]


def shipped(folder: Shipped) -> Path:
    """Return the folder that ships with this installation.

    In an installed wheel it lies inside the package, in a clone at the clone's top.
    """
    package = Path(__file__).resolve().parent
    inside = package / "_shipped" / folder
    return inside if inside.is_dir() else package.parent / folder


def cache_folder() -> Path:
    """Return the cache folder: $WORKBENCH_CACHE, or the user's cache folder of this system.

    Raises
    ------
    InputError
        If NEURON could load nothing from it.
    """
    folder = _cache_folder()
    if not str(folder).isascii():
        raise InputError(
            f"the cache folder is {folder}, and NEURON loads compiled mechanisms from paths in "
            "ASCII only; set WORKBENCH_CACHE to a folder without other letters"
        )
    return folder


def _cache_folder() -> Path:
    named = os.environ.get("WORKBENCH_CACHE")
    if named:
        return Path(named).expanduser().resolve()
    from platformdirs import user_cache_path

    return user_cache_path("neuron-workbench")
