"""BluePyEModel's pipelines: recipes, parameters, features with protocols, best parameters."""

from workbench.imports.bluepyemodel.reading import read_bluepyemodel

__all__ = ["read_bluepyemodel"]
