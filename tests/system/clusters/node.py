"""A place to run the scripts of jobs in."""

import os
import subprocess
from pathlib import Path

from workbench.clusters import scheduler_named
from workbench.clusters.script import script_of


class Node:
    """Where a job's script runs: the scheduler's commands are there, and write down their words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        commands = folder / "bin"
        commands.mkdir()
        for name in ("scontrol", "qsub"):
            command = commands / name
            command.write_text(f'#!/bin/bash\necho "{name} $* in $PWD" >> {folder}/called\n')
            command.chmod(0o755)
        self._path = f"{commands}:{os.environ['PATH']}"

    def begin(self, scheduler, the_job, **environment):
        script = self.folder / "job.sh"
        script.write_text(script_of(the_job, scheduler_named(scheduler)))
        return subprocess.Popen(
            ["bash", str(script)],
            env={"PATH": self._path, "SLURM_JOB_ID": "7", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, scheduler, the_job, **environment):
        """Return the script's exit code, and what it wrote."""
        begun = self.begin(scheduler, the_job, **environment)
        out, err = begun.communicate(timeout=30)
        return begun.returncode, out.decode(), err.decode()

    @property
    def called(self):
        written = self.folder / "called"
        return written.read_text().splitlines() if written.exists() else []
