"""The numbers of a study or an experiment, found again: what the verb prints and Python returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.experiments import (
    Described,
    ExperimentWatch,
    check_rows,
    compared,
    described,
    do,
    experiment_names,
    experiment_under,
    find_experiment,
    refusals,
    table,
    with_refused,
)
from workbench.experiments import prepare as prepare_experiment
from workbench.experiments.named import FILE as EXPERIMENT
from workbench.inputs import is_file
from workbench.reports.numbers import Entry, entry_of
from workbench.runs import prepare, shown, with_params
from workbench.studies import (
    EngineChoice,
    Study,
    cell_notes,
    converge,
    load_expected,
    load_expected_rows,
    load_study,
    reproduce_under,
)
from workbench.workers import ProcessWorkers


@dataclass(frozen=True)
class Reproduction:
    """What came of the numbers of one name.

    Attributes
    ----------
    title
        The study's, or the experiment's.
    entries
        A number each, from `entry_of`.
    pictures
        Figures of experiments, by their names, as data URIs.
    """

    title: str
    entries: tuple[Entry, ...]
    pictures: Mapping[str, str]


@dataclass(frozen=True)
class Way:
    """How numbers are found again.

    Attributes
    ----------
    workers
        Processes.
    engine
        Who simulates them; None as each number says.
    option
        What stands before the engine's words in messages.
    converged
        Whether each is tried at other tolerances of CVODE too.
    trusted
        Whether Python beside an experiment's file may run.
    progress
        Whether that of experiments is shown.
    say
        Told what takes long and what is odd.
    """

    workers: int
    engine: EngineChoice
    option: str
    converged: bool
    trusted: bool
    progress: bool
    say: Callable[[str], None]


def reproduction_of(name: str, way: Way) -> Reproduction:
    """Return the numbers of a study and those of an experiment beside ours, and its figure.

    Raises
    ------
    StudyError
        If there is no such study or experiment, or it says no numbers.
    InputError, EngineError
        If the engine is none that can be asked for.
    """
    if name in experiment_names() or is_file(Path(name) / EXPERIMENT):
        file = find_experiment(name)
        found = _of_experiment(file, way)
        if not (file.parent / "study.toml").is_file():
            return found
        own = _of_study(load_study(file.parent), way)
        return replace(
            found, title=found.title or own.title, entries=(*own.entries, *found.entries)
        )
    return _of_study(load_study(name), way)


def _of_study(study: Study, way: Way) -> Reproduction:
    expected = load_expected(study)
    if not expected:
        return Reproduction(study.title, (), {})
    if way.engine == EngineChoice():
        prepare(study, way.say)
    with ProcessWorkers(way.workers) as pool:
        results = reproduce_under(expected, pool, way.engine, way.option)
        finest = converge(expected, pool) if way.converged else [None] * len(results)
    pairs = zip(results, finest, strict=True)
    entries = (
        entry_of(study.name, one, str(one.expected.integrator), finer) for one, finer in pairs
    )
    return Reproduction(study.title, tuple(entries), {})


def _of_experiment(file: Path, way: Way) -> Reproduction:
    expected = load_expected_rows(file.parent)
    found = described(file, with_params, way.trusted)
    for name, one in found.samples.items():
        for note in cell_notes(one.recipe, [one.study.problem.integrator]):
            way.say(f"note: {name}: {note}")
    check_rows(expected, found.experiment)
    asked = experiment_under(found.experiment, way.engine, way.option)
    why = refusals(asked)
    rows = with_refused(asked, _rows(found, asked, why, way), why)
    analysis = None if why else found.analysis
    tables = analysis.tables(rows) if analysis else {}
    integrator = " and ".join(dict.fromkeys(str(c.job.integrator) for c in asked.conditions))
    entries = tuple(
        entry_of(found.name, one, integrator) for one in compared(expected, rows, tables)
    )
    if not (analysis and analysis.draws):
        return Reproduction(found.title, entries, {})
    from workbench.reports.experiment_figure import experiment_picture

    return Reproduction(
        found.title, entries, {found.name: experiment_picture(analysis, rows, tables)}
    )


def _rows(
    found: Described, asked: Any, refused: Mapping[int, str], way: Way
) -> list[dict[str, Any]]:
    """Return the rows of the conditions that are not refused."""
    pairs = enumerate(asked.conditions)
    taken = replace(asked, conditions=tuple(one for n, one in pairs if n not in refused))
    if not taken.conditions:
        return []
    made = prepare_experiment(taken, way.say)
    with ProcessWorkers(way.workers, found.limit_s) as pool, shown(way.progress) as show:
        watch = ExperimentWatch(len(taken.conditions), 0, show)
        return table(taken, do(taken, pool, None, [watch], made_with=made))
