"""The tools whose models can be imported, by name."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from importlib import import_module

from workbench.errors import InputError, unknown
from workbench.imports.source import Source
from workbench.imports.study import Imported

Importer = Callable[[Source], Imported]

_FILES = frozenset({"morphology", "mechanisms"})
_BLUEPYOPT = _FILES | {"model", "function", "module", "trust_python"}
_HOC = frozenset({"mechanisms", "kinds", "trust_hoc"})
_NEUROML = frozenset({"mechanisms", "kinds", "model"})
_NETPYNE = frozenset({"mechanisms", "kinds", "model"})

TOOLS: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "allen": ("workbench.imports.allen", "read_allen", _FILES),
    "bluepyemodel": (
        "workbench.imports.bluepyemodel",
        "read_bluepyemodel",
        _FILES | {"model"},
    ),
    "bluepyopt": ("workbench.imports.bluepyopt", "read_bluepyopt", _BLUEPYOPT),
    "hoc": ("workbench.imports.hoc", "read_hoc_cell", _HOC),
    "neuroml": ("workbench.imports.neuroml", "read_neuroml", _NEUROML),
    "netpyne": ("workbench.imports.netpyne", "read_netpyne", _NETPYNE),
    "sonata": ("workbench.imports.sonata", "read_sonata", _FILES | {"node"}),
}
"""Module, function, and what may be said beside the path, by name."""


def importer(tool: str, source: Source) -> Importer:
    """Return what reads the models of a tool.

    Raises
    ------
    InputError
        If there is no such tool, or more was said than it takes.
    """
    if tool not in TOOLS:
        raise InputError(unknown("tool", tool, TOOLS))
    module, name, taken = TOOLS[tool]
    for more in fields(source)[1:]:
        if getattr(source, more.name) and more.name not in taken:
            allowed = ", ".join(sorted(taken))
            raise InputError(f"{more.name}: an import of {tool} takes {allowed}; leave it out")
    found: Importer = getattr(import_module(module), name)
    return found
