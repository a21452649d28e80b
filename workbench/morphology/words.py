"""Functions called by texts: `scale-lengths region=apical,factor=1.2` is a name and arguments.

Edits and generators of shapes are called so by the command line, by records of runs, and by tables
of studies, with the names that Python has.
"""

import inspect
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from workbench.errors import MorphologyError, unknown
from workbench.units import quantity, unit_of


@dataclass(frozen=True)
class Argument:
    """What an edit may be given."""

    name: str
    """As studies and the command line call it."""
    kind: Any
    """The type of its value."""
    default: Any
    """`inspect.Parameter.empty` where it is needed."""
    meaning: str
    """In words."""

    @property
    def needed(self) -> bool:
        """Whether it has no default."""
        return self.default is inspect.Parameter.empty

    def read(self, text: str) -> Any:
        """Return the value that a text stands for."""
        kinds = get_args(self.kind) if _is_union(self.kind) else (self.kind,)
        kind = kinds[0]
        try:
            if get_origin(kind) is Literal:
                if text not in get_args(kind):
                    raise MorphologyError(unknown(self.name, text, get_args(kind)))
                return text
            if get_origin(kind) is tuple:
                values = tuple(map(float, text.split(":")))
                if len(values) != len(get_args(kind)):
                    raise ValueError
                return values
            if kind is float and (unit := unit_of(self.name)):
                return quantity(float(text) if _is_number(text) else text, unit)
            return kind(text)
        except ValueError:
            words = {int: "a whole number", float: "a number"}
            wanted = words.get(kind, f"{len(get_args(kind))} numbers, such as 1:0.5")
            raise MorphologyError(f"{self.name} must be {wanted} (given: {text!r})") from None


@dataclass(frozen=True)
class Worded:
    """A function as studies, commands and records call it."""

    name: str
    """In studies and on the command line: `scale-lengths`."""
    function: Callable[..., Any]
    """The function, by keywords."""
    about: str
    """What it does, in a line."""
    arguments: tuple[Argument, ...]
    """What it may be given, in order."""

    def words(self, given: dict[str, Any]) -> str:
        """Return it with what it is given as one text; defaults are left out."""
        defaults = {one.name: one.default for one in self.arguments}
        said = [f"{name}={_text(value)}" for name, value in given.items() if
                value != defaults[name]]  # fmt: skip
        return f"{self.name} {','.join(said)}".strip()

    def read(self, text: str) -> dict[str, Any]:
        """Return what a text gives: `region=apical,factor=1.2`, or `apical=1.2` for short.

        Raises
        ------
        MorphologyError
            What cannot be read, with what is allowed.
        """
        names = [one.name for one in self.arguments]
        given: dict[str, str] = {}
        for place, part in enumerate(filter(None, text.split(","))):
            key, equals, value = part.partition("=")
            if not equals and place < len(names):
                given[names[place]] = key
            elif key not in names and place == 0 and names[:1] == ["region"] and len(names) > 1:
                given |= {"region": key, names[1]: value}
            else:
                given[key] = value
        for name in given:
            if name not in names:
                raise MorphologyError(f"{self.name}: {unknown('argument', name, names)}")
        if missing := [one.name for one in self.arguments if one.needed and one.name not in given]:
            raise MorphologyError(
                f"{self.name}: {', '.join(missing)} is missing (given: {text!r}); write it as "
                f"{names[0]}=..., several with commas between them"
            )
        by_name = {one.name: one for one in self.arguments}
        return {name: by_name[name].read(value) for name, value in given.items()}


def worded(function: Callable[..., Any], called: Callable[..., Any], skip: int = 0) -> Worded:
    """Return what a function's signature and docstring say of it.

    Parameters
    ----------
    called
        What is called under its name.
    skip
        How many of its first arguments are not given by texts.
    """
    doc = inspect.cleandoc(function.__doc__ or "")
    meanings = _meanings(doc)
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    arguments = tuple(
        Argument(one.name, one.annotation, one.default, meanings[one.name]) for one in parameters
    )
    about = re.sub(r"\AReturn (the cell )?", "", doc.partition("\n\n")[0].replace("\n", " "))
    return Worded(function.__name__.replace("_", "-"), called, about, arguments)


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ":".join(map(_text, value))
    return repr(value) if isinstance(value, float) else str(value).replace(",", ";")


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.]+([eE][-+]?\d+)?", text) is not None


def _meanings(doc: str) -> dict[str, str]:
    """Return what a numpy docstring says of each parameter."""
    section = doc.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    found = re.findall(r"^(\w[\w, ]*)\n((?: .*\n?)+)", section, re.MULTILINE)
    return {n: " ".join(text.split()) for names, text in found for n in names.split(", ")}
