"""Which range variables a section has, by NEURON's names."""

from collections.abc import Iterator

from workbench.cells.ions import suffixes_by_section
from workbench.cells.placed import OnPlaced
from workbench.cells.recipe import CellRecipe
from workbench.errors import StudyError, unknown
from workbench.mechanisms import Mechanism, combine
from workbench.morphology import Site, locate

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


def variables_of(recipe: CellRecipe, where: Site | OnPlaced) -> frozenset[str]:
    """Return the variables of a site's section, or those of a placed point's own.

    Raises
    ------
    MorphologyError
        If a site is not there.
    StudyError
        If nothing of this name is placed, or it has no point of this number.
    """
    if not isinstance(where, OnPlaced):
        return variables_at(recipe, locate(where, recipe.morphology)[0])
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


def _names(mechanism: Mechanism) -> Iterator[str]:
    if mechanism.kind == "density":
        yield from (f"{name}_{mechanism.suffix}" for name in mechanism.variables)
    for ion in mechanism.ions:
        yield from (f"e{ion.name}", f"{ion.name}i", f"{ion.name}o", f"i{ion.name}")
        yield from (f"{name}_{mechanism.suffix}" for name in ion.writes)
