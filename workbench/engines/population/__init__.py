"""Populations: one kernel for all individuals of a frame, generated from their .mod files.

A lane of the processor's vectors is a simulation, with its own time and its own step.
"""

from collections.abc import Sequence

from workbench.builds import Report
from workbench.cells import CellRecipe
from workbench.engines.population.engine import PopulationEngine, check_protocol, library_of
from workbench.engines.population.frame import frame_of
from workbench.protocols import Protocol

__all__ = ["PopulationEngine", "check", "compiled_for", "engine_for"]


def engine_for(recipe: CellRecipe, report: Report | None = None) -> PopulationEngine:
    """Return an engine of this process whose kernel for a cell is compiled.

    Raises
    ------
    EngineError
        If it does not compute something of the cell.
    BuildError
        If there is no compiler.
    """
    engine = PopulationEngine(report)
    library_of(frame_of(recipe), engine.report)
    return engine


def compiled_for(recipe: CellRecipe, report: Report | None = None) -> dict[str, str]:
    """Return which kernel a cell runs on."""
    library = library_of(frame_of(recipe), PopulationEngine(report).report)
    return {"the build of the population engine": library.stem}


def check(recipe: CellRecipe, protocols: Sequence[Protocol]) -> None:
    """Refuse what this engine does not compute, as far as the values show it.

    Raises
    ------
    EngineError
        With the place in a .mod file, or the stimulus or recording of a protocol.
    """
    frame = frame_of(recipe)
    frame.check()
    for protocol in protocols:
        check_protocol(protocol.bound(), frame)
