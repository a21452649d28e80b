"""Which range variables a section has, by NEURON's names."""

from collections.abc import Iterator

from workbench.cells.ions import suffixes_by_section
from workbench.cells.recipe import CellRecipe
from workbench.mechanisms import Mechanism, combine

_EVERYWHERE = ("v", "cm", "diam", "i_cap")


def variables_at(recipe: CellRecipe, section: int) -> frozenset[str]:
    """Return the range variables of a section, by its index: `v`, `cai`, `gIhbar_Ih`.

    Those of placed point processes are their own; the ions that these use are the section's.
    """
    pool = combine(recipe.mechanisms)
    suffixes = set(suffixes_by_section(recipe)[section])
    for one in recipe.placed:
        if any(index == section for index, _ in one.points(recipe.morphology)):
            suffixes.add(one.mechanism)
    return frozenset((*_EVERYWHERE, *(n for s in suffixes for n in _names(pool[s]))))


def _names(mechanism: Mechanism) -> Iterator[str]:
    if mechanism.kind == "density":
        yield from (f"{name}_{mechanism.suffix}" for name in mechanism.variables)
    for ion in mechanism.ions:
        yield from (f"e{ion.name}", f"{ion.name}i", f"{ion.name}o", f"i{ion.name}")
        yield from (f"{name}_{mechanism.suffix}" for name in ion.writes)
