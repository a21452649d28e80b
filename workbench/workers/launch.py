"""Whether this process is one of several that a launcher of MPI started; told by its variables."""

from collections.abc import Mapping
from dataclasses import dataclass

_LEFT_BY_LAUNCHERS = ("PMI", "PMIX", "OMPI", "PRTE", "SLURM", "MPI", "HYD")

# An mpirun that srun started, in a batch job or under `srun --pty bash`, leaves srun's variables
# where they are, its PMI too: what only an mpirun sets comes first.
_VARIABLES = (
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "Open MPI's mpirun"),
    ("PMI_SIZE", "PMI_RANK", "mpirun or srun"),
    ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun"),
)


@dataclass(frozen=True)
class Launch:
    """How many processes a launcher started, and which of them this one is."""

    launcher: str
    size: int
    rank: int


def find_launch(environment: Mapping[str, str]) -> Launch | None:
    """Return what a launcher left in the environment; None if this process is the only one."""
    for size, rank, launcher in _VARIABLES:
        if environment.get(size, "").isdecimal():
            found = Launch(launcher, int(environment[size]), int(environment.get(rank) or 0))
            return found if found.size > 1 else None
    return None


def without_launcher(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a process that is no rank: with these, MPI would end it."""
    return {k: v for k, v in environment.items() if not k.startswith(_LEFT_BY_LAUNCHERS)}
