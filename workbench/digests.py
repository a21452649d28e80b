"""One digest for any frozen value: equal values have equal digests, on every machine.

A field of a dataclass that has its declared default does not enter. So a value may be given a new
field: its default has to mean what was meant before there was the field, and digests that stand in
ledgers and calibrations stay valid. What a default means never changes afterwards, for nothing
would tell: another default wants another field, or a new `DIGEST_VERSION`.
"""

import dataclasses
import hashlib
import json
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

import numpy as np

DIGEST_VERSION = 2
"""Of the way from a value to its digest; written beside every digest that is kept.

Version 1, of before it was written, let fields at their defaults enter.
"""


_JSON = frozenset({bool, int, str, type(None)})


def digest(value: object, of: Collection[str] | None = None) -> str:
    """Return the sha256 of a frozen value in hexadecimal; `of` names fields to digest alone.

    Floats enter with all their bits, arrays with dtype and shape, mappings in the order of
    their keys' text. A value that carries a `digest` of its own enters with that. Fields that a
    dataclass does not compare, and fields at their defaults, do not enter.

    Raises
    ------
    TypeError
        If the value holds something that has no canonical form.
    """
    plain = _plain(value) if of is None else _dataclass(value, of)
    return hashlib.sha256(_text(plain).encode()).hexdigest()


def foreign(version: int) -> str:
    """Return why digests of a version cannot be compared with ours, or nothing if they can."""
    if version == DIGEST_VERSION:
        return ""
    return (
        f"its digests are of version {version} and this workbench computes version "
        f"{DIGEST_VERSION}, so whether the study has changed since cannot be told; that is the "
        "workbench's doing, not the study's"
    )


def _text(plain: Any) -> str:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=True)


def _plain(value: object) -> Any:
    """Return the value as JSON, where every list begins with a word for what it stands for."""
    if type(value) in _JSON:  # of most values most parts are; the names of an Enum are none
        return value
    own = getattr(value, "digest", None)
    if isinstance(own, str):
        return ["digest", type(value).__name__, own]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value)
    if isinstance(value, Enum):
        return ["enum", type(value).__name__, value.name]
    if isinstance(value, str | int):
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


def _dataclass(value: Any, of: Collection[str] | None = None) -> list[Any]:
    """Return a dataclass by the fields that are compared and not at their defaults.

    Their order does not count. What `==` does not tell apart, as 0.0 and -0.0, JSON does.
    """
    named = {f.name: f for f in dataclasses.fields(value) if f.compare}
    asked = sorted(named if of is None else of)
    plain = {name: _plain(getattr(value, name)) for name in asked}
    fields = {name: plain[name] for name in asked if _text(plain[name]) != _default(named[name])}
    return ["value", type(value).__name__, fields]


def _default(field: "dataclasses.Field[Any]") -> str:
    """Return the JSON of a field's default, or nothing if it has none."""
    if field.default is not dataclasses.MISSING:
        return _text(_plain(field.default))
    if field.default_factory is not dataclasses.MISSING:
        return _text(_plain(field.default_factory()))
    return ""
