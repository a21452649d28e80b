"""Start a fit in a run folder, and go on with one."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger, Listener
from workbench.evaluations.origin import changes
from workbench.fitting import Problem, fit
from workbench.runs.best import Best, write_best
from workbench.runs.facts import begun_with, facts_of, study_of
from workbench.runs.folder import holds_run, make_folder, quoted, written
from workbench.runs.origin import UNKNOWN, proof_of, refusal
from workbench.runs.provenance import (
    ProvenanceLostError,
    now,
    read_provenance,
    record_of,
    restore,
    write_provenance,
)
from workbench.runs.record import Record, SessionRecord
from workbench.runs.recordings import keep_recordings, recordings_of
from workbench.runs.traces import keep_best
from workbench.runs.verifying import verify_best
from workbench.search import AnySearch, whole
from workbench.studies import SearchPlan, Study
from workbench.studies.tables import MOST_GENERATIONS
from workbench.workers import MachineError
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
    search = plan.search(study.problem)
    plan = dataclasses.replace(plan, population=search.population)
    make_folder(folder)
    facts = facts_of(study, plan, made_with)
    record = record_of(study, plan, facts)

    def write_record() -> None:
        keep_recordings(folder, recordings_of(study.problem))
        write_provenance(folder, record)

    with Ledger.create(folder / "ledger.sqlite", facts, before=write_record) as ledger:
        session = _begun(study.problem, workers, made_with, plan.generations)
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
            keep_recordings(folder, recordings_of(found.problem))
            record = _record(folder, found, plan, ledger)
        if generations is not None:
            record = record.with_generations(_checked(generations, folder, ledger))
        session = _begun(found.problem, workers, made_with, record.search.generations)
        if len(ledger.told_at()) < record.search.generations:
            changed = changes(_made_with_so_far(record, ledger), made_with)
            if changed and not accept_changes:
                more = "" if generations is None else f" --generations {generations}"
                raise LedgerError(refusal(changed, f"workbench resume {quoted(folder)}{more}"))
            session = session.model_copy(update={"changes": changed})
        search = plan.search(found.problem)
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
    plan = dataclasses.replace(plan, population=plan.search(study.problem).population)
    if begun.problem.digest != study.problem.digest or plan not in (first, now):
        raise LedgerError(
            f"{folder} holds a run of {begun.name} with {now}; name another folder, or ask "
            "for the same run to go on with it. `resume` gives it more generations"
        )
    resume(folder, workers, listeners, made_with=made_with)


def _checked(generations: int, folder: Path, ledger: Ledger) -> int:
    """Return the number of generations that a run is to have in all, if it can."""
    whole("generations", generations, least=1, most=MOST_GENERATIONS)
    if generations < (begun := ledger.begun):
        raise InputError(
            f"{folder} has begun {begun} generations, and is to have {generations} in all; give "
            f"{begun} or more"
        )
    return generations


def _begun(
    problem: Problem, workers: Workers, made_with: Mapping[str, str], generations: int
) -> SessionRecord:
    """Return a session that begins; it was killed, unless it comes to say how it ended."""
    return SessionRecord(
        started=now(),
        ended=None,
        workers=str(workers),
        reason="killed",
        generations=generations,
        made_with=dict(made_with),
        proof=proof_of(problem),
    )


def _go_on(
    study: Study,
    search: AnySearch,
    folder: Path,
    ledger: Ledger,
    workers: Workers,
    listeners: Sequence[Listener],
    record: Record,
    session: SessionRecord,
) -> None:
    problem, best = study.problem, Best(ledger.rows())
    with _in_session(folder, record, session):
        try:
            fit(problem, search, workers, ledger, record.search.generations, [best, *listeners])
        except BaseException:
            with suppress(OSError):
                write_best(folder, record, best.row)
            raise
        with written(folder):
            write_best(folder, record, best.row)
        keep_best(problem, folder, best.row, workers)
        if record.study.accuracy:
            verify_best(study, folder, best.row, workers)


@contextmanager
def _in_session(folder: Path, record: Record, session: SessionRecord) -> Iterator[None]:
    """Write the session down as it begins, and again with its reason as it ends."""
    reason = "finished"
    begun = False
    try:
        with written(folder):
            write_provenance(folder, record.with_session(session))
        begun = True
        yield
    except (KeyboardInterrupt, StoppedEarly, MachineError) as stop:
        reason = "interrupted" if isinstance(stop, KeyboardInterrupt) else f"stopped: {stop}"
        raise StoppedEarly(
            f"{reason}; nothing is lost. Go on with: workbench resume {quoted(folder)}"
        ) from None
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}"
        raise
    finally:
        # A full disk ends a run, and must not hide that it was the reason.
        with suppress(OSError):
            if begun:
                ended = session.model_copy(update={"reason": reason, "ended": now()})
                write_provenance(folder, record.with_session(ended))


def _made_with_so_far(record: Record, ledger: Ledger) -> Mapping[str, str]:
    """Return what the last session was made with: changes that were accepted are not new."""
    told = [session.made_with for session in record.sessions if session.made_with]
    found: Mapping[str, str] = told[-1] if told else ledger.facts().get("made_with", UNKNOWN)
    return found


def _record(folder: Path, study: Study, plan: SearchPlan, ledger: Ledger) -> Record:
    """Return the record of a run, made anew if it was lost."""
    try:
        return read_provenance(folder, lambda: study)
    except ProvenanceLostError:
        return restore(folder, study, plan, ledger)
