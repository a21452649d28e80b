"""A model as plain Python for NEURON: the geometry, the biophysics, a function a protocol."""

from workbench.exports.python.writing import write_python

__all__ = ["write_python"]
