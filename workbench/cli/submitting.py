"""The verb `submit`."""

import os
import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import typer

from workbench.cli.options import ENGINE_OPTIONS, engine_options
from workbench.cli.printing import console, print_json
from workbench.clusters import (
    BatchJob,
    Scheduler,
    job_name,
    scheduler_named,
    seeds_of,
    send,
    write_script,
)
from workbench.errors import InputError
from workbench.resources import cache_folder
from workbench.runs import begin_from
from workbench.studies import Study, load_study, plan_of, with_engine
from workbench.workers import walltime_s

_TAKEN_ALONG = ("WORKBENCH_MORPHOLOGIES", "WORKBENCH_PATHS")
_COMMAND = (sys.executable, "-P", "-c", "from workbench.cli import main; main()")
_ASK_SUBMIT = {"seed": "--seeds", "out": "--out", "walltime": "--time", "workers": "--ranks"}


@dataclass(frozen=True)
class Request:
    """What `submit` was asked for, as it was typed."""

    study: str
    ranks: int
    time: str
    seeds: str | None
    launch: str | None
    directives: list[str]
    scratch: Path | None
    out: Path | None


@dataclass(frozen=True)
class FitOptions:
    """The options that are handed to `fit`: as they were typed, and as `fit` reads them."""

    typed: tuple[str, ...]
    values: dict[str, Any]

    @classmethod
    def read(cls, context: typer.Context, study: str) -> Self:
        """Read what is left of the command line as `fit` would.

        Raises
        ------
        InputError
            If one of them is for `submit` to set. What `fit` does not know, typer refuses.
        """
        if study.startswith("-"):
            raise InputError("name the study first: workbench submit STUDY --ranks N ...")
        verbs: Any = context.find_root().command
        fit = verbs.get_command(context, "fit")
        with fit.make_context("workbench fit", [study, *context.args]) as given:
            values = given.params
        for name, instead in _ASK_SUBMIT.items():
            if values[name] is not None:
                raise InputError(f"--{name} differs from job to job; use {instead} of `submit`")
        return cls(tuple(context.args), values)

    def check(self, study: Study) -> int:
        """Refuse now what a job would refuse when its turn comes; return the study's own seed."""
        engine = engine_options(**{name: self.values[name] for name in ENGINE_OPTIONS})
        with_engine(study, engine, "--", lambda unchecked: unchecked)
        search = ("algorithm", "population", "generations")
        plan = plan_of(study, **{name: self.values[name] for name in search})
        plan.searched(study.problem)
        if (begin := self.values["from_"]) is not None:
            begin_from(study, plan, begin, Path())
        return plan.seed


def submit(
    request: Request, options: FitOptions, scheduler_name: str, go: bool, as_json: bool
) -> None:
    """Write a job, say how it is submitted, and submit it if that was asked for."""
    scheduler = scheduler_named(scheduler_name)
    job = _job(request, options, scheduler)
    script = write_script(job, scheduler)
    command = shlex.join(scheduler.submission(job))
    answer = send(job, scheduler) if go else None
    if as_json:
        found = {"script": str(script), "folder": str(job.folder), "command": command}
        print_json({**found, "answer": answer})
        return
    lines = [str(script)]
    lines.append(answer or f"submit it with: cd {shlex.quote(str(job.folder))} && {command}")
    for line in lines:
        console.print(line)


def _job(request: Request, options: FitOptions, scheduler: Scheduler) -> BatchJob:
    study = load_study(request.study)
    seed = options.check(study)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = request.out or Path("runs") / f"{study.name}-{scheduler.name}-{stamp}"
    settings = {name: os.environ[name] for name in _TAKEN_ALONG if name in os.environ}
    return BatchJob(
        name=job_name(study.name),
        folder=folder.absolute(),
        start=Path.cwd(),
        fit=("fit", str(study.folder), *options.typed),
        seeds=(seed,) if request.seeds is None else seeds_of(request.seeds),
        ranks=request.ranks,
        time_s=int(walltime_s(request.time, "--time")),
        command=_COMMAND,
        launcher=_launcher(request, scheduler),
        environment={"WORKBENCH_CACHE": str(cache_folder().absolute()), **settings},
        scratch=request.scratch and request.scratch.absolute(),
        directives=tuple(request.directives),
    )


def _launcher(request: Request, scheduler: Scheduler) -> tuple[str, ...]:
    """Return what starts ranks: what was given, the MPI wheel's own, or the site's."""
    if request.launch is not None:
        try:
            words = tuple(shlex.split(request.launch))
        except ValueError as error:
            raise InputError(f"--launch {request.launch!r} cannot be read: {error}") from None
        if not words:
            raise InputError("--launch is empty; give a command such as 'srun --mpi=pmix'")
        return words
    if request.ranks == 1:
        return ()
    beside = Path(sys.executable).parent / "mpirun"
    return (str(beside) if beside.exists() else scheduler.launcher,)
