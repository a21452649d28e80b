"""Engines: jobs in, traces or failures out."""

from workbench.engines.job import (
    Engine,
    EngineName,
    Failure,
    FailureKind,
    Integrator,
    Job,
    Outcome,
    Precision,
    adaptive_step,
    fixed_step,
)

__all__ = [
    "Engine",
    "EngineName",
    "Failure",
    "FailureKind",
    "Integrator",
    "Job",
    "Outcome",
    "Precision",
    "adaptive_step",
    "fixed_step",
]
