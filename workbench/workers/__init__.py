"""Who runs tasks: this process, or supervised child processes."""

from workbench.workers.processes import ProcessWorkers
from workbench.workers.serial import SerialWorkers

__all__ = ["ProcessWorkers", "SerialWorkers"]
