"""Read a study's TOML files; every mistake names the file, the key and what is allowed."""

import tomllib
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from workbench.errors import StudyError, unknown
from workbench.resources import shipped


def find_study(name: str | Path) -> Path:
    """Return the folder of a study: a path, then ./optimizations, then those that ship.

    Raises
    ------
    StudyError
        If there is none; with the names that exist.
    """
    places = [Path(name), Path("optimizations") / name, shipped("optimizations") / name]
    for place in places:
        if (place / "study.toml").is_file():
            return place.resolve()
    if Path(name).is_dir():
        raise StudyError(f"{name} has no study.toml; a study is a folder with one")
    raise StudyError(unknown("study", name, study_names()) + ", or the path of a folder")


def study_names() -> list[str]:
    """Return the names of all studies in ./optimizations and of those that ship."""
    roots = [Path("optimizations"), shipped("optimizations")]
    return sorted({p.parent.name for root in roots for p in root.glob("*/study.toml")})


def read(path: Path, kind: Any) -> Any:
    """Return a TOML file as the tables of `kind`.

    Raises
    ------
    StudyError
        All mistakes of the file at once, one a line.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file; a study needs it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: this is not TOML: {error}") from None
    adapter = TypeAdapter(kind)
    try:
        return adapter.validate_python(tables)
    except ValidationError as error:
        lines = {_mistake(details, kind) for details in error.errors(include_url=False)}
        raise StudyError("\n".join(f"{path}: {line}" for line in sorted(lines))) from None


def _mistake(details: ErrorDetails, kind: Any) -> str:
    location = [str(part) for part in details["loc"] if not _is_branch(part)]
    key = ".".join(location)
    if details["type"] == "extra_forbidden":
        allowed = _fields_at(kind, location[:-1])
        return f"{key}: {unknown('key', location[-1], allowed)}"
    if details["type"] == "missing":
        return f"{key}: this key is missing"
    given = f" (given: {details['input']!r})" if details["type"] != "missing" else ""
    return f"{key}: {details['msg'].removeprefix('Value error, ')}{given}"


def _is_branch(part: object) -> bool:
    """Whether pydantic added this part to say which type of a union it tried."""
    text = str(part)
    return text in {"float", "str", "int"} or "[" in text or text.endswith("Table")


def _fields_at(kind: Any, location: list[str]) -> list[str]:
    """Return the keys that a table at this place may have."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not location:
            return list(kind.model_fields)
        entry = kind.model_fields.get(location[0])
        return [] if entry is None else _fields_at(entry.annotation, location[1:])
    if get_origin(kind) is dict:
        return _fields_at(get_args(kind)[1], location[1:])
    if get_origin(kind) is list:
        return _fields_at(get_args(kind)[0], location[1:])
    return [name for part in get_args(kind) for name in _fields_at(part, location)]
