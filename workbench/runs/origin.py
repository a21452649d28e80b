"""What a run is made with beside its problem, and whether it may go on with something else."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from workbench.engines import Job
from workbench.engines.opening import check, proof, prove
from workbench.evaluations.origin import PACKAGES, made_with
from workbench.fitting import Problem
from workbench.studies import Study
from workbench.studies.notes import notes_of

UNKNOWN: Mapping[str, str] = MappingProxyType({})
FIT_PACKAGES = (*PACKAGES, "deap", "bluepyopt")
"""Whose versions decide how a fit goes on."""
_DRAWN = 8


def prepare(study: Study, report: Callable[[str], None] | None = None) -> dict[str, str]:
    """Compile what the study needs, once for all workers; return what it will be made with.

    An engine of our own is compared with NEURON on individuals of the study, unless that has been
    done. `report` is told what takes long, and what is odd about the study.

    Raises
    ------
    EngineError
        If the study's integrator cannot run its cell or its protocols, or does not compute what
        NEURON computes.
    """
    problem = study.asking_all()
    for recipe, done in problem.cells(problem.recipe):
        for protocol in done:
            check(recipe, [protocol], problem.integrator_of(protocol.name))
    if problem.block is not None:
        protocol = problem.block.protocol
        check(problem.recipe, [protocol], problem.integrator_of(protocol.name))
    if report is not None:
        for note in notes_of(problem):
            report(f"note: {note}")
    made_with = make_up(problem, report)
    prove(examples(study), report)
    return made_with


def examples(study: Study) -> list[tuple[str, Job]]:
    """Return simulations of the study with names: of some individuals, drawn and published."""
    problem = study.asking_all()
    unit = np.random.default_rng(1).random((_DRAWN, len(problem.parameters)))
    rows = {f"individual {n} of those drawn": row for n, row in enumerate(problem.physical(unit))}
    for name, values in study.published.items():
        if name not in study.cells and set(values) == set(problem.parameter_names):
            rows[name] = problem.row(values)
    return [(name, job) for name, row in rows.items() for job in problem.jobs(row, block=True)]


def proof_of(problem: Problem) -> str:
    """Return what comparing its engine with NEURON has found; "" where NEURON runs."""
    centre = problem.physical(np.full((1, len(problem.parameters)), 0.5))[0]
    return proof(problem.jobs(centre, block=True))


def make_up(problem: Problem, report: Callable[[str], None] | None = None) -> dict[str, str]:
    """Return what an evaluation of a problem is made with here, compiled if need be, by name."""
    integrators = (problem.integrator, *dict(problem.own_integrators).values())
    cells = [recipe for recipe, _ in problem.cells(problem.recipe)]
    pairs = [(recipe, one) for recipe in cells for one in integrators]
    return made_with(pairs, report, FIT_PACKAGES)


def identity(problem: Problem) -> dict[str, str]:
    """Return what has to be the same on all ranks that evaluate a problem together."""
    return {"the problem": problem.digest, **make_up(problem)}


def refusal(changed: tuple[str, ...], resume: str) -> str:
    """Return why a run does not go on under changes, and what to do; `resume` is the command."""
    return (
        f"since this run began, {'; '.join(changed)}: what follows would not be what the run would "
        f"have become. Take the change back, or accept it with `{resume} --accept-changes`; the "
        "report will tell"
    )
