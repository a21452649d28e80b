"""NEURON and CoreNEURON: the one room that turns values into NEURON objects."""

import sys
from collections.abc import Sequence
from functools import partial

from workbench.builds import Build, Report, build, build_native
from workbench.cells import CellRecipe, check_pointers
from workbench.engines.job import Integrator
from workbench.engines.neuron import adaptive, guards
from workbench.engines.neuron.batch import companies
from workbench.engines.neuron.clamps import check_clamps
from workbench.engines.neuron.conduct import conduct_of
from workbench.engines.neuron.run import NeuronEngine
from workbench.engines.neuron.stepping import check_steps
from workbench.morphology import require_sound
from workbench.protocols import Protocol, check_protocol

__all__ = [
    "NeuronEngine",
    "build_for",
    "check",
    "companies",
    "compiled_for",
    "conduct_of",
    "engine_for",
]


def engine_for(
    recipe: CellRecipe, integrator: Integrator, report: Report | None = None
) -> NeuronEngine:
    """Return an engine of this process with the mechanisms of a recipe, built if need be.

    `report` is told what takes long, and why the build for this processor is not used.
    """
    return NeuronEngine(build_for(recipe, integrator, report))


def build_for(
    recipe: CellRecipe, integrator: Integrator, report: Report | None = None
) -> Build | None:
    """Return the build that an engine for this cell and integrator loads; None if it needs none.

    Raises
    ------
    EngineError
        If CoreNEURON cannot run the mechanisms, or there is no GPU that was asked for.
    MechanismError, BuildError
        If they cannot be compiled.
    """
    check(recipe, (), integrator)
    if integrator.step_error_mV is not None:
        adaptive.prepare(integrator.native, report)
    if not recipe.mechanisms:
        return None
    coreneuron = integrator.engine == "coreneuron"
    if integrator.native:
        said = report or partial(print, file=sys.stderr, flush=True)
        return build_native(recipe.mechanisms, said, coreneuron=coreneuron)
    return build(recipe.mechanisms, coreneuron=coreneuron, report=report)


def compiled_for(
    recipe: CellRecipe, integrator: Integrator, report: Report | None = None
) -> dict[str, str]:
    """Return which builds an engine for this cell and integrator uses, by what they are."""
    found = {}
    built = build_for(recipe, integrator, report)
    if built is not None:
        found["the build of the mechanisms"] = built.key
    if integrator.step_error_mV is not None:
        found["the build of the adaptive steps"] = adaptive.prepare(integrator.native).stem
    return found


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
    require_sound(recipe.morphology)
    if integrator.gpu:
        guards.check_gpu()
    if integrator.engine == "coreneuron" and recipe.mechanisms:
        guards.check_mechanisms(recipe.mechanisms, integrator.gpu)
        guards.check_recipe(recipe)
    check_pointers(recipe)
    conduct_of(recipe).check(integrator)
    for protocol in protocols:
        bound = protocol.bound()
        check_steps(bound, integrator)
        check_clamps(bound, integrator)
        check_protocol(bound, recipe)
        if integrator.step_error_mV is not None:
            adaptive.check_recordings(protocol)
