"""Painted variables of ions that NEURON computes, or begins with, by itself.

Measured with NEURON 9.0.2: a section's reversal potential is computed from the two concentrations
as soon as a mechanism there reads or writes one of them, unless it is held, and concentrations
begin at NEURON's own values (`cai0_ca_ion`) as soon as one writes either.
"""

from collections.abc import Iterator
from typing import NamedTuple

from workbench.cells.paint import Paint
from workbench.cells.recipe import CellRecipe
from workbench.mechanisms import Mechanism, combine


class Overruled(NamedTuple):
    """A painted value without effect, or with none in some sections.

    Attributes
    ----------
    is_reversal
        Whether it is a reversal potential; else it is a concentration.
    mechanism
        The suffix of one that is the reason.
    sections, of
        In how many sections it has no effect, of how many in which it is painted.
    """

    paint: Paint
    is_reversal: bool
    mechanism: str
    sections: int
    of: int

    @property
    def why(self) -> str:
        """What NEURON does instead, in words."""
        variable = self.paint.variable
        if not self.is_reversal:
            return (
                f"mechanism {self.mechanism} writes a concentration of this ion, and NEURON begins "
                "both at values of its own"
            )
        return (
            f"mechanism {self.mechanism} makes NEURON compute {variable}, as each does that reads "
            f"or writes a concentration of its ion, or {variable} itself"
        )


def overruled(recipe: CellRecipe) -> Iterator[Overruled]:
    """Yield what is painted without effect."""
    pool = combine(recipe.mechanisms)
    ions = {ion.name for mechanism in pool.values() for ion in mechanism.ions}
    ion_of = {name: ion for ion in ions for name in _variables(ion)}
    carried = suffixes_by_section(recipe)
    for paint in recipe.paint:
        if paint.variable not in ion_of or paint.variable in recipe.held:
            continue
        sections = recipe.morphology.indices(paint.region)
        reasons = [
            next(
                (
                    s
                    for s in carried[n]
                    if overrules(pool[s], ion_of[paint.variable], paint.variable)
                ),
                "",
            )
            for n in sections
        ]
        if found := [suffix for suffix in reasons if suffix]:
            is_reversal = paint.variable == f"e{ion_of[paint.variable]}"
            yield Overruled(paint, is_reversal, found[0], len(found), len(sections))


def suffixes_by_section(recipe: CellRecipe) -> list[list[str]]:
    """Return the mechanisms that each section carries, in the order of the sections."""
    carried: list[list[str]] = [[] for _ in recipe.morphology.sections]
    for region, suffix in recipe.inserted:
        for number in recipe.morphology.indices(region):
            carried[number].append(suffix)
    return carried


def _variables(ion: str) -> tuple[str, str, str]:
    return f"e{ion}", f"{ion}i", f"{ion}o"


def overrules(mechanism: Mechanism, ion: str, variable: str) -> bool:
    """Whether NEURON takes its own value of an ion's variable where this mechanism is."""
    reversal, *concentrations = _variables(ion)
    written = {name for one in mechanism.ions if one.name == ion for name in one.writes}
    read = {name for one in mechanism.ions if one.name == ion for name in one.reads}
    if variable == reversal:
        return bool({*read, *written}.intersection(concentrations)) or reversal in written
    return bool(written.intersection(concentrations))
