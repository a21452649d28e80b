"""Populations: one kernel for all individuals of a frame, generated from their .mod files.

A lane of the processor's vectors is a simulation, with its own time and its own step.
"""

from collections.abc import Sequence

from workbench.builds import Report
from workbench.cells import CellRecipe, check_pointers
from workbench.engines.job import Integrator
from workbench.engines.neuron.conduct import conduct_of
from workbench.engines.neuron.stepping import check_steps
from workbench.engines.population.cuda import gpu
from workbench.engines.population.engine import PopulationEngine, check_bound, key_of
from workbench.engines.population.frame import frame_of
from workbench.engines.population.proving import (
    Proof,
    ProvenEngine,
    kind_of,
    known,
    proofs,
    prove,
)
from workbench.engines.population.scouting import Candidate
from workbench.morphology import require_sound
from workbench.protocols import Protocol, check_protocol

__all__ = [
    "Candidate",
    "PopulationEngine",
    "Proof",
    "check",
    "compiled_for",
    "engine_for",
    "kind_of",
    "known",
    "proofs",
    "prove",
]


def engine_for(
    recipe: CellRecipe, integrator: Integrator, report: Report | None = None
) -> ProvenEngine:
    """Return an engine of this process whose kernel for a cell is compiled.

    It answers no job of a kind that has not been compared with NEURON, see `proving`.

    Raises
    ------
    EngineError
        If it does not compute something of the cell, or cannot use the GPU that is asked for.
    BuildError
        If there is no compiler.
    """
    engine = PopulationEngine(report)
    engine.kernel(frame_of(recipe), integrator)
    return ProvenEngine(engine)


def compiled_for(
    recipe: CellRecipe, integrator: Integrator, report: Report | None = None
) -> dict[str, str]:
    """Return which kernel a cell runs on."""
    what = "the build of the population engine" + " for GPUs" * integrator.gpu
    return {what: key_of(frame_of(recipe), integrator, PopulationEngine(report).report)}


def check(recipe: CellRecipe, protocols: Sequence[Protocol], integrator: Integrator) -> None:
    """Refuse what this engine does not compute, as far as the values show it.

    What keeps NEURON's adaptive steps from a mechanism keeps these from it.

    Raises
    ------
    EngineError
        With the place in a .mod file, or the stimulus or recording of a protocol.
    MorphologyError
        If no simulation of this shape can be right.
    StudyError
        If a protocol asks for what the cell has not.
    """
    if integrator.gpu:
        gpu.check()
    require_sound(recipe.morphology)
    check_pointers(recipe)
    conduct_of(recipe).check(integrator)
    frame = frame_of(recipe)
    frame.check()
    for protocol in protocols:
        bound = protocol.bound()
        check_steps(bound, integrator)
        check_protocol(bound, recipe)
        check_bound(bound, frame)
