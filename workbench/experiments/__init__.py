"""Experiments on models: what a mechanism does under a voltage clamp."""

from workbench.experiments.clamp import ClampFamily, clamp_family

__all__ = ["ClampFamily", "clamp_family"]
