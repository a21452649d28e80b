"""What of a cell's values is more than a number, in words."""

from collections.abc import Iterator

from workbench.cells.recipe import CellRecipe


def told(recipe: CellRecipe) -> Iterator[str]:
    """Yield a line for each tie, each GLOBAL and each constant of a distribution; ties first."""
    tied = {tie.name: tie.expression for tie in recipe.ties}
    for name, expression in tied.items():
        yield f"{name} = {expression}"
    constants = {name: one for paint in recipe.paint for name, one in paint.constants.items()}
    for values, what in ((recipe.global_values, "GLOBAL"), (constants, "of a distribution")):
        for name, value in values.items():
            if name not in tied:
                yield f"{name} = {'free' if value is None else format(value, 'g')} ({what})"
