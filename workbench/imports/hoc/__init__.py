"""Cells that hoc code builds: NEURON runs the file in a child, and what it made is copied out."""

from workbench.imports.hoc.reading import read_hoc_cell

__all__ = ["read_hoc_cell"]
