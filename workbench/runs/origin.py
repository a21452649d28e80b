"""What decides a run's digits beside its problem: what was compiled, and versions.

A resumed run is bit for bit the one that was never stopped only where these are the same.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import MappingProxyType

from workbench.engines.neuron import check, compiled_for
from workbench.fitting import Problem
from workbench.studies import Study
from workbench.studies.notes import notes_of

UNKNOWN: Mapping[str, str] = MappingProxyType({})
_PACKAGES = ("neuron-workbench", "neuron", "efel", "numpy", "deap", "bluepyopt")


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
    compiled: dict[str, set[str]] = {}
    for integrator in (problem.integrator, *dict(problem.own_integrators).values()):
        for name, key in compiled_for(problem.recipe, integrator, report).items():
            compiled.setdefault(name, set()).add(key)
    return {
        **{name: ", ".join(sorted(keys)) for name, keys in compiled.items()},
        **{package: version(package) for package in _PACKAGES},
    }


def identity(problem: Problem) -> dict[str, str]:
    """Return what has to be the same on all ranks that evaluate a problem together."""
    return {"the problem": problem.digest, **make_up(problem)}


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return a clause for each thing that is not as it was, as far as both sides tell."""
    known = [name for name in before if name in now and before[name] != now[name]]
    return tuple(_clause(name, before[name], now[name]) for name in known)


def refusal(changed: tuple[str, ...], resume: str) -> str:
    """Return why a run does not go on under changes, and what to do; `resume` is the command."""
    return (
        f"since this run began, {'; '.join(changed)}: what follows would not be what the run would "
        f"have become. Take the change back, or accept it with `{resume} --accept-changes`; the "
        "report will tell"
    )


def _clause(name: str, before: str, now: str) -> str:
    if name in _PACKAGES:
        return f"{name} {before} became {now}"
    return f"{name} changed (another compiler or processor)"
