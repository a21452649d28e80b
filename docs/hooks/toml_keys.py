"""The page of all TOML keys, from the tables that read them."""

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticUndefined

from workbench.experiments.file import ExperimentTable
from workbench.morphology.generate.tables import Cylinder
from workbench.studies.cell_tables import CellTable
from workbench.studies.expected import ExpectedTable
from workbench.studies.setting import CalibrationTable
from workbench.studies.tables import (
    CompareTable,
    ProtocolTable,
    PublishedTable,
    StudyTable,
    TargetTable,
)
from workbench.units import LIMITS, units


class _Comparisons(BaseModel):
    compare: list[CompareTable] = Field(
        default=[], description="Differences and ratios of two features, and relations."
    )


FILES: dict[str, tuple[str, Any]] = {
    "study.toml": ("What a study is called, and how it is simulated and fitted.", StudyTable),
    "cell.toml": ("Shape, channels, fixed values and free ones.", CellTable),
    "protocols.toml": (
        "What is done to the cell, and what is recorded; a table for each protocol.",
        dict[Literal["protocol"], ProtocolTable],
    ),
    "targets.toml": (
        "The features that a fit aims at; a table for each recording of each protocol.",
        _Comparisons | dict[Literal["protocol"], dict[Literal["recording"], TargetTable]],
    ),
    "published.toml": (
        "Parameter sets with names, as `--params` takes them.",
        dict[Literal["set"], PublishedTable],
    ),
    "expected.toml": ("Numbers that `workbench reproduce` compares.", ExpectedTable),
    "experiment.toml": (
        "What `workbench experiment` reads; alone, it may have any name.",
        ExperimentTable,
    ),
    "calibration.toml": (
        "Written by `workbench calibrate`, read by `--engine auto`.",
        CalibrationTable,
    ),
}
INTRODUCTION = """\
# Every TOML key

A study is a folder of these files; [A cell of your own](../your-own-cell.md) writes one from
nothing. Keys that are not listed are refused, with the nearest that is. The unit stands at the end
of a key's name. A *quantity* is a text with a unit of the same kind, such as `"1900 pA"` under
`amplitude_nA`. [Names of features and searches](registries.md) have a page of their own.
"""

# What the keys of a table are that are not fixed, by the name of the key that holds it.
_NAMED = {
    "cells": ["cell"],
    "distributions": ["distribution"],
    "factors": ["factor", "level"],
    "integrators": ["protocol"],
    "parameters": ["region", "parameter"],
    "place": ["name"],
    "protocols": ["protocol"],
    "recordings": ["recording"],
    "to": ["recording"],
}


@dataclass(frozen=True)
class Key:
    """A key of a table, as the page shows it."""

    name: str
    kind: Any
    default: Any
    meaning: str
    limits: tuple[Any, ...] = ()

    @property
    def unit(self) -> str:
        """The unit at the end of its name."""
        known = [*(unit for same in units().values() for unit in same), "SD"]
        found = re.fullmatch(rf"\w+?_(per_)?({'|'.join(map(re.escape, known))})", self.name)
        if found is None:
            return ""
        return f"1/{found[2]}" if found[1] else found[2]


@dataclass(frozen=True)
class Section:
    """A table: its file, where it may stand there, and the type that reads it."""

    file: str
    places: tuple[str, ...]
    kind: type

    @property
    def heading(self) -> str:
        """How it begins in a file; of places beside one another, the last words only."""
        first, *others = self.places
        beside = [f"`{place.rpartition('.')[2].strip('[]')}`" for place in others]
        tag = _tag(self.kind)
        written = f"`{first}`, `type = {tag}`" if tag else f"`{first}`"
        return " or ".join([written, ", ".join(beside)]) if beside else written

    @property
    def anchor(self) -> str:
        """What a link to it names."""
        words = [self.file, self.places[0], _tag(self.kind)]
        return "-".join(re.findall(r"\w+", " ".join(words).lower()))


def page() -> str:
    """Return the page in Markdown."""
    sections: dict[type, Section] = {}
    parts = [INTRODUCTION]
    for file, (about, kind) in FILES.items():
        own = [one for one in _sections(kind, file) if one.kind not in sections]
        sections |= {section.kind: section for section in own}
        parts.append(f"## {file}\n\n{about}\n")
        parts += [_section(section, sections) for section in own]
    parts.append(f"## A shape of cylinders\n\n{_CYLINDERS}")
    parts.append(_section(Section("cylinders", ("[[section]]",), Cylinder), sections))
    return "\n".join([*parts, _UNITS, _units()])


_CYLINDERS = """\
A .toml file under `file` of `[morphology]` draws a cell without a reconstruction: a text `source`
and a table `[[section]]` for each cylinder.
"""
_UNITS = """\
## Quantities and limits

| quantity | units | least and most |
|---|---|---|"""


def _units() -> str:
    lines = []
    for dimension, known in units().items():
        limits = [
            f"{_toml(LIMITS[u][0])} to {_toml(LIMITS[u][1])} {u}" for u in known if u in LIMITS
        ]
        written = ", ".join(f"`{unit}`" for unit in known)
        lines.append(f"| {dimension} | {written} | {', '.join(limits)} |")
    return "\n".join(lines) + "\n"


def keys_of(kind: type) -> list[Key]:
    """Return the keys that a table may have, in the order of its class."""
    meanings = _meanings(kind)
    if not issubclass(kind, BaseModel):
        hints, defaults = inspect.get_annotations(kind), getattr(kind, "_field_defaults", {})
        return [
            Key(name, hint, defaults.get(name, PydanticUndefined), meanings.get(name, ""))
            for name, hint in hints.items()
        ]
    return [
        Key(
            name,
            entry.annotation,
            entry.get_default(call_default_factory=True),
            entry.description or meanings.get(name, ""),
            tuple(entry.metadata),
        )
        for name, entry in kind.model_fields.items()
    ]


@cache
def _meanings(kind: type) -> dict[str, str]:
    """Return the docstrings under the fields of a class and of those it is made from."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.partition(".")[0] != "workbench":
            continue
        try:
            source = inspect.getsource(one)
        except OSError:  # made from the fields of a value; they bring a description each
            continue
        (tree,) = ast.parse(textwrap.dedent(source)).body
        assert isinstance(tree, ast.ClassDef)
        for entry, below in pairwise(tree.body):
            match entry, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
                    found[name] = " ".join(text.split())
    return found


def _sections(kind: Any, file: str) -> list[Section]:
    places: dict[type, list[str]] = {}
    for path, table, several in _tables(kind, (), False):
        written = ".".join(path)
        places.setdefault(table, []).append(f"[[{written}]]" if several else f"[{written}]")
    return [Section(file, tuple(where), table) for table, where in places.items()]


def _tables(
    kind: Any, path: tuple[str, ...], several: bool
) -> Iterator[tuple[tuple[str, ...], type, bool]]:
    """Yield the tables inside a type, where they stand, and whether in a list, outer ones first."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield path, kind, several
        for name, entry in kind.model_fields.items():
            known = _NAMED.get(name, [])
            for below, table, listed in _tables(entry.annotation, (name,), False):
                # Fewer than are known: the last, as the parameters of what has no region.
                words = iter(known[max(0, len(known) - below.count("<>")) :])
                named = [f"<{next(words, 'name')}>" if part == "<>" else part for part in below]
                yield (*path, *named), table, listed
        return
    members = get_args(kind)
    if get_origin(kind) is dict:
        word = "".join(get_args(members[0]))
        yield from _tables(members[1], (*path, f"<{word}>"), False)
        return
    if get_origin(kind) is Annotated:
        members = members[:1]
    for member in members:
        yield from _tables(member, path, several or get_origin(kind) is list)


def _tag(table: type) -> str:
    """Return the value of `type` by which a table is known among others, as it is written."""
    entry = getattr(table, "model_fields", {}).get("type")
    return f'"{get_args(entry.annotation)[0]}"' if entry is not None else ""


def _section(section: Section, sections: dict[type, Section]) -> str:
    lines = []
    if section.places != ("[]",):
        lines += [f"### {section.heading} {{ #{section.anchor} }}", "", _about(section.kind), ""]
    lines += ["| key | type | unit | default | meaning |", "|---|---|---|---|---|"]
    for key in keys_of(section.kind):
        kinds = " or ".join(dict.fromkeys(_words(key.kind, sections, key)))
        cells = [f"`{key.name}`", kinds, key.unit, _default(key.default), key.meaning]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _about(kind: type) -> str:
    """Return what a table's docstring says beyond its name, which is the heading."""
    doc = re.split(r"\n\n\w+\n-+\n", inspect.getdoc(kind) or "")[0]
    doc = re.sub(r"\A(`\[\w+\]` of|One of|One table of) [^:]*?(: |\.$)", "", doc, flags=re.M)
    return doc[:1].upper() + doc[1:]


def _default(value: Any) -> str:
    match value:
        case _ if value is PydanticUndefined:
            return "*needed*"
        case BaseModel():
            set_ = value.model_dump(exclude_unset=True)
            return ", ".join(f"`{name} = {_toml(one)}`" for name, one in set_.items())
        case None | "" | {} | []:
            return ""
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case float():
            return f"{value:.0f}" if value.is_integer() and abs(value) < 1e9 else f"{value:g}"
    return str(value)


def _words(kind: Any, sections: dict[type, Section], key: Key, several: bool = False) -> list[str]:
    """Say what may be written, each of several possibilities by itself."""
    origin, members = get_origin(kind), get_args(kind)
    if origin is Annotated:
        limited = replace(key, limits=(*key.limits, *members[1:]))
        return _words(members[0], sections, limited, several)
    if origin in (Union, types.UnionType):
        return [word for one in members for word in _words(one, sections, key, several)]
    if origin is Literal:
        return [f"`{_toml(one)}`" for one in members]
    if origin in (list, dict):
        inside = " or ".join(_words(members[-1], sections, replace(key, limits=()), True))
        count = _count(key.limits)
        return [f"{'list' if origin is list else 'table'}{'s' * several} of {count}{inside}"]
    if kind is type(None):
        return []
    if kind in sections:
        return [f"[table{'s' * several}](#{sections[kind].anchor})"]
    quantity = bool(key.unit) and any(isinstance(one, BeforeValidator) for one in key.limits)
    if kind is str and quantity:
        return ["name of a parameter"]
    if kind in (bool, Any):
        return ["true or false" if kind is bool else "anything"]
    word = {float: "number", int: "whole number", str: "text"}[kind] + "s" * several
    return [word + _range(key.limits), *["quantity"] * quantity]


def _count(limits: tuple[Any, ...]) -> str:
    least, most = _found("min_length", limits), _found("max_length", limits)
    if not least:
        return ""
    return f"{least[0]} " if most == least else f"{least[0]} or more "


def _range(limits: tuple[Any, ...]) -> str:
    words = {"gt": "above", "ge": "at least", "le": "at most", "lt": "below"}
    said = [f"{word} {_toml(one)}" for name, word in words.items() for one in _found(name, limits)]
    return f" ({', '.join(said)})" if said else ""


def _found(name: str, limits: tuple[Any, ...]) -> list[Any]:
    """Return the limits of this name, those inside pydantic's `Field` too."""
    flat = [one for given in limits for one in getattr(given, "metadata", [given])]
    return [getattr(one, name) for one in flat if hasattr(one, name)]
