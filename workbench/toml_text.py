"""Tables as the text of a TOML file."""

import re
from collections.abc import Mapping
from typing import Any

import tomli_w

_LIST = re.compile(r"^(.* = )\[\n((?:    [^\[\]\n]*,\n)+)\]$", re.MULTILINE)
_LONGEST_LINE = 100


def toml_text(tables: Mapping[str, Any]) -> str:
    """Return tables as TOML, lists of numbers or texts in one line where they fit."""
    return _LIST.sub(_in_one_line, tomli_w.dumps(tables))


def _in_one_line(found: re.Match[str]) -> str:
    """Return a list of numbers or texts as a person writes it, if it fits into a line."""
    line = f"{found[1]}[{', '.join(one.strip().rstrip(',') for one in found[2].splitlines())}]"
    return line if len(line) <= _LONGEST_LINE else found[0]
