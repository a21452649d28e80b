"""The engine that an integrator names."""

from collections.abc import Sequence

from workbench.builds import Report
from workbench.cells import CellRecipe
from workbench.engines import neuron, population
from workbench.engines.job import Engine, Integrator, Job
from workbench.errors import EngineError
from workbench.protocols import Protocol


def engine_for(recipe: CellRecipe, integrator: Integrator, report: Report | None = None) -> Engine:
    """Return what runs jobs of a cell in this process, compiled if need be.

    `report` is told what takes long.

    Raises
    ------
    EngineError
        If the engine cannot run the cell.
    MechanismError, BuildError
        If its mechanisms cannot be compiled.
    """
    if integrator.engine == "population":
        return population.engine_for(recipe, integrator, report)
    return neuron.engine_for(recipe, integrator, report)


def unproven_for(recipe: CellRecipe, integrator: Integrator) -> Engine:
    """Return what `engine_for` does, of an engine of ours before it is compared with NEURON.

    For trials of which no number is shown to anybody.
    """
    if integrator.engine == "population":
        return population.PopulationEngine()
    return neuron.engine_for(recipe, integrator)


def compiled_for(
    recipe: CellRecipe, integrator: Integrator, report: Report | None = None
) -> dict[str, str]:
    """Return which builds the engine for this cell and integrator uses, by what they are."""
    if integrator.engine == "population":
        return population.compiled_for(recipe, integrator, report)
    return neuron.compiled_for(recipe, integrator, report)


def check(recipe: CellRecipe, protocols: Sequence[Protocol], integrator: Integrator) -> None:
    """Refuse what an integrator cannot run, as far as the values show it.

    Raises
    ------
    EngineError
        With what is there, what is allowed and what to do.
    MorphologyError
        If no simulation of this shape can be right.
    StudyError
        If events of a protocol can drive nothing of the cell.
    """
    if integrator.engine == "population":
        population.check(recipe, protocols, integrator)
    else:
        neuron.check(recipe, protocols, integrator)


def refusal(job: Job) -> str:
    """Return why an engine does not run a job, or nothing if it does."""
    try:
        check(job.recipe, [job.protocol], job.integrator)
    except EngineError as error:
        return str(error)
    return ""


def prove(jobs: Sequence[tuple[str, Job]], report: Report | None = None) -> None:
    """Have an engine of ours compared with NEURON before its first use, on some of these jobs.

    Jobs are given with their names. What NEURON runs needs no proof.

    Raises
    ------
    EngineError
        If it does not compute what NEURON computes.
    """
    ours = [population.Candidate(name, job) for name, job in jobs if _is_ours(job)]
    if ours:
        population.prove(ours, report)


def disproven(jobs: Sequence[Job], report: Report | None = None) -> list[str]:
    """Return, for each job, what comparing its engine with NEURON finds wrong; "" for nothing."""
    ours = [
        population.Candidate(f"simulation {n + 1}", j) for n, j in enumerate(jobs) if _is_ours(j)
    ]
    found = population.proofs(ours, report)
    return [found[population.kind_of(job)].refusal if _is_ours(job) else "" for job in jobs]


def proof(jobs: Sequence[Job]) -> str:
    """Return what comparing the engine of some jobs with NEURON has found; "" where NEURON runs."""
    found = population.known(job for job in jobs if _is_ours(job))
    return "" if found is None else str(found)


def _is_ours(job: Job) -> bool:
    return job.integrator.engine == "population"
