"""Start a fit in a run folder, and go on with one."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import InputError, LedgerError
from workbench.evaluations import Ledger, Listener, Row
from workbench.fitting import Stages
from workbench.runs.facts import begun_with, facts_of, study_of
from workbench.runs.folder import holds_run, make_folder, quoted, written
from workbench.runs.held_out import score_held_out
from workbench.runs.origin import UNKNOWN, proof_of
from workbench.runs.provenance import (
    ProvenanceLostError,
    read_provenance,
    record_of,
    restore,
    write_provenance,
)
from workbench.runs.record import Record, SessionRecord
from workbench.runs.recordings import keep_recordings, recordings_of
from workbench.runs.sessions import accepted, checked_generations, go_on, session_begun
from workbench.runs.traces import keep_best
from workbench.runs.verifying import verify_best
from workbench.search import AnySearch
from workbench.studies import SearchPlan, Study
from workbench.workers.task import Workers


def start(
    study: Study,
    plan: SearchPlan,
    folder: Path,
    workers: Workers,
    listeners: Sequence[Listener] = (),
    *,
    made_with: Mapping[str, str] = UNKNOWN,
) -> None:
    """Run a fit in a new folder; `made_with` is what `prepare` returned.

    Raises
    ------
    LedgerError
        If the folder holds a run already, or cannot be made.
    StoppedEarly
        If it was interrupted, or its folder cannot be written to any more; `resume` goes on.
    """
    search = plan.searched(study.problem)
    plan = dataclasses.replace(plan, population=search.population)
    make_folder(folder)
    facts = facts_of(study, plan, made_with)
    record = record_of(study, plan, facts)

    def write_record() -> None:
        keep_recordings(folder, recordings_of(study.asking_all()))
        write_provenance(folder, record)

    with Ledger.create(folder / "ledger.sqlite", facts, before=write_record) as ledger:
        session = session_begun(workers, made_with, plan.generations, proof_of(study.problem))
        _go_on(study, search, folder, ledger, workers, listeners, record, session)


def resume(
    folder: Path,
    workers: Workers,
    listeners: Sequence[Listener] = (),
    *,
    study: str | Path | None = None,
    made_with: Mapping[str, str] = UNKNOWN,
    accept_changes: bool = False,
    generations: int | None = None,
) -> None:
    """Go on with a run from wherever it was stopped or killed; a finished one is left alone.

    What lies beside the ledger and is missing or damaged is made anew. No search knows how many
    generations it will have, so a run that is given more is, bit for bit, the one that was asked
    for them from the start, as far as two runs of its search are the same.

    Parameters
    ----------
    study
        As in `study_of`.
    generations
        How many the run is to have in all; None is as many as were asked for last.
    made_with
        What `prepare` returned.
    accept_changes
        Whether to go on although it is not what the run was made with so far.

    Raises
    ------
    InputError
        If the run has begun more generations than it is to have.
    LedgerError
        If there is no run in the folder, it is in use, its study has changed, or what it is made
        with has.
    StoppedEarly
        If it was interrupted again, or its folder cannot be written to.
    """
    found, plan = study_of(folder, study)
    with Ledger.open(folder / "ledger.sqlite", write=True) as ledger:
        with written(folder):
            keep_recordings(folder, recordings_of(found.asking_all()))
            record = _record(folder, found, plan, ledger)
        if generations is not None:
            if plan.stages and generations != plan.generations:
                raise InputError(
                    f"{folder} is fitted in stages of {plan.generations} generations in all, each "
                    f"as long as it was planned; `workbench fit STUDY --from {quoted(folder)}` and "
                    "an algorithm go on from its best"
                )
            record = record.with_generations(checked_generations(generations, folder, ledger))
        asked, proof = record.search.generations, proof_of(found.problem)
        session = session_begun(workers, made_with, asked, proof)
        if len(ledger.told_at()) < asked:
            more = "" if generations is None else f" --generations {generations}"
            again = f"workbench resume {quoted(folder)}{more}"
            session = accepted(session, record, ledger, again, accept_changes=accept_changes)
        search = plan.searched(found.problem)
        _go_on(found, search, folder, ledger, workers, listeners, record, session)


def start_or_resume(
    study: Study,
    plan: SearchPlan,
    folder: Path,
    workers: Workers,
    listeners: Sequence[Listener] = (),
    *,
    made_with: Mapping[str, str] = UNKNOWN,
) -> None:
    """Run a fit in a folder, or go on with it if it has begun there.

    One that was given more generations since has them.

    Raises
    ------
    LedgerError
        If the folder holds a run of another problem or plan.
    """
    if not holds_run(folder):
        start(study, plan, folder, workers, listeners, made_with=made_with)
        return
    begun, now = study_of(folder)
    first = begun_with(folder)
    plan = dataclasses.replace(plan, population=plan.searched(study.problem).population)
    if begun.problem.digest != study.problem.digest or plan not in (first, now):
        raise LedgerError(
            f"{folder} holds a run of {begun.name} with {now}; name another folder, or ask "
            "for the same run to go on with it. `resume` gives it more generations"
        )
    resume(folder, workers, listeners, made_with=made_with)


def _go_on(
    study: Study,
    search: AnySearch | Stages,
    folder: Path,
    ledger: Ledger,
    workers: Workers,
    listeners: Sequence[Listener],
    record: Record,
    session: SessionRecord,
) -> None:
    def keep(best: Row | None) -> None:
        keep_best(study.problem, folder, best, workers)
        if record.study.accuracy:
            verify_best(study, folder, best, workers)
        score_held_out(study, folder, ledger, workers)

    go_on(study.problem, search, folder, ledger, workers, listeners, record, session, keep)


def _record(folder: Path, study: Study, plan: SearchPlan, ledger: Ledger) -> Record:
    """Return the record of a run, made anew if it was lost."""
    try:
        return read_provenance(folder, lambda: study)
    except ProvenanceLostError:
        return restore(folder, study, plan, ledger)
