"""A value in cell.toml: a number is fixed, a pair free, an expression tied; a table says more."""

from typing import Any, Literal, overload

from workbench.cells import Tie
from workbench.errors import StudyError
from workbench.fitting import Parameter
from workbench.studies.cell_tables import AmountTable, PaintTable
from workbench.units import LARGEST


@overload
def entry_of(key: str, given: float | str | list[float] | PaintTable) -> PaintTable: ...


@overload
def entry_of(key: str, given: float | str | list[float] | AmountTable) -> AmountTable: ...


def entry_of(key: str, given: float | str | list[float] | AmountTable) -> AmountTable:
    """Return what was written as a table, with a value or two bounds.

    Raises
    ------
    StudyError
        If it has neither, or both, or other than two bounds.
    """
    if isinstance(given, PaintTable) and given.instead is not None:
        name, written = given.instead
        if given.balance_mV is not None and given.total_uS is not None:
            raise StudyError(f"{key}: give either balance_mV or total_uS")
        if any(one is not None for one in (given.value, given.bounds, given.distribution)):
            raise StudyError(f"{key}: {name} stands in place of value, bounds and distribution")
        what: dict[str, Any] = {"bounds" if isinstance(written, list) else "value": written}
        entry: AmountTable = given.model_copy(update=what)
    elif isinstance(given, AmountTable):
        if (given.value is None) == (given.bounds is None):
            raise StudyError(f"{key}: give either a value or bounds")
        entry = given
    elif isinstance(given, list):
        entry = PaintTable(bounds=given)
    else:
        entry = PaintTable(value=given)
    if entry.bounds is not None and len(entry.bounds) != 2:
        raise StudyError(f"{key}: bounds are two numbers, [low, high]; given: {entry.bounds}")
    return entry


def number_of(entry: AmountTable) -> float | None:
    """Return the number of an entry that is fixed, None for one that is free or tied."""
    return None if isinstance(entry.value, str) else entry.value


def tie_of(name: str, entry: AmountTable) -> tuple[Tie, ...]:
    """Return the tie of an entry that has an expression, nothing for any other."""
    return (Tie(name, entry.value),) if isinstance(entry.value, str) else ()


def free_parameter(key: str, name: str, entry: AmountTable) -> Parameter:
    """Return the free parameter of an entry with bounds.

    Raises
    ------
    StudyError
        If a search cannot lie between them.
    """
    assert entry.bounds is not None
    try:
        low, high = entry.bounds
        _check_bounds(low, high, entry.scale)
        return Parameter(name, low, high, entry.scale)
    except (ValueError, StudyError) as error:
        raise StudyError(f"{key}: {error}") from None


def _check_bounds(low: float, high: float, scale: Literal["linear", "log"]) -> None:
    """Refuse bounds between which a search would leave the floating-point numbers."""
    if max(abs(low), abs(high)) > LARGEST or (scale == "log" and 0 < low < 1 / LARGEST):
        raise StudyError(
            f"bounds [{low:g}, {high:g}] reach beyond every quantity of a cell; they may go to "
            f"{LARGEST:g}, and down to {1 / LARGEST:g} on a log scale"
        )
