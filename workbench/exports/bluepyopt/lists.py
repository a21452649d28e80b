"""The lists of sections that BluePyOpt paints."""

import re
from collections.abc import Iterator

from workbench.cells import CellRecipe, Paint
from workbench.morphology import REGIONS


def list_of(region: str) -> str:
    """Return the list that a region or a section is; with a prefix no name is a word of hoc."""
    if region in ("all", *REGIONS):
        return region
    return (
        f"section_{re.sub(r'[^0-9A-Za-z]', '_', region)}" if "[" in region else f"region_{region}"
    )


def list_painted(recipe: CellRecipe, paint: Paint) -> str:
    """Return the list that a value is set in: of an ion's, the sections that have the ion."""
    name = list_of(paint.region)
    return f"with_{paint.variable}_{name}" if recipe.without_ion(paint) else name


def own_lists(recipe: CellRecipe) -> dict[str, frozenset[int]]:
    """Return the sections of each list that not every cell of BluePyOpt's has."""
    return dict(_own(recipe))


def _own(recipe: CellRecipe) -> Iterator[tuple[str, frozenset[int]]]:
    tree = recipe.morphology
    used = [region for region, _ in recipe.inserted] + [paint.region for paint in recipe.paint]
    for region in dict.fromkeys([*(one.name for one in tree.regions), *used]):
        if region not in ("all", *REGIONS):
            yield list_of(region), frozenset(tree.indices(region))
    for paint in recipe.paint:
        if without := recipe.without_ion(paint):
            yield list_painted(recipe, paint), frozenset(tree.indices(paint.region)) - {*without}
