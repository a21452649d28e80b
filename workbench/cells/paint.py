"""One variable in one region, and what it comes to section by section."""

from dataclasses import dataclass
from typing import NamedTuple

from workbench.arrays import Floats
from workbench.cells.distributions import Balance, Distribution, Profile, Total
from workbench.errors import StudyError


@dataclass(frozen=True)
class Paint:
    """One variable, as NEURON names it (`g_pas`, `gIhbar_Ih`, `cm`), in one region.

    A value of None is free: a parameter set gives it. Or it is tied to others that are free.
    """

    variable: str
    region: str
    value: float | None
    distribution: Distribution | Profile | Balance | Total | None = None

    @property
    def name(self) -> str:
        """The parameter's name as the field writes it: `gIhbar_Ih.apical`."""
        return f"{self.variable}.{self.region}"

    @property
    def constants(self) -> dict[str, float | None]:
        """The constants of its distribution, by the names that a cell gives them."""
        if not isinstance(self.distribution, Distribution):
            return {}
        own = self.distribution.constants
        return {name: own[constant] for name, constant in self.distribution.names.items()}

    @property
    def known(self) -> bool:
        """Whether nothing of it is free."""
        return self.value is not None and None not in self.constants.values()


def by_section(paint: Paint, values: Floats) -> float | Floats:
    """Return the values of a section's segments; one for Ra, which NEURON has by section.

    Raises
    ------
    StudyError
        If Ra varies inside of the section.
    """
    if paint.variable != "Ra":
        return values
    if (values != values[0]).any():
        raise StudyError(
            f"{paint.name} varies inside of sections, and NEURON has one Ra for each; give factors "
            "by section, or a number"
        )
    return float(values[0])


class Balanced(NamedTuple):
    """A variable of a section with which its membrane carries no current at a voltage."""

    section: int
    variable: str
    at_mV: float


class PaintedSection(NamedTuple):
    """One variable of one section: a number for all its segments, or one value a segment."""

    section: int
    variable: str
    values: float | Floats
