"""Read a study's TOML files; every mistake names the file, the key and what is allowed."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.errors import (
    EngineError,
    InputError,
    MechanismError,
    MorphologyError,
    StudyError,
    unknown,
)
from workbench.inputs import is_file, parsing, toml
from workbench.resources import Shipped, shipped
from workbench.studies.linked import may_read
from workbench.studies.mistakes import mistakes

MOST_LINES = 20


def find_study(name: str | Path) -> Path:
    """Return the folder of a study: a path, then ./optimizations, then those that ship.

    Raises
    ------
    StudyError
        If there is none; with the names that exist.
    """
    places = [Path(name), Path("optimizations") / name, shipped("optimizations") / name]
    for place in places:
        if is_file(place / "study.toml"):
            return _said(place.resolve())
    with suppress(OSError, ValueError):
        if Path(name).is_dir():
            raise StudyError(f"{name} has no study.toml; a study is a folder with one")
    raise StudyError(unknown("study", name, study_names()) + ", or the path of a folder")


def _said(folder: Path) -> Path:
    try:
        str(folder).encode()
    except UnicodeEncodeError:
        raise StudyError(
            f"{str(folder)!a}: records and reports are written in UTF-8, and the name of this "
            "folder is not; rename it"
        ) from None
    return folder


def study_names() -> list[str]:
    """Return the names of all studies in ./optimizations and of those that ship."""
    roots = [Path("optimizations"), shipped("optimizations")]
    return sorted({p.parent.name for root in roots for p in root.glob("*/study.toml")})


def read(path: Path, kind: Any) -> Any:
    """Return a TOML file as the tables of `kind`.

    Raises
    ------
    StudyError
        If it is a link that leads out of the study; all mistakes of the file at once, one a line.
    """
    if not path.exists():
        raise StudyError(f"{path}: there is no such file; a study needs it")
    tables = toml(inside(path, path), StudyError)
    with parsing(path, "a table of a study", StudyError):
        try:
            return TypeAdapter(kind).validate_python(tables)
        except ValidationError as error:
            lines = mistakes(error.errors(include_url=False), tables, kind)
    more = [f"{path}: and {len(lines) - MOST_LINES} more mistakes"] * (len(lines) > MOST_LINES)
    raise StudyError("\n".join([*(f"{path}: {line}" for line in lines[:MOST_LINES]), *more]))


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put the place in a study, `<file>: <key>`, before the message of every error inside."""
    try:
        yield
    except (MorphologyError, MechanismError) as error:
        raise type(error)(f"{place}: {error}") from None
    except (InputError, EngineError) as error:
        raise StudyError(f"{place}: {error}") from None
    except OSError as error:
        raise StudyError(f"{place}: {error.filename}: {error.strerror or error}") from None


def inside(path: Path, file: Path) -> Path:
    """Return a path that a file of a study names, if it lies where a study may look.

    That is below the folder that the study lies in, below the current folder, among what ships,
    below the folders in $WORKBENCH_PATHS, and below those from which its user imported the study;
    the root of the file system, where everything lies, counts as none of these unless it is named
    there. Links are followed before it is compared, and of a folder so are those of the files in
    it. This is the one rule for all that a study reads.

    Raises
    ------
    StudyError
        If it lies elsewhere: studies are exchanged, and what they name is read or compiled.
    """
    ships: tuple[Shipped, ...] = ("mechanisms", "morphologies", "optimizations")
    around = [folder for folder in (file.parent.parent, Path.cwd()) if folder != folder.parent]
    more = os.environ.get("WORKBENCH_PATHS", "").split(os.pathsep)
    named = [Path(os.path.expanduser(folder)) for folder in more if folder]
    named += may_read(file.parent)
    allowed = [one.resolve() for one in (file.parent, *around, *map(shipped, ships), *named)]
    given = Path(os.path.expanduser(path))
    files = [one for one in given.iterdir() if not one.is_dir()] if given.is_dir() else []
    for one in (given, *files):
        leads_to = Path(os.path.realpath(one))
        if not any(leads_to.is_relative_to(folder) for folder in allowed):
            raise StudyError(
                f"{one} lies outside of this study: {leads_to} is neither below "
                f"{file.parent.parent} nor below the current folder. If you trust the study, name "
                "its folder in WORKBENCH_PATHS: "
                f"export WORKBENCH_PATHS={shlex.quote(str(leads_to.parent))}"
            )
    return path
