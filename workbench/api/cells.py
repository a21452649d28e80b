"""A cell together with the protocols and the integrator of its study."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.cells import CellRecipe
from workbench.engines import Integrator
from workbench.errors import StudyError, unknown
from workbench.morphology import Morphology
from workbench.protocols import Protocol
from workbench.studies import load_study


@dataclass(frozen=True)
class Cell:
    """A cell that can be simulated.

    Attributes
    ----------
    recipe
        Morphology and painted mechanisms.
    protocols
        The protocols of its study, by name.
    integrator
        How it is simulated unless told otherwise.
    """

    recipe: CellRecipe
    protocols: Mapping[str, Protocol]
    integrator: Integrator

    @property
    def name(self) -> str:
        """The study's name."""
        return self.recipe.name

    @property
    def morphology(self) -> Morphology:
        """The cell's tree."""
        return self.recipe.morphology

    def with_morphology(self, morphology: Morphology) -> "Cell":
        """Return the same channels on another tree."""
        return replace(self, recipe=self.recipe.with_morphology(morphology))

    def with_values(self, values: Mapping[str, float]) -> "Cell":
        """Return the cell with these parameters, named `<variable>.<region>`."""
        return replace(self, recipe=self.recipe.with_values(values))

    def with_integrator(self, integrator: Integrator) -> "Cell":
        """Return the cell with another integrator."""
        return replace(self, integrator=integrator)

    def protocol(self, protocol: str | Protocol) -> Protocol:
        """Return the protocol itself, or the one of this name.

        Raises
        ------
        StudyError
            If the study has no protocol of this name.
        """
        if isinstance(protocol, Protocol):
            return protocol
        if protocol not in self.protocols:
            raise StudyError(f"{self.name}: {unknown('protocol', protocol, self.protocols)}")
        return self.protocols[protocol]

    def __repr__(self) -> str:
        sections = len(self.morphology.sections)
        segments = sum(self.recipe.segment_counts)
        protocols = ", ".join(self.protocols)
        return f"<Cell {self.name}: {sections} sections, {segments} segments; {protocols}>"


def load_cell(study: str | Path, params: str | None = None) -> Cell:
    """Return the cell of a study.

    Parameters
    ----------
    study
        Name or folder.
    params
        A named parameter set of the study; without one the free parameters are still to be
        given with `with_values`.

    Raises
    ------
    InputError
        If the study or the set cannot be found or read.

    Examples
    --------
    >>> import workbench as wb
    >>> cell = wb.load_cell("hodgkin_huxley", params="published")
    >>> cell.morphology.names
    ('soma[0]',)
    >>> sorted(cell.protocols)
    ['anode_break', 'propagation', 'pulse', 'step']
    """
    loaded = load_study(study)
    if params is not None:
        loaded = loaded.with_params(params)
    problem = loaded.problem
    values = {} if params is None else loaded.values(params)
    recipe = problem.recipe.with_values(values)
    return Cell(recipe, {p.name: p for p in loaded.protocols}, problem.integrator)
