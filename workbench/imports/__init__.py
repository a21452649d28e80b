"""Imports: what other tools keep of a model as a study that runs, a file or folder each."""

from workbench.imports.importing import import_study
from workbench.imports.source import Source
from workbench.imports.tools import TOOLS

__all__ = ["TOOLS", "Source", "import_study"]
