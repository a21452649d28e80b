"""NEURON and CoreNEURON: the one room that turns values into NEURON objects."""

from workbench.cells import CellRecipe
from workbench.engines.job import Integrator
from workbench.engines.neuron.run import NeuronEngine
from workbench.mechanisms import build

__all__ = ["NeuronEngine", "engine_for"]


def engine_for(recipe: CellRecipe, integrator: Integrator) -> NeuronEngine:
    """Return an engine of this process with the mechanisms of a recipe, built if need be."""
    if not recipe.mechanisms:
        return NeuronEngine(None)
    return NeuronEngine(build(recipe.mechanisms, coreneuron=integrator.engine == "coreneuron"))
