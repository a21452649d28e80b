"""BluePyOpt's problems: in JSON, as its two examples have them, and evaluators in Python."""

from workbench.imports.bluepyopt.reading import read_bluepyopt

__all__ = ["read_bluepyopt"]
