"""NMODL: what the text of a .mod file says, and what is wrong with it.

Values that simulations use are made of it in `mechanisms/`, libraries in `builds/`.
"""

from workbench.nmodl.findings import RULES, Finding
from workbench.nmodl.folders import (
    Sources,
    digest_sources,
    find_folder,
    mod_files,
    read_source,
    read_sources,
    shipped_mechanisms,
)
from workbench.nmodl.linting import Parsed, lint, lint_file, parse
from workbench.nmodl.modfile import Ion, ModFile
from workbench.nmodl.tree import Node

__all__ = [
    "RULES",
    "Finding",
    "Ion",
    "ModFile",
    "Node",
    "Parsed",
    "Sources",
    "digest_sources",
    "find_folder",
    "lint",
    "lint_file",
    "mod_files",
    "parse",
    "read_source",
    "read_sources",
    "shipped_mechanisms",
]
