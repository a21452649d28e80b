"""Numbers of an experiment's table, and of tables made of it, beside what they have to be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.engines import Job
from workbench.engines.opening import disproven
from workbench.errors import EngineError, InputError, StudyError, unknown
from workbench.experiments.design import ENGINE, check_condition
from workbench.experiments.experiment import Condition, Experiment
from workbench.studies import EngineChoice, ExpectedRow, Reproduced, integrator_under

Rows = list[dict[str, Any]]

REFUSED = "REFUSED"
"""The status of a row that the engine does not run."""


def experiment_under(
    experiment: Experiment, engine: str | EngineChoice | None, option: str = ""
) -> Experiment:
    """Return an experiment simulated as these words say.

    Parameters
    ----------
    option
        What stands before a word in messages: `--` on the command line.

    Raises
    ------
    InputError
        If the engine is one of its factors, or the words exclude one another.
    """
    if engine in (None, EngineChoice()):
        return experiment
    if ENGINE in experiment.factors:
        raise InputError(f"{option}engine: the engine is a factor of this experiment; leave it out")

    def under(condition: Condition) -> Condition:
        integrator = integrator_under(condition.job.integrator, engine, option)
        return replace(condition, job=replace(condition.job, integrator=integrator))

    return replace(experiment, conditions=tuple(map(under, experiment.conditions)))


def refusals(experiment: Experiment) -> dict[int, str]:
    """Return which conditions an engine does not run, or computes wrong, by number, and why."""
    found, taken = dict[int, str](), dict[int, Job]()
    for number, condition in enumerate(experiment.conditions):
        try:
            check_condition(condition.job, condition.measures)
            taken[number] = condition.job
        except (EngineError, InputError) as error:
            found[number] = str(error)
    wrong = zip(taken, disproven([*taken.values()]), strict=True)
    return found | {number: why for number, why in wrong if why}


def with_refused(experiment: Experiment, rows: Rows, refused: Mapping[int, str]) -> Rows:
    """Return the rows of all conditions, given those of the conditions that are not refused."""
    empty = dict.fromkeys((*experiment.factors, *experiment.measures))
    done = iter(rows)
    return [
        {**empty, **one.levels, "status": REFUSED, "reason": refused[number]}
        if number in refused
        else next(done)
        for number, one in enumerate(experiment.conditions)
    ]


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

    A table that is made of all rows is none where an engine refuses one.

    Raises
    ------
    StudyError
        If a table, a row or a column of it is not there.
    """
    refused = next((row for row in rows if row.get("status") == REFUSED), None)
    return [
        _compared(number, refused if number.table and refused else _of(number, rows, tables))
        for number in expected
    ]


def _of(number: ExpectedRow, rows: Rows, tables: Mapping[str, Rows]) -> dict[str, Any]:
    if number.table is None:
        return number.row_of(rows)
    if number.table not in tables:
        raise StudyError(f"{number.name}: {unknown('table', number.table, tables)}")
    return number.row_of(tables[number.table])


def _compared(number: ExpectedRow, row: Mapping[str, Any]) -> Reproduced[ExpectedRow]:
    if row.get("status") == REFUSED:
        return Reproduced(number, (), row["reason"], refused=True)
    found = row[number.column]
    if isinstance(found, bool | int | float) and found == found:
        return Reproduced(number, (float(found),))
    reason = str(row.get("reason") or "") if found is None else f"it is {found!r}, no number"
    return Reproduced(number, (), reason or "there is no value")
