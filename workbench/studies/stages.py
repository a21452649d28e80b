"""`[[stage]]` of study.toml as the stages of a fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from workbench.errors import StudyError, unknown
from workbench.fitting import (
    LEAST_SQUARES,
    BlockCheck,
    Objective,
    Parameter,
    Stage,
    least_squares_rows,
)
from workbench.search import GENERATIONAL, make_search
from workbench.studies.files import at
from workbench.studies.tables import FitTable, StageTable

MOST_STEPS = 50
"""Of least squares, where nothing is said."""


def stages_from(
    file: Path,
    tables: Sequence[StageTable],
    fit: FitTable,
    parameters: Sequence[Parameter],
    objectives: Sequence[Objective],
    block: BlockCheck | None,
    published: Mapping[str, Mapping[str, float]],
) -> tuple[Stage, ...]:
    """Return the stages of a study.

    Raises
    ------
    StudyError
        If one names what there is not, or does not say with which values it begins.
    """
    found: list[Stage] = []
    for table in tables:
        with at(f"{file}: stage {table.name!r}"):
            if table.name in [stage.name for stage in found]:
                raise StudyError("two stages have this name")
            stage = _stage(table, fit, parameters, objectives, block, published)
            if table.others is None and found:
                stage = replace(stage, others=found[-1].others)
            found.append(stage)
            _check_values(found, [one.name for one in parameters])
    return tuple(found)


def _stage(
    table: StageTable,
    fit: FitTable,
    parameters: Sequence[Parameter],
    objectives: Sequence[Objective],
    block: BlockCheck | None,
    published: Mapping[str, Mapping[str, float]],
) -> Stage:
    free = _matching("parameter", table.free, [one.name for one in parameters])
    names = [one.name for one in objectives]
    checks = [block.name] if block is not None else []
    targets = _matching("target", table.targets, [*names, *checks])
    counted = [name for name in targets if name in names]
    if checks and not counted:
        raise StudyError(f"targets: {checks[0]} is a check of what other targets count; name some")
    search = table.search or fit.algorithm
    allowed = [*GENERATIONAL, LEAST_SQUARES]
    if search not in allowed:
        raise StudyError(unknown("search of a stage", search, allowed))
    if table.others is not None and table.others not in published:
        raise StudyError(unknown("parameter set", table.others, published))
    least = search == LEAST_SQUARES
    if least:
        _check_least_squares(table, counted, objectives)
    stage = Stage(
        table.name,
        free,
        targets,
        search,
        least_squares_rows(len(free)) if least else table.population or fit.population,
        table.generations or (MOST_STEPS if least else fit.generations),
        dict(table.options or ({} if search != fit.algorithm else fit.options)),
        table.seeds,
        table.begin,
        dict(published[table.others]) if table.others is not None else {},
    )
    if not least:
        make_search(search, len(free), len(counted), stage.population, 0, **stage.options)
    return stage


def _check_least_squares(
    table: StageTable, targets: Iterable[str], objectives: Sequence[Objective]
) -> None:
    if table.population is not None or table.options:
        raise StudyError(
            f"{LEAST_SQUARES} has one individual and two for each parameter, and no options; leave "
            "population and options out"
        )
    for one in objectives:
        if one.name in targets and one.against is not None and one.against.cut_ms is not None:
            raise StudyError(
                f"{one.name} cuts spikes out, and {LEAST_SQUARES} follows the whole recording; set "
                "cut_spikes = false, or take another search"
            )


def _check_values(stages: Sequence[Stage], names: Iterable[str]) -> None:
    """Refuse a stage for which a parameter has no value."""
    *before, last = stages
    varied = {name for stage in stages for name in stage.free}
    without = [name for name in names if name not in varied and name not in last.others]
    if without:
        raise StudyError(
            f"nothing tells the value of {', '.join(without)}, which neither it nor a stage before "
            'it frees; name the parameter set of published.toml that has it: others = "<set>"'
        )
    if last.begin > 1 and not before:
        raise StudyError("it is the first stage, and none is before it to begin with; leave begin")


def _matching(what: str, patterns: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise StudyError(unknown(what, pattern, names))
    return tuple(name for name in names if any(fnmatchcase(name, p) for p in patterns))
