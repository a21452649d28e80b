"""The values of a cell as tables: what is painted, GLOBALs, ties, constants of distributions."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe, Distribution, Paint, Profile, Total
from workbench.cells.recipe import PASSIVE
from workbench.cells.spines import ALWAYS, spine_factors
from workbench.cells.ties import tied
from workbench.cells.totals import per_S_per_cm2
from workbench.exports.bluepyopt.expressions import stock_constant, stock_expression, stock_tie
from workbench.exports.bluepyopt.lists import list_painted
from workbench.exports.sections import stock_names

Bounds = Mapping[str, list[float]]
Table = dict[str, Any]


def values_of(recipe: CellRecipe, bounds: Bounds) -> Table:
    """Return the tables of all values.

    What is tied has neither a value nor bounds: a table of `ties` gives it, each behind those that
    it reads.
    """
    ties = {tie.name: tie for tie in recipe.ties}
    order = [name for name, value in tied(recipe.ties, recipe.values) if value is None]
    return {
        "ties": [
            {"name": name, "text": text, "reads": reads}
            for name in order
            for text, reads in [stock_tie(ties[name])]
        ],
        "globals": [
            {"name": name, **_given(name, value, bounds)}
            for name, value in recipe.global_values.items()
        ],
        "constants": _constants(recipe, bounds),
        "place_parameters": [
            {
                "name": name,
                "place": one.name,
                "variable": own,
                **_given(name, one.values[own], bounds),
            }
            for one in recipe.placed
            for name, own in one.names.items()
        ],
        "parameters": [*_bare(recipe), *(_parameter(recipe, one, bounds) for one in recipe.paint)],
    }


def _given(name: str, value: float | None, bounds: Bounds) -> Table:
    if value is not None:
        return {"value": value}
    return {"bounds": bounds[name]} if name in bounds else {}


def _constants(recipe: CellRecipe, bounds: Bounds) -> list[Table]:
    """Return the constants that are no numbers, each with what is spread by it."""
    tables: dict[str, Table] = {}
    for paint in recipe.paint:
        if not isinstance(paint.distribution, Distribution):
            continue
        for name, own in paint.distribution.names.items():
            if paint.distribution.constants[own] is None:
                first = {"name": name, "constant": stock_constant(own), "spreads": []}
                table = tables.setdefault(name, first | _given(name, None, bounds))
                table["spreads"].append(paint.name)
    return list(tables.values())


def _parameter(recipe: CellRecipe, paint: Paint, bounds: Bounds) -> Table:
    spread, tree = paint.distribution, recipe.morphology
    table: Table = {"name": paint.name, "variable": paint.variable}
    table |= {"region": list_painted(recipe, paint), **_given(paint.name, paint.value, bounds)}
    if isinstance(spread, Distribution):
        ends_um = [float(tree.path_distance_um(i, 1.0)) for i in tree.indices(paint.region)]
        table["distribution"] = stock_expression(spread, max(ends_um, default=0.0))
        free = [name for name, value in spread.constants.items() if value is None]
        table |= {"constants": [stock_constant(name) for name in free]} if free else {}
    return table | _factors(recipe, paint)


def _factors(recipe: CellRecipe, paint: Paint) -> Table:
    """Return what the value of each segment is multiplied with.

    By a table of sections, for spines, and where it is a total (uS) of some membrane.
    """
    tree = recipe.morphology
    sections = tree.indices(paint.region)
    counts = [recipe.segment_counts[index] for index in sections]
    each: list[Floats] = [np.ones(count) for count in counts]
    if isinstance(spread := paint.distribution, Profile | Total):
        unit = per_S_per_cm2(paint.variable, recipe.mechanisms) if isinstance(spread, Total) else 1
        each = [unit * one for one in spread.spread(1.0, tree, sections, counts)]
    elif not _scaled(recipe, paint.variable):
        return {}
    for_spines = spine_factors(tree, recipe.spines, paint.variable)
    names = stock_names(tree)
    pairs = zip(sections, each, strict=True)
    return {"factors": {names[i]: (for_spines[i] * one).tolist() for i, one in pairs}}


def _bare(recipe: CellRecipe) -> list[Table]:
    """Return NEURON's own capacitance with that of spines, where nothing else is painted."""
    if not _scaled(recipe, ALWAYS):
        return []
    bare = Paint(ALWAYS, "all", PASSIVE[ALWAYS])
    return [_parameter(recipe, bare, {}) | {"name": f"{ALWAYS} with spines"}]


def _scaled(recipe: CellRecipe, variable: str) -> bool:
    return any(variable in one.scaled for one in recipe.spines)
