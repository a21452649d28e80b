"""Experiments: what cells do under all combinations of factors, a mechanism under a clamp."""

from workbench.experiments.clamp import Clamp, ClampFamily, clamp_family
from workbench.experiments.design import Sample, Wanted, design
from workbench.experiments.doing import do, identity, known, prepare
from workbench.experiments.experiment import Condition, Experiment
from workbench.experiments.progress import ExperimentProgress, ExperimentWatch
from workbench.experiments.table import table

__all__ = [
    "Clamp",
    "ClampFamily",
    "Condition",
    "Experiment",
    "ExperimentProgress",
    "ExperimentWatch",
    "Sample",
    "Wanted",
    "clamp_family",
    "design",
    "do",
    "identity",
    "known",
    "prepare",
    "table",
]
