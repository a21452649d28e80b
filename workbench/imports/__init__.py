"""Imports: what other tools keep of a model as a study that runs, a file or folder each."""

from workbench.imports.extracted import Extracted, import_targets
from workbench.imports.importing import folder_of, import_study, read_model
from workbench.imports.source import Source
from workbench.imports.study import write_study
from workbench.imports.tools import TOOLS

__all__ = [
    "TOOLS",
    "Extracted",
    "Source",
    "folder_of",
    "import_study",
    "import_targets",
    "read_model",
    "write_study",
]
