"""One digest for any frozen value: equal values have equal digests, on every machine."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np


def digest(value: object) -> str:
    """Return the sha256 of a frozen value in hexadecimal.

    Floats enter with all their bits, arrays with dtype and shape, mappings in the order of
    their keys' text. A value that carries a `digest` of its own enters with that. Fields that a
    dataclass does not compare do not enter.

    Raises
    ------
    TypeError
        If the value holds something that has no canonical form.
    """
    text = json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> Any:
    """Return the value as JSON, where every list begins with a word for what it stands for."""
    own = getattr(value, "digest", None)
    if isinstance(own, str):
        return ["digest", type(value).__name__, own]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        compared = [f.name for f in dataclasses.fields(value) if f.compare]
        fields = {name: _plain(getattr(value, name)) for name in compared}
        return ["value", type(value).__name__, fields]
    if isinstance(value, Enum):
        return ["enum", type(value).__name__, value.name]
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return ["float", value.hex()]
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        data = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return ["array", str(value.dtype), list(value.shape), data]
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, tuple | list):
        return ["list", *map(_plain, value)]
    raise TypeError(f"no canonical form for {type(value).__name__} {value!r}")
