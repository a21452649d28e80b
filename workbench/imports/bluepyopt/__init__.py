"""BluePyOpt's problems in JSON: as its L5PC example has them, and its thalamocortical one."""

from workbench.imports.bluepyopt.reading import read_bluepyopt

__all__ = ["read_bluepyopt"]
