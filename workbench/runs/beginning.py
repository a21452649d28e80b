"""A fit that begins with individuals of another run."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.errors import AllFailed, InputError, shortened
from workbench.evaluations import Ledger, Row
from workbench.fitting import Parameter, Problem, best_rows
from workbench.runs.facts import begun_with, record_told_by
from workbench.runs.folder import holds_run
from workbench.runs.individuals import FORMS, individual, split
from workbench.studies import Beginning, SearchPlan, Study

LAST = "last"


def begin_from(study: Study, plan: SearchPlan, asked: str | Path, folder: Path) -> SearchPlan:
    """Return the plan of a fit that begins with individuals of another run.

    They are matched by the names of their parameters. What the other run does not have is drawn
    from the fit's seed, what leaves the bounds is put on them, what is not free here is left out;
    `notes` of the beginning tell.

    Parameters
    ----------
    asked
        `RUN`: the best individuals of the whole run, each parameter set once, at most as many as a
        population has. `RUN:last`: those of its last whole generation, the best first. Or one
        individual, as `runs.individuals` names it. The rest of the population is drawn.
    folder
        Where the fit is to run. One that began with the same there already tells of it itself: the
        other run may have gone on since, or be gone.

    Raises
    ------
    InputError
        If no run is meant, or it has no such individual or none of the parameters.
    LedgerError
        If the other run cannot be read.
    AllFailed
        If no individual of it could be simulated.
    """
    if plan.stages:
        raise InputError(
            f"{study.name} is fitted in stages, of which each begins with the one before; name an "
            "algorithm to fit all at once from another run"
        )
    if holds_run(folder) and (known := begun_with(folder).begin) and known.asked == _said(asked):
        return replace(plan, begin=known)
    found = split(str(asked))
    if found is None:
        raise InputError(
            f"there is no run {shortened(str(asked))!r} to begin from; name a run folder, or "
            f"RUN:{LAST}, {FORMS}. `workbench runs` lists the runs here"
        )
    run, which = found
    with Ledger.open(run / "ledger.sqlite") as ledger:
        problem = record_told_by(ledger, run).problem
        rows = _chosen(ledger, run, which, plan.search(study.problem).population)
    names = [parameter.name for parameter in problem.parameters]
    values = np.array([row.parameters for row in rows])
    unit, notes = _in_unit_cube(study.problem, names, values, plan.seed, run)
    begin = Beginning(
        _said(asked),
        _said(run.absolute()),
        problem.digest,
        tuple((row.generation, row.individual) for row in rows),
        tuple(map(tuple, unit.tolist())),
        notes,
    )
    return replace(plan, begin=begin)


def _said(run: str | Path) -> str:
    """Return a path as records, which are UTF-8, can hold it."""
    return str(run).encode(errors="replace").decode()


def begun_words(begin: Beginning) -> str:
    """Return who a fit begins with, and what is not as it was there, a line each."""
    count = len(begin.rows)
    first = f"begins with {count} individual{'s' * (count != 1)} of {begin.run}"
    return "\n".join([first, *(f"note: {note}" for note in begin.notes)])


def _chosen(ledger: Ledger, run: Path, which: str, population: int) -> list[Row]:
    if which not in ("", LAST):
        return [individual(ledger, run, which)]
    generation = None
    if which == LAST:
        if not (told := ledger.told_at()):
            raise InputError(
                f"{run} has no whole generation yet; give RUN for its best individuals"
            )
        generation = told[-1][0]
    among = ledger.competitors() if generation is None else ledger.rows(generation)
    rows = best_rows(filter(ledger.competing.takes_part, among), population)
    if not rows:
        raise AllFailed(f"{run}: no individual could be simulated, so nothing can begin with one")
    return rows


def _in_unit_cube(
    problem: Problem, names: list[str], values: Floats, seed: int, run: Path
) -> tuple[Floats, tuple[str, ...]]:
    """Return values of other parameters, (n, e), as rows of the unit cube, (n, d), and notes."""
    own = problem.parameter_names
    if not set(names) & set(own):
        raise InputError(
            f"{run} has none of the free parameters of {problem.name}: it has {', '.join(names)}, "
            f"and here {', '.join(own)} are free"
        )
    unit = np.random.default_rng(seed).random((len(values), len(own)))
    notes = []
    for column, parameter in enumerate(problem.parameters):
        if parameter.name not in names:
            notes.append(f"{parameter.name} is not in {run}: its values are drawn")
            continue
        there = values[:, names.index(parameter.name)]
        unit[:, column], moved = _within(parameter, there)
        if moved:
            notes.append(
                f"{parameter.name}: {moved} of {len(there)} values leave [{parameter.low:g}, "
                f"{parameter.high:g}] and are put on the bound"
            )
    notes += [
        f"{name} of {run} is not free here and is left out" for name in names if name not in own
    ]
    return unit, tuple(notes)


def _within(parameter: Parameter, values: Floats) -> tuple[Floats, int]:
    """Return values in the unit interval, and how many had to be put on a bound."""
    inside = np.clip(values, parameter.low, parameter.high)
    return np.clip(parameter.to_unit(inside), 0.0, 1.0), int((inside != values).sum())
