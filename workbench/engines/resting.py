"""The cable measures of any cell: of a passive one as painted, of another one around its rest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.cells.electrotonic import Electrotonic, Linear, electrotonic, is_passive
from workbench.digests import digest
from workbench.engines.job import Integrator
from workbench.engines.tasks import build_of
from workbench.errors import EngineError, unknown
from workbench.workers.task import Workers

Gates = Literal["frozen", "following"]
"""What gates do while a small current flows: stay as they rest, or follow the voltage."""

GATES: tuple[Gates, ...] = ("frozen", "following")


@dataclass(frozen=True)
class AtRest:
    """Linearising a cell as a task; its only row is nothing."""

    recipe: CellRecipe
    following: bool

    @cached_property
    def digest(self) -> str:
        """Digest of the cell and of what is asked."""
        return digest((self.recipe, self.following))

    @property
    def loads(self) -> str:
        """The build of its mechanisms."""
        return build_of(self.recipe, Integrator())

    def open(self) -> Callable[[Floats], Linear | str]:
        """Return what linearises it, with NEURON started in this process; or says why not."""
        from workbench.engines.neuron import build_for
        from workbench.engines.neuron.door import open_neuron
        from workbench.engines.neuron.resting import linear_at_rest
        from workbench.engines.neuron.run import NeuronEngine

        build = build_for(self.recipe, Integrator())
        engine, h = NeuronEngine(build), open_neuron(build)

        def linearise(row: Floats) -> Linear | str:
            try:
                return linear_at_rest(engine, h, self.recipe, self.following)
            except EngineError as error:
                return str(error)

        return linearise


def electrotonic_at_rest(
    recipe: CellRecipe, workers: Workers, gates: Gates = "frozen"
) -> Electrotonic:
    """Return the cable measures of a cell, linear around its rest.

    Parameters
    ----------
    gates
        "frozen": they stay as they are at rest, as in a current too quick for them; "following":
        they, and all else that has a differential equation, follow the voltage, and the answer is
        of constant currents alone. A passive cell has none.

    Raises
    ------
    StudyError
        If a value is free.
    EngineError
        If the cell does not rest, or NEURON cannot run or linearise it; or other gates.
    """
    if gates not in GATES:
        raise EngineError(unknown("gates", gates, GATES))
    if is_passive(recipe):
        return electrotonic(recipe)
    task = AtRest(recipe, gates == "following")
    for answer in workers.run(task, np.zeros((1, 1))):
        if answer.lost and not answer.again:
            raise EngineError(f"{recipe.name} was not linearised: {answer.lost}")
        if isinstance(answer.value, str):
            raise EngineError(answer.value)
        if answer.value is not None:
            return electrotonic(recipe, answer.value)
    raise EngineError(f"{recipe.name} was not linearised")
