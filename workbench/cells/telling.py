"""What of a cell's values is more than a number, in words."""

from collections.abc import Iterator

from workbench.cells.recipe import CellRecipe


def told(recipe: CellRecipe) -> Iterator[str]:
    """Yield a line for each value that is computed from others."""
    for tie in recipe.ties:
        yield f"{tie.name} = {tie.expression}"
