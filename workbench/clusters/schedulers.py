"""The schedulers that a job can be written for."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.clusters.job import SCRIPT, BatchJob
from workbench.errors import InputError, unknown


@dataclass(frozen=True)
class Scheduler:
    """A scheduler: its template, what submits a job to it, what starts ranks under it."""

    name: str
    template: str
    launcher: str
    submission: Callable[[BatchJob], tuple[str, ...]]


def _qsub_of_pbs(job: BatchJob) -> tuple[str, ...]:
    # On the command line: a single task is submitted again with the same script.
    array = ("-J", f"1-{len(job.seeds)}") if len(job.seeds) > 1 else ()
    return ("qsub", *array, SCRIPT)


SCHEDULERS = {
    "slurm": Scheduler("slurm", "slurm.sh.jinja", "srun", lambda job: ("sbatch", SCRIPT)),
    "pbs": Scheduler("pbs", "pbs.sh.jinja", "mpirun", _qsub_of_pbs),
    "sge": Scheduler("sge", "sge.sh.jinja", "mpirun", lambda job: ("qsub", SCRIPT)),
}
"""Those that are known, by name."""


def scheduler_named(name: str) -> Scheduler:
    """Return a scheduler.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in SCHEDULERS:
        raise InputError(unknown("scheduler", name, SCHEDULERS))
    return SCHEDULERS[name]
