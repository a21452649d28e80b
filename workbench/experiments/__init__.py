"""Experiments: what cells do under all combinations of factors, a mechanism under a clamp."""

from workbench.experiments.analysis import Analysis
from workbench.experiments.clamp import Clamp, ClampFamily, clamp_family
from workbench.experiments.design import Sample, Wanted, design
from workbench.experiments.doing import do, identity, known, prepare
from workbench.experiments.experiment import Condition, Experiment
from workbench.experiments.functions import given_function
from workbench.experiments.named import Described, described, experiment_names, find_experiment
from workbench.experiments.progress import ExperimentProgress, ExperimentWatch
from workbench.experiments.reproducing import (
    check_rows,
    compared,
    experiment_under,
    refusals,
    with_refused,
)
from workbench.experiments.standing import standing
from workbench.experiments.table import table

__all__ = [
    "Analysis",
    "Clamp",
    "ClampFamily",
    "Condition",
    "Described",
    "Experiment",
    "ExperimentProgress",
    "ExperimentWatch",
    "Sample",
    "Wanted",
    "check_rows",
    "clamp_family",
    "compared",
    "described",
    "design",
    "do",
    "experiment_names",
    "experiment_under",
    "find_experiment",
    "given_function",
    "identity",
    "known",
    "prepare",
    "refusals",
    "standing",
    "table",
    "with_refused",
]
