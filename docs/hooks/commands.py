"""The page of the command line, from the verbs themselves."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from workbench.cli.app import app

_TYPES = {"str": "TEXT", "path": "PATH", "int": "N", "float": "NUMBER"}
INTRODUCTION = """\
# Command line

What each verb says with `--help`. Exit codes are [on a page of their own](errors.md).
"""


def page() -> str:
    """Return the page in Markdown."""
    verbs = _verbs(typer.main.get_command(app), "workbench")
    return "\n".join([INTRODUCTION, *(_verb(name, command) for name, command in verbs)])


def _verbs(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, below in command.commands.items():
        yield from _verbs(below, f"{name} {word}")


def _verb(name: str, command: Any) -> str:
    context = command.context_class(command)
    records = [(one, one.get_help_record(context)) for one in command.params]
    lines = [f"## {name}", "", command.help or "", ""]
    if records:
        lines += ["| argument or option | meaning |", "|---|---|"]
    for parameter, (written, meaning) in filter(lambda pair: pair[1], records):
        # An argument's own name says all.
        typed = "" if parameter.param_type_name == "argument" else r"\1"
        written = re.sub(r" <(?:list\[)?(\w+)\]?>", f" {typed}", written).strip()
        words = [_TYPES.get(word, word) for word in written.split(" ")]
        meaning = meaning.removesuffix("  [required]")
        lines.append(f"| `{' '.join(words)}` | {meaning} |")
    return "\n".join(lines) + "\n"
