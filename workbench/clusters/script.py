"""From a job to its script, and to the scheduler."""

import os
import shlex
import subprocess
from importlib.resources import files
from pathlib import Path

from workbench.clusters.job import SCRIPT, BatchJob
from workbench.clusters.schedulers import Scheduler
from workbench.errors import InputError, WorkbenchError


def script_of(job: BatchJob, scheduler: Scheduler) -> str:
    """Return the script of a job, for bash.

    Every value that a template shows is quoted for the shell, whatever it is and wherever it
    stands: in a directive only what quoting leaves alone is allowed.
    """
    import jinja2

    templates = files("workbench.clusters") / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (templates / name).read_text(encoding="utf-8")),
        finalize=lambda value: shlex.quote(str(value)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(scheduler.template).render(job=job, script=SCRIPT)


def write_script(job: BatchJob, scheduler: Scheduler) -> Path:
    """Write the script into the job's folder and return its path.

    Raises
    ------
    InputError
        If the folder holds a job already.
    """
    target = job.folder / SCRIPT
    job.folder.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(script_of(job, scheduler))
            os.fchmod(file.fileno(), 0o755)
    except FileExistsError:
        raise InputError(
            f"{job.folder} holds a job already; submit its {SCRIPT} again and it goes on, or name "
            "another folder with --out"
        ) from None
    return target


def send(job: BatchJob, scheduler: Scheduler) -> str:
    """Submit a job that was written and return the scheduler's answer.

    Raises
    ------
    InputError
        If the scheduler's command is not on this machine.
    WorkbenchError
        If the scheduler refuses the job.
    """
    command = scheduler.submission(job)
    try:
        done = subprocess.run(command, cwd=job.folder, capture_output=True, text=True)
    except FileNotFoundError:
        raise InputError(
            f"{command[0]} is not on this machine; submit {job.folder / SCRIPT} where it is"
        ) from None
    if done.returncode:
        raise WorkbenchError(f"{shlex.join(command)} refused the job: {done.stderr.strip()}")
    return done.stdout.strip()
