"""Conductances that are given as a total: of which variables, and where."""

import re
from collections.abc import Iterator, Sequence

from workbench.cells.distributions import Total
from workbench.cells.paint import Paint
from workbench.cells.spines import Spines
from workbench.errors import InputError, MechanismError, StudyError
from workbench.mechanisms import MechanismSet, combine
from workbench.morphology import Morphology

_DENSITY = re.compile(r"(milli|micro|nano|pico|[munp]?)(?:S|mho|siemens)/(cm|um|m)\^?2")
_POWERS = {"": 0, "m": 3, "u": 6, "n": 9, "p": 12}
_AREAS = {"cm": 0, "um": -8, "m": 4}
"""Powers of ten: how many of each are 1 S, and how many of 1 / each are 1 / cm2."""


def per_S_per_cm2(variable: str, mechanisms: Sequence[MechanismSet]) -> float:
    """Return how many units of a density, as its .mod file declares them, are 1 S/cm2.

    Raises
    ------
    MechanismError
        If it is no conductance per area.
    """
    for mechanism in combine(mechanisms).values():
        if variable not in mechanism.parameters:
            continue
        unit = mechanism.parameters[variable].unit
        if match := _DENSITY.fullmatch(unit.replace(" ", "")):
            return float(10.0 ** (_POWERS[_prefix(match[1])] + _AREAS[match[2]]))
        file = mechanism.file or "NEURON"
        has = f"it is in {unit} by {file}" if unit else f"{file} declares no unit of it"
        raise MechanismError(
            f"total_uS is for conductances per area, and {variable} is none: {has}. Allowed are "
            "S, mho and siemens, also m, u, n and p of them, per cm2, um2 or m2, such as S/cm2, "
            "mS/cm2, pS/um2"
        )
    raise MechanismError(f"total_uS: no mechanism of the cell has {variable}")


def _prefix(written: str) -> str:
    return "u" if written == "micro" else written[:1]


def check_totals(
    paint: Sequence[Paint],
    spines: Sequence[Spines],
    morphology: Morphology,
    mechanisms: Sequence[MechanismSet],
) -> None:
    """Refuse totals that would be others than what was said.

    Raises
    ------
    StudyError
        If one is of no density of conductance, or at no site of its region; if something else is
        painted over it, or spines scale it.
    """
    for number, one in enumerate(paint):
        if not isinstance(one.distribution, Total):
            continue
        sections = morphology.indices(one.region)
        try:
            per_S_per_cm2(one.variable, mechanisms)
            carriers = {*one.distribution.carriers(morphology, sections)}
        except InputError as error:
            raise StudyError(f"{one.name}: {error}") from None
        names = morphology.names
        if outside := carriers.difference(sections):
            raise StudyError(
                f"{one.name}: {one.distribution.at} lies in {names[min(outside)]}, which is not of "
                f"{one.region}; name a site there"
            )
        for other, others in _changed(one.variable, paint[number + 1 :], spines, morphology):
            if shared := carriers.intersection(others):
                raise StudyError(
                    f"{one.name}: {other} in {names[min(shared)]}, and the total would be another. "
                    "Name regions that do not overlap"
                )


def _changed(
    variable: str, later: Sequence[Paint], spines: Sequence[Spines], morphology: Morphology
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what gives a variable other values, in words, with the sections where it does."""
    for paint in later:
        if paint.variable == variable:
            yield f"{paint.name} is painted over it", morphology.indices(paint.region)
    for one in spines:
        if variable in one.scaled:
            yield f"spines of {one.region} scale it", one.sections(morphology)
