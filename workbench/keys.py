"""Fields of values that are keys of TOML tables, each with a line about it."""

from dataclasses import MISSING, field
from typing import Any


def key(meaning: str, default: Any = MISSING, **more: Any) -> Any:
    """Return a field of a value that is a key of its TOML table, with a line about it."""
    return field(default=default, metadata={"meaning": meaning, **more})
