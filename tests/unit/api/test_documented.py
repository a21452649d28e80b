"""Every public name says what it is, and the site's reference shows it."""

import ast
import importlib
import inspect
import pkgutil
import re
from itertools import pairwise
from pathlib import Path

import pytest
import typer

import workbench
from workbench.cli.app import app

PACKAGE = Path(workbench.__file__).parent
PAGE = PACKAGE.parent / "docs" / "reference" / "python.md"
ROOMS = [
    info.name
    for info in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if info.ispkg and hasattr(importlib.import_module(info.name), "__all__")
]


def described_assignments(room):
    """Return the constants and types of a room under which a docstring stands."""
    found = set()
    for module in PACKAGE.joinpath(*room.split(".")[1:]).rglob("*.py"):
        body = ast.parse(module.read_text()).body
        for entry, below in pairwise(body):
            for target in getattr(entry, "targets", [getattr(entry, "target", None)]):
                match target, below:
                    case ast.Name(id=name), ast.Expr(ast.Constant(str())):
                        found.add(name)
    return found


def silent(room):
    described = described_assignments(room)
    for name in importlib.import_module(room).__all__:
        value = getattr(importlib.import_module(room), name)
        own = inspect.unwrap(value) if callable(value) else value
        if inspect.isclass(own) or inspect.isfunction(own):
            if not own.__doc__:
                yield name
        elif name not in described:
            yield name


def members(name):
    """Return what a public class or function of the top adds, with all that belongs to it."""
    value = getattr(workbench, name)
    yield name, value
    if inspect.isclass(value):
        for member, function in inspect.getmembers(value):
            function = getattr(function, "fget", function)
            ours = str(getattr(function, "__module__", "")).startswith("workbench")
            if ours and not member.startswith("_"):
                yield f"{name}.{member}", function


def test_rooms_are_found():
    assert {"workbench.api", "workbench.cells", "workbench.engines.neuron"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_the_names_of_a_room_say_what_they_are(room):
    assert not list(silent(room)), "no docstring, or none under the assignment"


def test_the_names_at_the_top_and_their_members_say_what_they_are():
    named = [pair for name in workbench.__all__ for pair in members(name)]
    assert [name for name, value in named if not inspect.getdoc(value)] == []


def verbs(command, name="workbench"):
    for word, below in getattr(command, "commands", {}).items():
        yield from verbs(below, f"{name} {word}")
    if not hasattr(command, "commands"):
        yield name


def test_the_reference_says_what_each_verb_is_in_python():
    page = PAGE.read_text()
    assert [one for one in verbs(typer.main.get_command(app)) if f"`{one}" not in page] == []


def test_there_is_one_list_of_names():
    """It stands where an import costs nothing; `workbench.api` is where the names come from."""
    assert workbench.__all__ == importlib.import_module("workbench.api").__all__


def test_the_reference_has_the_names_at_the_top():
    shown = re.findall(r"^::: workbench\.(\w+)$", PAGE.read_text(), re.MULTILINE)
    assert sorted(shown) == sorted(workbench.__all__)
