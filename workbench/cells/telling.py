"""What of a cell's values is more than a number, in words."""

from collections.abc import Iterator

from workbench.cells.recipe import CellRecipe


def told(recipe: CellRecipe) -> Iterator[str]:
    """Yield a line for each tie and each GLOBAL; ties first."""
    tied = {tie.name: tie.expression for tie in recipe.ties}
    for name, expression in tied.items():
        yield f"{name} = {expression}"
    for name, value in recipe.global_values.items():
        if name not in tied:
            yield f"{name} = {'free' if value is None else format(value, 'g')} (GLOBAL)"
