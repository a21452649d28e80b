"""Run an exported folder where there is no workbench, and compare its traces with ours."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.engines import Failure, Job
from workbench.engines.opening import check, prove
from workbench.engines.tasks import simulate
from workbench.errors import NotTheSame, StudyError
from workbench.exports.comparing import nearness
from workbench.exports.exported import Verified
from workbench.exports.formats import Format
from workbench.exports.model import Model
from workbench.exports.running import Environment
from workbench.protocols import Protocol, Traces
from workbench.workers import ProcessWorkers

MOST_mV = 1.0
MOST_ms = 1.0
MOST_others = 0.05
"""An export may be so far from ours if its steps are not fixed, or not those of NEURON."""

HERE = Environment()

Say = Callable[[str], None]


def verify(
    model: Model, folder: Path, form: Format, say: Say, where: Environment = HERE
) -> dict[str, Verified]:
    """Return how near each protocol of an exported folder is to ours.

    A copy of the folder is compiled and run in processes that cannot import the workbench.

    Raises
    ------
    NotTheSame
        If the tool reads another cell, a protocol with a fixed step differs in any number, or
        another is farther off than `MOST_mV`, `MOST_ms` and `MOST_others`; the message says where
        they part.
    StudyError
        If our own simulation fails.
    """
    found: dict[str, Verified] = {}
    parted: list[str] = []
    with where.copy(folder, form.mechanisms, say) as copy:
        if others := [f"  {one}" for one in form.differing(model, copy, where)]:
            raise NotTheSame("\n".join([f"{folder} is another cell than {model.name}:", *others]))
        for protocol, one in zip(model.protocols, _ours(model, say), strict=True):
            ours, own = one
            say(f"running {protocol.name} of the export")
            theirs = _theirs(copy, form, protocol, where)
            cost = None if own is None else nearness(own, theirs)
            integrator = model.integrators[protocol.name]
            found[protocol.name] = Verified(integrator, nearness(ours, theirs), cost)
            parted += _parted(found[protocol.name], form)
    if parted:
        raise NotTheSame("\n".join([f"{folder} does not do what {model.name} does:", *parted]))
    return found


def _parted(one: Verified, form: Format) -> Iterator[str]:
    near = one.nearness
    fixed = form.exact and one.integrator.dt_ms is not None
    far = near.shift_ms > MOST_ms or near.apart_mV > MOST_mV or near.others > MOST_others
    if not near.exact and (fixed or far):
        yield f"  {near.protocol}: {near.parting} ({near})"


def _ours(model: Model, say: Say) -> Iterator[tuple[Traces, Traces | None]]:
    """Yield our traces with the export's integrator, and with the study's if it is another."""
    jobs: list[Job] = []
    for protocol in model.protocols:
        bare = replace(protocol, maps=())
        theirs, own = model.integrators[protocol.name], model.own[protocol.name]
        jobs += [Job(model.recipe, bare, one) for one in dict.fromkeys((theirs, own))]
    for job in jobs:
        check(job.recipe, [job.protocol], job.integrator)
    prove([(model.name, job) for job in jobs], say)
    say(f"simulating {len(model.protocols)} protocols here")
    with ProcessWorkers(1) as workers:
        outcomes = iter(list(zip(jobs, simulate(jobs, workers), strict=True)))
    for protocol in model.protocols:
        traces = [_sound(*next(outcomes))]
        if model.integrators[protocol.name] != model.own[protocol.name]:
            traces.append(_sound(*next(outcomes)))
        yield traces[0], traces[1] if len(traces) > 1 else None


def _sound(job: Job, outcome: Traces | Failure) -> Traces:
    if isinstance(outcome, Failure):
        raise StudyError(
            f"{job.protocol.name} ({job.integrator}): {outcome}. Name the protocols that this cell "
            "can do (--protocol)"
        )
    return outcome


def _theirs(
    folder: Path, form: Format, protocol: Protocol, where: Environment
) -> Mapping[str, Floats]:
    where.run(form.command(protocol.name, folder, where), folder)
    file = folder / "traces" / f"{protocol.name}.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        names = next(csv.reader(stream))
        columns = np.loadtxt(stream, delimiter=",", unpack=True, ndmin=2)
    file.unlink()
    return dict(zip(names, columns, strict=True))
