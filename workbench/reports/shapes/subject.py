"""What a figure is of: a shape, with what is painted on it where that is known."""

from dataclasses import dataclass
from functools import cached_property

from workbench.cells import CellRecipe, Electrotonic
from workbench.cells.electrotonic import Gates
from workbench.engines.resting import electrotonic_at_rest
from workbench.errors import InputError
from workbench.morphology import Morphology
from workbench.workers import ProcessWorkers

Plottable = Morphology | CellRecipe | Electrotonic
"""What can be drawn."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A cell, and what there is to know of it; each is asked for only if a figure needs it."""

    given: Plottable
    gates: Gates = "frozen"

    @property
    def morphology(self) -> Morphology:
        """The tree."""
        return self.given if isinstance(self.given, Morphology) else self.given.morphology

    @property
    def recipe(self) -> CellRecipe:
        """The cell with what is painted on it.

        Raises
        ------
        InputError
            If there is none.
        """
        if not isinstance(self.given, CellRecipe):
            raise InputError(
                f"{self.morphology.name} is a shape alone, nothing is painted on it; give the cell "
                "of a study: wb.load_cell(STUDY, params=SET), or --study STUDY --params SET"
            )
        return self.given

    @cached_property
    def cable(self) -> Electrotonic:
        """Its cable measures; a cell that is not passive is run to rest in a child process.

        Raises
        ------
        InputError
            If this is a shape alone, which has no membrane.
        """
        if isinstance(self.given, Electrotonic):
            return self.given
        with ProcessWorkers(1) as pool:
            return electrotonic_at_rest(self.recipe, pool, self.gates)
