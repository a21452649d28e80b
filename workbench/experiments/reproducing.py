"""Numbers of an experiment's table, and of tables made of it, beside what they have to be."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import StudyError, unknown
from workbench.experiments.experiment import Experiment
from workbench.studies import ExpectedRow, Reproduced

Rows = list[dict[str, Any]]


def check_rows(expected: Sequence[ExpectedRow], experiment: Experiment) -> None:
    """Refuse rows that the experiment's table will not have, before it is simulated.

    Raises
    ------
    StudyError
        If none or several of its rows have the levels, or it has no such column.
    """
    empty = dict.fromkeys(experiment.measures)
    rows = [{**condition.levels, **empty} for condition in experiment.conditions]
    for number in expected:
        if number.table is None:
            number.row_of(rows)


def compared(
    expected: Sequence[ExpectedRow], rows: Rows, tables: Mapping[str, Rows]
) -> list[Reproduced[ExpectedRow]]:
    """Return each number beside ours, in their order.

    Raises
    ------
    StudyError
        If a table, a row or a column of it is not there.
    """
    return [_compared(number, _of(number, rows, tables)) for number in expected]


def _of(number: ExpectedRow, rows: Rows, tables: Mapping[str, Rows]) -> dict[str, Any]:
    if number.table is None:
        return number.row_of(rows)
    if number.table not in tables:
        raise StudyError(f"{number.name}: {unknown('table', number.table, tables)}")
    return number.row_of(tables[number.table])


def _compared(number: ExpectedRow, row: Mapping[str, Any]) -> Reproduced[ExpectedRow]:
    found = row[number.column]
    if isinstance(found, bool | int | float) and found == found:
        return Reproduced(number, (float(found),))
    reason = str(row.get("reason") or "") if found is None else f"it is {found!r}, no number"
    return Reproduced(number, (), reason or "there is no value")
