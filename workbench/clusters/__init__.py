"""Clusters: a fit as a batch job that a scheduler signals, requeues and runs once for each seed."""

from workbench.clusters.job import BatchJob, job_name
from workbench.clusters.schedulers import SCHEDULERS, Scheduler, scheduler_named
from workbench.clusters.script import send, write_script
from workbench.clusters.seeds import seeds_of

__all__ = [
    "SCHEDULERS",
    "BatchJob",
    "Scheduler",
    "job_name",
    "scheduler_named",
    "seeds_of",
    "send",
    "write_script",
]
