"""What makes a function an edit: its name and arguments, for studies, commands and records.

An edit is written as one text, `scale-lengths region=apical,factor=1.2`: its name, and what it is
given. The command line takes it, `Morphology.edits` and a run's record keep it, and
`edit_morphology` does it again.
"""

import functools
import inspect
import re
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Concatenate, Literal, ParamSpec, Union, get_args, get_origin

from workbench.errors import MorphologyError, unknown
from workbench.morphology.tree import Morphology
from workbench.units import quantity, unit_of

P = ParamSpec("P")


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
class Edit:
    """An edit as others see it."""

    name: str
    """In studies and on the command line: `scale-lengths`."""
    function: Callable[..., Morphology]
    """The function, by keywords."""
    about: str
    """What it does, in a line."""
    arguments: tuple[Argument, ...]
    """What it may be given, in order."""

    def words(self, given: dict[str, Any]) -> str:
        """Return the edit with what it is given as one text; defaults are left out."""
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


EDITS: dict[str, Edit] = {}
"""All edits by name."""


def edit(
    function: Callable[Concatenate[Morphology, P], Morphology],
) -> Callable[Concatenate[Morphology, P], Morphology]:
    """Make a function an edit, called as it is with `-` for `_`, that is kept in `edits`.

    Its arguments are keywords, numbers, texts, pairs of numbers or choices (`Literal`); its
    docstring says what each means.
    """
    doc = inspect.cleandoc(function.__doc__ or "")
    meanings = _meanings(doc)
    _, *parameters = inspect.signature(function).parameters.values()
    arguments = tuple(
        Argument(one.name, one.annotation, one.default, meanings[one.name]) for one in parameters
    )

    @functools.wraps(function)
    def edited(morphology: Morphology, /, *args: P.args, **kwargs: P.kwargs) -> Morphology:
        after = function(morphology, *args, **kwargs)
        return replace(after, edits=(*morphology.edits, made.words(kwargs)))

    about = re.sub(r"\AReturn the cell ", "", doc.partition("\n\n")[0].replace("\n", " "))
    made = Edit(function.__name__.replace("_", "-"), edited, about, arguments)
    EDITS[made.name] = made
    return edited


def edit_morphology(morphology: Morphology, *edits: str) -> Morphology:
    """Return a cell with edits done, one after the other.

    Parameters
    ----------
    edits
        Each as one text: a name, and what it is given: `scale-lengths region=apical,factor=1.2`,
        or `scale-lengths apical=1.2`. So `Morphology.edits` keeps them.

    Raises
    ------
    MorphologyError
        No such edit, or it cannot be done on this cell.

    Examples
    --------
    >>> from workbench.morphology import load_morphology
    >>> patch = load_morphology("patch")
    >>> long = edit_morphology(patch, "scale-lengths somatic=2")
    >>> long.length_um() / patch.length_um(), long.edits
    (2.0, ('scale-lengths region=somatic,factor=2.0',))
    """
    for text in edits:
        name, _, given = text.strip().partition(" ")
        if name not in EDITS:
            raise MorphologyError(unknown("edit", name, EDITS))
        arguments = EDITS[name].read(given.strip())
        try:
            morphology = EDITS[name].function(morphology, **arguments)
        except MorphologyError as error:
            raise MorphologyError(f"{name}: {error}") from None
    return morphology


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ":".join(map(_text, value))
    return repr(value) if isinstance(value, float) else str(value)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.]+([eE][-+]?\d+)?", text) is not None


def _meanings(doc: str) -> dict[str, str]:
    """Return what a numpy docstring says of each parameter."""
    section = doc.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    found = re.findall(r"^(\w[\w, ]*)\n((?: .*\n?)+)", section, re.MULTILINE)
    return {n: " ".join(text.split()) for names, text in found for n in names.split(", ")}
