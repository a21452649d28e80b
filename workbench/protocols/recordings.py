"""What is recorded of a cell: variables at sites, and those of placed point processes."""

import re
from dataclasses import dataclass

from workbench.cells import CellRecipe, variables_at
from workbench.errors import StudyError, unknown
from workbench.mechanisms import combine
from workbench.morphology import Site, locate, parse_site

_ON_PLACED = re.compile(r"\s*([^\W\d]\w*)(?:\[(\d+)\])?\s*")


@dataclass(frozen=True)
class OnPlaced:
    """A point of a placed point process: the name under `[place]`, and the point's number there.

    The number may be left out where there is one point alone.
    """

    place: str
    number: int | None = None

    def __str__(self) -> str:
        return self.place if self.number is None else f"{self.place}[{self.number}]"


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


def parse_recorded(text: str) -> Site | OnPlaced:
    """Return the site, or the point of a placed point process, that a text names.

    Raises
    ------
    MorphologyError
        If it is neither.

    >>> parse_recorded("syn[3]")
    OnPlaced(place='syn', number=3)
    """
    if match := _ON_PLACED.fullmatch(text):
        return OnPlaced(match[1], None if match[2] is None else int(match[2]))
    return parse_site(text)


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
    if isinstance(recording.site, OnPlaced):
        allowed = _of_placed(recording.site, recipe)
    else:
        index, _ = locate(recording.site, recipe.morphology)
        if recording.variable == "v":
            return
        allowed = variables_at(recipe, index)
    if recording.variable not in allowed:
        what = unknown("variable", recording.variable, allowed)
        raise StudyError(f"{recording.name}, at {recording.site}: {what}")


def _of_placed(where: OnPlaced, recipe: CellRecipe) -> frozenset[str]:
    """Return what can be recorded of a placed point process."""
    placed = {one.name: one for one in recipe.placed}
    if where.place not in placed:
        what = unknown("placed point process", where.place, placed)
        raise StudyError(f"{where}: {what}; a site is written 'soma(0.5)'")
    one = placed[where.place]
    count = len(one.points(recipe.morphology))
    if not (where.number or 0) < count or (where.number is None and count > 1):
        least, most = f"{one.name}[0]", f"{one.name}[{count - 1}]"
        raise StudyError(f"{where}: {one.name} has {count} points; name one, {least} to {most}")
    return frozenset(combine(recipe.mechanisms)[one.mechanism].variables)
