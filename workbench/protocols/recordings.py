"""What is recorded of a cell: variables at sites, and those of placed point processes."""

from dataclasses import dataclass

from workbench.cells import CellRecipe, OnPlaced, variables_of
from workbench.errors import StudyError, unknown
from workbench.morphology import Site


@dataclass(frozen=True)
class Recording:
    """A variable recorded at every step of the integrator.

    `location` is the protocol's own word for where that is (soma, dend1); `variable` is NEURON's
    name of a range variable (`v` in mV, `cai` in mM, `ina` in mA/cm2), or the name that a placed
    point process has for one of its own.
    """

    location: str
    site: Site | OnPlaced
    variable: str = "v"

    @property
    def name(self) -> str:
        """The recording's name, `soma.v`."""
        return f"{self.location}.{self.variable}"


def check_recording(recording: Recording, recipe: CellRecipe) -> None:
    """Refuse a recording that a cell cannot give; those of stimuli's own variables are not asked.

    Raises
    ------
    MorphologyError
        If a site is not there.
    StudyError
        If nothing of this name is placed, it has no point of this number, or there is no such
        variable.
    """
    allowed = variables_of(recipe, recording.site)
    if recording.variable not in allowed:
        what = unknown("variable", recording.variable, allowed)
        raise StudyError(f"{recording.name}, at {recording.site}: {what}")
