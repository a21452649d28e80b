"""The cable measures of any cell: of a passive one as painted, of another one around its rest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.cells.electrotonic import (
    Electrotonic,
    Gates,
    check_gates,
    electrotonic,
    is_passive,
    passive,
)
from workbench.cells.network import Linear
from workbench.digests import digest
from workbench.engines.job import Integrator
from workbench.engines.tasks import build_of
from workbench.errors import EngineError
from workbench.workers.task import Workers


@dataclass(frozen=True)
class AtRest:
    """Linearising a cell as a task; its only row is nothing."""

    recipe: CellRecipe
    gates: Gates

    @cached_property
    def digest(self) -> str:
        """Digest of the cell and of what is asked."""
        return digest((self.recipe, self.gates))

    @property
    def loads(self) -> str:
        """The build of its mechanisms."""
        return build_of(self.recipe, Integrator())

    def open(self) -> Callable[[Floats], Linear | str]:
        """Return what linearises it, with NEURON started in this process; or says why not."""
        from workbench.engines.neuron import engine_for
        from workbench.engines.neuron.resting import linear_at_rest

        engine = engine_for(self.recipe, Integrator())

        def linearise(row: Floats) -> Linear | str:
            try:
                return linear_at_rest(engine, self.recipe, self.gates)
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
        of constant currents alone; "initial": they stay as they are where a run begins, at
        v_init_mV, whether the cell rests there or not; "passive": there are none, since all
        mechanisms but `pas` are left out. A passive cell has none either.

    Raises
    ------
    StudyError
        If a value is free.
    EngineError
        If the cell does not rest, or NEURON cannot run or linearise it.
    InputError
        Other gates.
    """
    check_gates(gates)
    if gates == "passive" or is_passive(recipe):
        return electrotonic(recipe, passive(recipe))
    task = AtRest(recipe, gates)
    for answer in workers.run(task, np.zeros((1, 1))):
        if answer.lost and not answer.again:
            raise EngineError(f"{recipe.name} was not linearised: {answer.lost}")
        if isinstance(answer.value, str):
            raise EngineError(answer.value)
        if answer.value is not None:
            return electrotonic(recipe, answer.value)
    raise EngineError(f"{recipe.name} was not linearised")
