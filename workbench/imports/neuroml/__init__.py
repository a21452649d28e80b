"""Cells in files of NeuroML 2, without running anything of them."""

from workbench.imports.neuroml.reading import read_neuroml

__all__ = ["read_neuroml"]
