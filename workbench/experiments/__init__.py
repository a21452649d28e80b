"""Experiments on models: what a mechanism does under a voltage clamp."""

from workbench.experiments.clamp import Clamp, ClampFamily, clamp_family

__all__ = ["Clamp", "ClampFamily", "clamp_family"]
