"""The sessions of a run: each begins, goes on from where the ledger stands, and tells its end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger, Listener, Row
from workbench.evaluations.origin import changes
from workbench.fitting import AnyProblem, Stages, fit
from workbench.runs.best import Best, write_best
from workbench.runs.folder import quoted, written
from workbench.runs.origin import UNKNOWN, refusal
from workbench.runs.provenance import now, write_provenance
from workbench.runs.record import Record, SessionRecord
from workbench.search import AnySearch, whole
from workbench.studies.tables import MOST_GENERATIONS
from workbench.workers import MachineError
from workbench.workers.task import Workers


def checked_generations(generations: int, folder: Path, ledger: Ledger) -> int:
    """Return the number of generations that a run is to have in all, if it can."""
    whole("generations", generations, least=1, most=MOST_GENERATIONS)
    if generations < (begun := ledger.begun):
        raise InputError(
            f"{folder} has begun {begun} generations, and is to have {generations} in all; give "
            f"{begun} or more"
        )
    return generations


def session_begun(
    workers: Workers, made_with: Mapping[str, str], generations: int, proof: str = ""
) -> SessionRecord:
    """Return a session that begins; it was killed, unless it comes to say how it ended."""
    return SessionRecord(
        started=now(),
        ended=None,
        workers=str(workers),
        reason="killed",
        generations=generations,
        made_with=dict(made_with),
        proof=proof,
    )


def accepted(
    session: SessionRecord, record: Record, ledger: Ledger, resume: str, *, accept_changes: bool
) -> SessionRecord:
    """Return the session with those changes of what it is made with that are accepted.

    `resume` is the command that goes on.

    Raises
    ------
    LedgerError
        If it is not what the run was made with so far.
    """
    changed = changes(_made_with_so_far(record, ledger), session.made_with or {})
    if changed and not accept_changes:
        raise LedgerError(refusal(changed, resume))
    return session.model_copy(update={"changes": changed})


def go_on(
    problem: AnyProblem,
    search: AnySearch | Stages,
    folder: Path,
    ledger: Ledger,
    workers: Workers,
    listeners: Sequence[Listener],
    record: Record,
    session: SessionRecord,
    then: Callable[[Row | None], None] = lambda best: None,
) -> None:
    """Fit to the last generation, with the best individual in `best.json`; `then` is given it."""
    best = Best(ledger)
    with _in_session(folder, record, session):
        try:
            asked, racing = record.search.generations, record.search.racing
            fit(problem, search, workers, ledger, asked, [best, *listeners], racing=racing)
        except BaseException:
            with suppress(OSError):
                write_best(folder, record, best.row)
            raise
        with written(folder):
            write_best(folder, record, best.row)
        then(best.row)


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
