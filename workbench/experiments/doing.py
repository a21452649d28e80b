"""An experiment is done: simulated by workers, written down in a ledger, gone on with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.digests import DIGEST_VERSION, foreign
from workbench.engines.opening import prove
from workbench.engines.tasks import by_build
from workbench.errors import LedgerError, StoppedEarly
from workbench.evaluations import Entry, Evaluation, Ledger, Listener
from workbench.evaluations.origin import changes, made_with
from workbench.evaluations.writing import entry_of, written
from workbench.experiments.experiment import Experiment
from workbench.experiments.task import ConditionTask
from workbench.scratch import scratch_folder
from workbench.workers import MachineError
from workbench.workers.task import Answer, Workers
from workbench.workers.together import run_together

LEDGER = "experiment.sqlite"
"""The file of a folder in which an experiment's evaluations are."""

MEND = "Move it away, and the same experiment begins anew in this folder"


def prepare(experiment: Experiment, report: Callable[[str], None] | None = None) -> dict[str, str]:
    """Compile what an experiment needs, once for all workers; return what it will be made with.

    An engine of our own is compared with NEURON on some of its simulations, unless that has been
    done. `report` is told what takes long.

    Raises
    ------
    EngineError
        If such an engine does not compute what NEURON computes.
    """
    jobs = [condition.job for condition in experiment.conditions]
    first = [jobs[together[0]] for together in by_build(jobs)]
    adaptive = [job for job in jobs if job.integrator.step_error_mV is not None][:1]
    made = made_with([(job.recipe, job.integrator) for job in (*first, *adaptive)], report)
    prove([(f"simulation {n + 1}", job) for n, job in enumerate(jobs)], report)
    return made


def identity(experiment: Experiment) -> dict[str, str]:
    """Return what has to be the same on all ranks that do an experiment together."""
    return {"the experiment": experiment.digest, **prepare(experiment)}


def known(folder: Path | None) -> int:
    """Return how many evaluations a folder holds, if it holds an experiment."""
    if folder is None or not (folder / LEDGER).exists():
        return 0
    with Ledger.open(folder / LEDGER, mend=MEND) as ledger:
        return sum(1 for _ in ledger.rows())


def do(
    experiment: Experiment,
    workers: Workers,
    folder: Path | None = None,
    listeners: Sequence[Listener] = (),
    *,
    made_with: Mapping[str, str],
) -> list[Evaluation]:
    """Return the evaluation of each condition, in their order; what is known is not done again.

    Each is in the folder's ledger as soon as it ends, so the process may be killed at any moment:
    the same experiment in the same folder goes on, and its evaluations are the same bit for bit.

    Parameters
    ----------
    folder
        Where evaluations are kept; None for no longer than this takes.
    listeners
        Told every evaluation, those found in the folder too.
    made_with
        What `prepare` returned.

    Raises
    ------
    LedgerError
        If the folder holds another experiment, or one that was made with other builds or versions,
        or is in use or damaged.
    AllFailed
        If no worker survived any of the simulations.
    StoppedEarly
        If it was stopped, or the folder cannot be written to any more.
    """
    found: dict[int, Evaluation] = {}
    with _ledger(experiment, folder, made_with) as ledger:
        for row in ledger.rows():
            found[row.individual] = row.evaluation
            for listener in listeners:
                listener(row)

        def entries_of(answer: Answer) -> list[Entry]:
            number = answer.row
            measures = len(experiment.conditions[number].measures)
            parameters = np.array([float(number)])
            return [entry_of(answer, (0, number), parameters, measures, lambda _: np.empty(0))]

        pending = [n for n in range(len(experiment.conditions)) if n not in found]
        answers = _answers(experiment, pending, workers)
        go_on = "the same experiment with the same folder"
        with _stopping(folder):
            for rows in written(answers, ledger, len(pending), entries_of, go_on):
                for _, row in rows:
                    found[row.individual] = row.evaluation
                    for listener in listeners:
                        listener(row)
    return [found[number] for number in range(len(experiment.conditions))]


@contextmanager
def _stopping(folder: Path | None) -> Iterator[None]:
    """Say of what ends an experiment before its end what is left of it."""
    try:
        yield
    except (KeyboardInterrupt, StoppedEarly, MachineError) as stop:
        reason = "interrupted" if isinstance(stop, KeyboardInterrupt) else f"stopped: {stop}"
        kept = "nothing was kept" if folder is None else f"what was simulated is kept in {folder}"
        raise StoppedEarly(f"{reason}; {kept}") from None


def _answers(experiment: Experiment, pending: Sequence[int], workers: Workers) -> Iterator[Answer]:
    """Yield what workers answer under the numbers of conditions, build after build."""
    conditions, asked = experiment.conditions, set(pending)
    for together in by_build([condition.job for condition in conditions]):
        rows = [row for row, number in enumerate(together) if number in asked]
        if rows:
            task = ConditionTask(tuple(conditions[number] for number in together))
            numbers = np.array(rows, dtype=float)[:, None]
            for answer in run_together(workers, task, numbers):
                yield replace(answer, row=together[rows[answer.row]])


@contextmanager
def _ledger(
    experiment: Experiment, folder: Path | None, made_with: Mapping[str, str]
) -> Iterator[Ledger]:
    if folder is None:
        with scratch_folder() as scratch, _ledger(experiment, Path(scratch), made_with) as ledger:
            yield ledger
        return
    path = folder / LEDGER
    facts = {
        "experiment": experiment.digest,
        "digest_version": DIGEST_VERSION,
        "made_with": dict(made_with),
    }
    if path.exists():
        ledger = Ledger.open(path, write=True, mend=MEND)
    else:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"{folder} cannot be made: {error.strerror}") from None
        ledger = Ledger.create(path, facts)
    with ledger:
        _compare(folder, ledger.facts(), facts)
        yield ledger


def _compare(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to go on with what is not the same experiment, made with the same things."""
    why = foreign(before["digest_version"])
    if not why and before["experiment"] != now["experiment"]:
        why = "it holds another experiment: its cells, protocols, factors or measures differ"
    if not why and (changed := changes(before["made_with"], now["made_with"])):
        why = f"since it began, {'; '.join(changed)}"
    if why:
        raise LedgerError(f"{folder}: {why}. Name another folder, or take the change back")
