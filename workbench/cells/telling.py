"""What of a cell's values is more than a number, in words."""

from collections.abc import Iterator

from workbench.cells.distributions import Balance, Distribution, Profile, Total
from workbench.cells.paint import Paint
from workbench.cells.recipe import CellRecipe


def told(recipe: CellRecipe) -> Iterator[str]:
    """Yield a line for each value that is tied, spread, of some sections, held or of all the cell.

    And for each constant of a distribution, placed point process, POINTER and region with spines.
    """
    tied = {tie.name: tie.expression for tie in recipe.ties}
    for name, expression in tied.items():
        yield f"{name} = {expression}"
    for paint in recipe.paint:
        if words := _spread(paint, "tied" if paint.name in tied else "free"):
            yield f"{paint.name} {words}"
        if without := recipe.without_ion(paint):
            of = len(recipe.morphology.indices(paint.region))
            yield f"{paint.name} is that of {of - len(without)} of {of} sections, with the ion"
    for name in recipe.held:
        yield f"{name} is held as painted, where NEURON would compute it"
    constants = {name: one for paint in recipe.paint for name, one in paint.constants.items()}
    for values, what in ((recipe.global_values, "GLOBAL"), (constants, "of a distribution")):
        for name, value in values.items():
            if name not in tied:
                yield f"{name} = {'free' if value is None else format(value, 'g')} ({what})"
    for placed in recipe.placed:
        yield f"{placed.name}: {placed.mechanism} at {placed.placement}"
    yield from (f"POINTER {pointer}" for pointer in recipe.pointers)
    for one in recipe.spines:
        thin = "" if one.max_diameter_um is None else f" thinner than {one.max_diameter_um:g} um"
        yield (
            f"spines of {one.region}{thin}: {one.density_per_um:g} per um of {one.area_um2:g} um2; "
            f"more of {', '.join(one.scaled)}"
        )


def _spread(paint: Paint, unknown: str) -> str:
    """Return how a value is spread; `unknown` stands for one that is none yet."""
    spread = paint.distribution
    if isinstance(spread, Balance):
        at = f"a {unknown} voltage" if paint.value is None else f"{paint.value:g} mV"
        return f"balances the membrane of each segment at {at}"
    if isinstance(spread, Total):
        whole = unknown if paint.value is None else f"{paint.value:g} uS"
        return f"is the total of {spread.at or f'all membrane of {paint.region}'}: {whole}"
    if isinstance(spread, Profile):
        return f"is spread by {spread.name}, with a factor for each section"
    if isinstance(spread, Distribution):
        return f"is spread by {spread.name}: {spread.expression}"
    return ""
