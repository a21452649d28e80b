"""SONATA: one biophysical node of a network's configuration."""

from workbench.imports.sonata.reading import read_sonata

__all__ = ["read_sonata"]
