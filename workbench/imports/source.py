"""What is imported: the path that was named, and what the user says beside it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from workbench.errors import InputError, unknown
from workbench.inputs import json_value, parsing
from workbench.morphology import Kind
from workbench.studies.mistakes import mistakes

_MOST_FILES = 100_000
_MOST_NAMED = 8


@dataclass(frozen=True)
class Source:
    """What a user names for an import.

    Attributes
    ----------
    path
        The folder or file of the model.
    morphology
        The file of the morphology, where the model does not tell which it is.
    mechanisms
        The folder of the .mod files, where the model does not tell which it is.
    model
        The name of the model, where the files hold several.
    node
        The node of a network, `POPULATION:ID` or `ID`.
    kinds
        Regions by the names of sections or groups, where their names do not tell.
    trust_hoc
        The user lets a hoc file run.
    function
        What of a Python file makes the model: `create` in `l5pc_evaluator.py:create`.
    module
        The dotted name by which a Python file was named, if it was.
    trust_python
        The user lets a Python file run.
    """

    path: Path
    morphology: Path | None = None
    mechanisms: Path | None = None
    model: str | None = None
    node: str | None = None
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    trust_hoc: bool = False
    function: str = ""
    module: str = ""
    trust_python: bool = False

    def __post_init__(self) -> None:
        for what, path, right in (
            ("", self.path, self.path.exists()),
            ("morphology: ", self.morphology, self.morphology is None or self.morphology.is_file()),
            ("mechanisms: ", self.mechanisms, self.mechanisms is None or self.mechanisms.is_dir()),
        ):
            if not right:
                kind = {"morphology: ": "file", "mechanisms: ": "folder"}.get(
                    what, "file or folder"
                )
                raise InputError(f"{what}{path}: there is no such {kind}")

    @property
    def given(self) -> str:
        """The path as a user gives it, with what of a Python file was named."""
        return ":".join(filter(None, (self.module or str(self.path), self.function)))

    @property
    def folder(self) -> Path:
        """The folder in which the model's other files are looked for."""
        return self.path if self.path.is_dir() else self.path.parent

    def files(self, *endings: str) -> list[Path]:
        """Return the files below the folder whose names end so, sorted.

        Raises
        ------
        InputError
            If the folder holds more files than any model has.
        """
        found = []
        for count, path in enumerate(self.folder.rglob("*")):
            if count >= _MOST_FILES:
                what = f"{self.folder} holds more than {_MOST_FILES} files"
                raise InputError(f"{what}; name the model's own folder")
            if path.name.lower().endswith(endings) and path.is_file():
                found.append(path)
        return sorted(found)


def python_named(given: str | Path) -> tuple[Path, str, str]:
    """Return path, function and dotted module of `FILE.py:FUNCTION` or `MODULE:FUNCTION`.

    A module is looked for in the current folder. Whatever is named otherwise is a path.
    """
    named, _, function = str(given).rpartition(":")
    if not function.isidentifier():
        return Path(given).expanduser(), "", ""
    if named.endswith(".py"):
        return Path(named).expanduser(), function, ""
    if all(part.isidentifier() for part in named.split(".")):
        return Path(*named.split(".")).with_suffix(".py"), function, named
    return Path(given).expanduser(), "", ""


class Foreign(BaseModel):
    """A table in another tool's file: keys that are not asked for may stand there."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def tables(path: Path, kind: Any, prepared: Callable[[Any], Any] = lambda found: found) -> Any:
    """Return a JSON file as the tables of `kind`, after `prepared` has seen what it holds.

    Raises
    ------
    InputError
        With all mistakes of the file, one a line.
    """
    found = prepared(json_value(path))
    with parsing(path, "such a file"):
        try:
            return TypeAdapter(kind).validate_python(found)
        except ValidationError as error:
            lines = mistakes(error.errors(include_url=False), found, kind)
    raise InputError("\n".join(f"{path}: {line}" for line in lines[:_MOST_NAMED]))


def only(what: str, found: Iterable[Path], folder: Path, instead: str) -> Path:
    """Return the one path that was found.

    Raises
    ------
    InputError
        If there is none, or a choice: with what was found, and what to do.
    """
    paths = sorted(set(found))
    if len(paths) == 1:
        return paths[0]
    if not paths:
        raise InputError(f"{folder}: there is no {what} in it; {instead}")
    named = ", ".join(str(path.relative_to(folder)) for path in paths[:_MOST_NAMED])
    more = " ..." if len(paths) > _MOST_NAMED else ""
    raise InputError(f"{folder} holds more than one {what}: {named}{more}; {instead}")


def region_of(section: str, regions: Mapping[str, str], key: str) -> str:
    """Return the region that another tool's word for a part of the cell means.

    Raises
    ------
    InputError
        If it is none of its words.
    """
    if section not in regions:
        raise InputError(f"{key}: {unknown('section', section, regions)}")
    return regions[section]
