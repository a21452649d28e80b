"""The tools whose models can be imported, by name."""

from collections.abc import Callable, Mapping
from importlib import import_module

from workbench.errors import InputError, unknown
from workbench.imports.source import Source
from workbench.imports.study import Imported

Importer = Callable[[Source], Imported]

TOOLS: Mapping[str, tuple[str, str]] = {
    "allen": ("workbench.imports.allen", "read_allen"),
    "bluepyopt": ("workbench.imports.bluepyopt", "read_bluepyopt"),
    "hoc": ("workbench.imports.hoc", "read_hoc_cell"),
}
"""Module and function by name."""


def importer(tool: str) -> Importer:
    """Return what reads the models of a tool.

    Raises
    ------
    InputError
        If there is no such tool.
    """
    if tool not in TOOLS:
        raise InputError(unknown("tool", tool, TOOLS))
    module, name = TOOLS[tool]
    found: Importer = getattr(import_module(module), name)
    return found
