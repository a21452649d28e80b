"""What a run is made with beside its problem, and whether it may go on with something else."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from workbench.engines.opening import check
from workbench.evaluations.origin import PACKAGES, made_with
from workbench.fitting import Problem
from workbench.studies import Study
from workbench.studies.notes import notes_of

UNKNOWN: Mapping[str, str] = MappingProxyType({})
_PACKAGES = (*PACKAGES, "deap", "bluepyopt")


def prepare(study: Study, report: Callable[[str], None] | None = None) -> dict[str, str]:
    """Compile what the study needs, once for all workers; return what it will be made with.

    `report` is told what takes long, and what is odd about the study.

    Raises
    ------
    EngineError
        If the study's integrator cannot run its cell or its protocols.
    """
    problem = study.problem
    for protocol in problem.protocols:
        check(problem.recipe, [protocol], problem.integrator_of(protocol.name))
    if report is not None:
        for note in notes_of(problem):
            report(f"note: {note}")
    return make_up(problem, report)


def make_up(problem: Problem, report: Callable[[str], None] | None = None) -> dict[str, str]:
    """Return what an evaluation of a problem is made with here, compiled if need be, by name."""
    integrators = (problem.integrator, *dict(problem.own_integrators).values())
    return made_with([(problem.recipe, one) for one in integrators], report, _PACKAGES)


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
