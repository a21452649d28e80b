"""What pydantic finds wrong with a table, in the words of a study's files."""

from collections.abc import Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from workbench.errors import shortened, unknown

_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}

Key = tuple[str, ...]


def mistakes(found: Iterable[ErrorDetails], tables: Any, kind: Any) -> list[str]:
    """Return a line `<key>: <what is wrong>` for each mistake.

    Parameters
    ----------
    found
        What pydantic says of `tables`.
    tables
        The content of the file.
    kind
        The type that it should have been.
    """
    by_key: dict[Key, list[ErrorDetails]] = {}
    for details in found:
        by_key.setdefault(_key(details, tables), []).append(details)
    lines = []
    for key, same in by_key.items():
        # One of several types was meant if there is a mistake inside it: the rest is noise.
        if not any(len(other) > len(key) and other[: len(key)] == key for other in by_key):
            lines += [f"{shortened('.'.join(key))}: {said}" for said in _words(key, same, kind)]
    return sorted(set(lines))


def _key(details: ErrorDetails, tables: Any) -> Key:
    """Return where it stands in the file: pydantic's place without the names of types tried."""
    key, here = [], tables
    for part in details["loc"]:
        inside = isinstance(here, dict) and part in here
        if inside or (isinstance(here, list) and isinstance(part, int)):
            key.append(str(part))
            here = here[part]
    if details["type"] == "missing":
        key.append(str(details["loc"][-1]))
    elif details["type"].startswith("union_tag"):
        key.append(details["ctx"]["discriminator"].strip("'"))
    return tuple(key)


def _words(key: Key, same: list[ErrorDetails], kind: Any) -> list[str]:
    """Return what is wrong at one place, where several types may have been tried."""
    right_type = [details for details in same if not _expected(details)]
    if right_type:
        return [_sentence(details, key, kind) for details in right_type]
    expected = dict.fromkeys(_expected(details) for details in same)
    return [f"must be {' or '.join(expected)} (given: {shortened(repr(_given(same[0], key)))})"]


def _expected(details: ErrorDetails) -> str:
    if details["type"] == "literal_error":
        return str(details["ctx"]["expected"])
    if details["type"] == "union_tag_invalid":
        return str(details["ctx"]["expected_tags"])
    return _TYPES.get(details["type"], "")


def _given(details: ErrorDetails, key: Key) -> Any:
    tagged = details["type"] == "union_tag_invalid"
    return details["input"][key[-1]] if tagged else details["input"]


def _sentence(details: ErrorDetails, key: Key, kind: Any) -> str:
    match details["type"]:
        case "extra_forbidden":
            return unknown("key", key[-1], set(_fields_at(kind, details["loc"][:-1])))
        case "missing" | "union_tag_not_found":
            return "this key is missing"
        case "value_error":
            return details["msg"].removeprefix("Value error, ")
    given = shortened(repr(details["input"]))
    return f"{details['msg'].replace('Input should', 'must')} (given: {given})"


def _fields_at(kind: Any, place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that a table at pydantic's place may have."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not place:
            return list(kind.model_fields)
        entry = kind.model_fields.get(str(place[0]))
        return [] if entry is None else _fields_at(entry.annotation, place[1:])
    members = get_args(kind)
    if get_origin(kind) in (dict, list):
        return _fields_at(members[-1], place[1:])
    tried = [member for member in members if place and _is_called(member, place[0])]
    if tried:
        return _fields_at(tried[0], place[1:])
    return [name for member in members for name in _fields_at(member, place)]


def _is_called(member: Any, tag: int | str) -> bool:
    """Whether pydantic calls this member of a union so: by its name, or a value of its `type`."""
    if get_origin(member) in (dict, list):
        return str(tag).startswith(f"{get_origin(member).__name__}[")
    if not (isinstance(member, type) and issubclass(member, BaseModel)):
        return False
    literals = [get_args(field.annotation) for field in member.model_fields.values()]
    return member.__name__ == tag or any(tag in values for values in literals)
