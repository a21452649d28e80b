"""Mechanisms: .mod files as values, and their compiled libraries in a cache keyed by content."""

from workbench.mechanisms.building import Build, Report, build, is_built
from workbench.mechanisms.builtin import BUILT_IN
from workbench.mechanisms.judging import Verdict, judge
from workbench.mechanisms.library import build_library
from workbench.mechanisms.linting import RULES, Finding, lint
from workbench.mechanisms.mechanism import (
    Ion,
    Mechanism,
    MechanismSet,
    Parameter,
    combine,
    find_mechanism,
)
from workbench.mechanisms.native import build_native, native_flags
from workbench.mechanisms.reading import find_folder, read_mechanisms, shipped_mechanisms
from workbench.mechanisms.toolchain import find_toolchain, nrnivmodl
from workbench.mechanisms.trust import trust

__all__ = [
    "BUILT_IN",
    "RULES",
    "Build",
    "Finding",
    "Ion",
    "Mechanism",
    "MechanismSet",
    "Parameter",
    "Report",
    "Verdict",
    "build",
    "build_library",
    "build_native",
    "combine",
    "find_folder",
    "find_mechanism",
    "find_toolchain",
    "is_built",
    "judge",
    "lint",
    "native_flags",
    "nrnivmodl",
    "read_mechanisms",
    "shipped_mechanisms",
    "trust",
]
