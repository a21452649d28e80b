"""Mechanisms as values: what .mod files declare, and what integrators must know of them."""

from workbench.mechanisms.builtin import BUILT_IN
from workbench.mechanisms.judging import Verdict, judge
from workbench.mechanisms.mechanism import Mechanism, MechanismSet, Parameter
from workbench.mechanisms.pool import combine, find_mechanism, why_not_painted
from workbench.mechanisms.reading import read_mechanisms, set_of
from workbench.nmodl import Ion, find_folder, shipped_mechanisms

__all__ = [
    "BUILT_IN",
    "Ion",
    "Mechanism",
    "MechanismSet",
    "Parameter",
    "Verdict",
    "combine",
    "find_folder",
    "find_mechanism",
    "judge",
    "read_mechanisms",
    "set_of",
    "shipped_mechanisms",
    "why_not_painted",
]
