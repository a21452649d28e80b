"""The page of what studies name that is no key: features, searches, and the rules of the lint."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from workbench.features import conduction_velocity, features_of_two, own_features
from workbench.features.common import COMMON
from workbench.nmodl import RULES
from workbench.protocols import FOUND
from workbench.search import ALGORITHMS

PAGE = """\
# Features, searches, lint rules

## Features

`targets.toml` and `expected.toml` take eFEL's features by eFEL's names, and these. Spikes are
upward crossings of `threshold_mV`.

| feature | what it is |
|---|---|
{features}

Of eFEL's, these are computed in one pass over a trace; their values are to the last bit what eFEL
gives if it is asked for one alone. eFEL itself is asked for the others.

| feature of eFEL | what it is |
|---|---|
{common}

Of two recordings of one simulation, under `[<protocol>.<recording>.to.<recording>.features]`, in
experiments `<recording>.to.<location>.<feature>`:

| feature | what it is |
|---|---|
{of_two}

Of the cell, found before a protocol is run that is [relative to it](../relative.md):

| feature | unit |
|---|---|
{found}

## Searches

`algorithm` under [`[fit]`](toml.md#study-toml-fit), with these `options`.

{searches}

## Lint rules

What `workbench mechanisms lint` looks for, and where it matters: in CoreNEURON, in threads, under
CVODE, in NEURON 9, in the result of every engine, or for speed only.

| rule | matters for | what it finds |
|---|---|---|
{rules}
"""


def page() -> str:
    """Return the page in Markdown."""
    features = [f"| `{name}` | {_said(one, 'Return ')} |" for name, one in own_features().items()]
    common = [f"| `{name}` | {_said(one, 'Return ')} |" for name, one in COMMON.items()]
    of_two = [f"| `{name}` | {_said(one, 'Return ')} |" for name, one in features_of_two().items()]
    velocity = conduction_velocity.__name__
    of_two.append(f"| `{velocity}`, in `expected.toml` | {_said(conduction_velocity, 'Return ')} |")
    searches = [_search(name, getattr(import_module(m), c)) for name, (m, c) in ALGORITHMS.items()]
    rules = [
        f"| `{rule.name}` | {', '.join(rule.affects)} | {_said(rule.check, 'Find ')} |"
        for rule in sorted(RULES.values(), key=lambda rule: rule.name)
    ]
    return PAGE.format(
        features="\n".join(features),
        common="\n".join(common),
        of_two="\n".join(of_two),
        found="\n".join(f"| `{name}` | {unit} |" for name, unit in FOUND.items()),
        searches="\n".join(searches),
        rules="\n".join(rules),
    )


def _said(function: Any, verb: str) -> str:
    """Return the first line of a docstring without the verb that all of its kind begin with."""
    line = (inspect.getdoc(function) or "").partition("\n")[0].removeprefix(verb)
    return line[:1].upper() + line[1:]


def _search(name: str, kind: type) -> str:
    lines = [f"### {name}", "", *_sections(kind)[:1], ""]
    options = list(_options(kind))
    if options:
        lines += ["| option | default | meaning |", "|---|---|---|", *options, ""]
    return "\n".join(lines)


def _options(kind: type) -> Iterator[str]:
    # Those of the class that introduced an option say what it means.
    meanings = {
        name: " ".join(text.split())
        for one in kind.__mro__
        for section in _sections(one)[1:]
        for names, text in re.findall(r"^(\w[\w, ]*).*\n((?: .*\n?)+)", section, re.MULTILINE)
        for name in names.strip().split(", ")
    }
    for option in inspect.signature(kind).parameters.values():
        if option.kind is option.KEYWORD_ONLY:
            yield f"| `{option.name}` | `{option.default:g}` | {meanings[option.name]} |"


def _sections(kind: type) -> list[str]:
    """Return what a docstring says, and then what stands in its numpy sections."""
    return re.split(r"\n\n\w+\n-+\n", inspect.getdoc(kind) or "")
