"""What of a cell's values is more than a number, in words."""

from collections.abc import Iterator

from workbench.cells.distributions import Balance, Total
from workbench.cells.recipe import CellRecipe


def told(recipe: CellRecipe) -> Iterator[str]:
    """Yield a line for each tie, balance, total, held potential, GLOBAL and constant."""
    tied = {tie.name: tie.expression for tie in recipe.ties}
    for name, expression in tied.items():
        yield f"{name} = {expression}"
    for paint in recipe.paint:
        if isinstance(paint.distribution, Balance):
            known = "a tied voltage" if paint.name in tied else "a free voltage"
            at = known if paint.value is None else f"{paint.value:g} mV"
            yield f"{paint.name} balances the membrane of each segment at {at}"
        if isinstance(paint.distribution, Total):
            known = "tied" if paint.name in tied else "free"
            whole = known if paint.value is None else f"{paint.value:g} uS"
            where = paint.distribution.at or f"all membrane of {paint.region}"
            yield f"{paint.name} is the total of {where}: {whole}"
    for name in recipe.held:
        yield f"{name} is held as painted, where NEURON would compute it"
    constants = {name: one for paint in recipe.paint for name, one in paint.constants.items()}
    for values, what in ((recipe.global_values, "GLOBAL"), (constants, "of a distribution")):
        for name, value in values.items():
            if name not in tied:
                yield f"{name} = {'free' if value is None else format(value, 'g')} ({what})"
