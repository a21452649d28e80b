"""Whether a cell has the POINTERs that are set, and all of those that have to be."""

from collections import Counter
from collections.abc import Iterator

from workbench.cells.ions import suffixes_by_section
from workbench.cells.pointers import Pointer
from workbench.cells.recipe import CellRecipe
from workbench.cells.variables import variables_at, variables_of
from workbench.errors import MechanismError, MorphologyError, StudyError, unknown
from workbench.mechanisms import judge


def check_pointers(recipe: CellRecipe) -> None:
    """Refuse POINTERs that a cell's mechanisms do not have, and variables that are not there.

    Raises
    ------
    MechanismError
        If there is no such mechanism, or none of its POINTERs that are only read bears the name.
    MorphologyError
        If a site is not there.
    StudyError
        If it is set twice, or there is no such variable.
    """
    if not recipe.pointers:
        return
    readable = {
        verdict.suffix: verdict.pointers for one in recipe.mechanisms for verdict in judge(one)
    }
    mechanisms = dict(_mechanisms(recipe))
    named = Counter((one.of, one.name) for one in recipe.pointers)
    for one in recipe.pointers:
        key = f"pointers.{one.of}.{one.name}"
        if one.of not in mechanisms:
            what = unknown("placed point process or inserted mechanism", one.of, mechanisms)
            raise MechanismError(f"pointers.{one.of}: {what}")
        if named[one.of, one.name] > 1:
            raise StudyError(f"{key}: it is set twice")
        if one.name not in (allowed := readable.get(mechanisms[one.of], ())):
            what = unknown("POINTER that is only read", one.name, allowed)
            raise MechanismError(f"{key}: {mechanisms[one.of]}: {what}")
        try:
            _check_variable(key, one, recipe)
        except MorphologyError as error:
            raise MorphologyError(f"{key}: {error}") from None


def wired(recipe: CellRecipe) -> frozenset[tuple[str, str]]:
    """Return the suffixes and names of POINTERs that are set wherever the mechanism is."""
    own = {(one.of, one.name) for one in recipe.pointers}
    whose: dict[str, set[str]] = {}
    for name, suffix in _mechanisms(recipe):
        whose.setdefault(suffix, set()).add(name)
    return frozenset(
        (suffix, name)
        for suffix, names in whose.items()
        for name in {name for _, name in own}
        if all((of, name) in own for of in names)
    )


def _mechanisms(recipe: CellRecipe) -> Iterator[tuple[str, str]]:
    """Yield by what names POINTERs' mechanisms go, and their suffixes."""
    yield from ((suffix, suffix) for _, suffix in recipe.inserted)
    yield from ((one.name, one.mechanism) for one in recipe.placed)


def _check_variable(key: str, one: Pointer, recipe: CellRecipe) -> None:
    assert not isinstance(one.site, str)
    if one.site is not None:
        sets = [variables_of(recipe, one.site)]
    else:
        sets = [variables_at(recipe, section) for section in _sections(one.of, recipe)]
    for allowed in sets:
        if one.variable not in allowed:
            raise StudyError(f"{key}: {unknown('variable there', one.variable, allowed)}")


def _sections(of: str, recipe: CellRecipe) -> set[int]:
    """Return the sections in which a mechanism is."""
    for placed in recipe.placed:
        if placed.name == of:
            return {section for section, _ in placed.points(recipe.morphology)}
    carried = suffixes_by_section(recipe)
    return {section for section, suffixes in enumerate(carried) if of in suffixes}
