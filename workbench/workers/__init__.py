"""Who runs tasks: this process, supervised child processes, or those of all MPI ranks."""

from workbench.workers.launch import Launch, find_launch
from workbench.workers.processes import ProcessWorkers, check_count
from workbench.workers.ranks import Crew, RankWorkers, enlist
from workbench.workers.seat import MachineError
from workbench.workers.serial import SerialWorkers
from workbench.workers.stopping import Stop, walltime_s

__all__ = [
    "Crew",
    "Launch",
    "MachineError",
    "ProcessWorkers",
    "RankWorkers",
    "SerialWorkers",
    "Stop",
    "check_count",
    "enlist",
    "find_launch",
    "walltime_s",
]
