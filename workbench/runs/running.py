"""Start a fit in a run folder, and go on with one."""

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.errors import LedgerError, StoppedEarly
from workbench.evaluations import Ledger, Listener
from workbench.fitting import Problem, fit
from workbench.runs.facts import facts_of, study_of
from workbench.runs.folder import make_folder, quoted, written
from workbench.runs.origin import UNKNOWN, changes, refusal
from workbench.runs.provenance import (
    ProvenanceLostError,
    now,
    provenance,
    read_provenance,
    restore,
    write_provenance,
)
from workbench.runs.traces import keep_best
from workbench.search import AnySearch
from workbench.studies import SearchPlan, Study
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
    record = {**provenance(study, dataclasses.asdict(plan)), "facts": facts}

    def write_record() -> None:
        write_provenance(folder, record)

    with Ledger.create(folder / "ledger.sqlite", facts, before=write_record) as ledger:
        session = {"made_with": dict(made_with)}
        _go_on(study.problem, search, plan.generations, folder, ledger, workers, listeners, session)


def resume(
    folder: Path,
    workers: Workers,
    listeners: Sequence[Listener] = (),
    *,
    study: str | Path | None = None,
    made_with: Mapping[str, str] = UNKNOWN,
    accept_changes: bool = False,
) -> None:
    """Go on with a run from wherever it was stopped or killed; a finished one is left alone.

    What lies beside the ledger and is missing or damaged is made anew.

    Parameters
    ----------
    study
        As in `study_of`.
    made_with
        What `prepare` returned.
    accept_changes
        Whether to go on although it is not what the run was made with so far.

    Raises
    ------
    LedgerError
        If there is no run in the folder, it is in use, its study has changed, or what it is made
        with has.
    StoppedEarly
        If it was interrupted again, or its folder cannot be written to.
    """
    found, plan = study_of(folder, study)
    with Ledger.open(folder / "ledger.sqlite", write=True) as ledger:
        with written(folder):
            _restore_if_lost(folder, found, plan, ledger)
        session: dict[str, Any] = {"made_with": dict(made_with)}
        if len(ledger.told_at()) < plan.generations:
            changed = changes(_made_with_so_far(folder, ledger), made_with)
            if changed and not accept_changes:
                raise LedgerError(refusal(changed, f"workbench resume {quoted(folder)}"))
            session["changes"] = changed
        search = plan.search(found.problem)
        _go_on(found.problem, search, plan.generations, folder, ledger, workers, listeners, session)


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

    Raises
    ------
    LedgerError
        If the folder holds a run of another problem or plan.
    """
    if not (folder / "ledger.sqlite").exists():
        start(study, plan, folder, workers, listeners, made_with=made_with)
        return
    begun, begun_plan = study_of(folder)
    population = plan.search(study.problem).population
    same_plan = dataclasses.replace(plan, population=population) == begun_plan
    if begun.problem.digest != study.problem.digest or not same_plan:
        raise LedgerError(
            f"{folder} holds a run of {begun.name} with {begun_plan}; name another folder, or ask "
            "for the same run to go on with it"
        )
    resume(folder, workers, listeners, made_with=made_with)


def _go_on(
    problem: Problem,
    search: AnySearch,
    generations: int,
    folder: Path,
    ledger: Ledger,
    workers: Workers,
    listeners: Sequence[Listener],
    session: dict[str, Any],
) -> None:
    session |= {"started": now(), "ended": None, "workers": str(workers), "reason": "killed"}
    begun = False
    try:
        with written(folder):
            _add_session(folder, session)
        begun = True
        fit(problem, search, workers, ledger, generations, listeners)
        keep_best(problem, folder, ledger, workers)
        session["reason"] = "finished"
    except (KeyboardInterrupt, StoppedEarly, MachineError) as stop:
        interrupted = isinstance(stop, KeyboardInterrupt)
        session["reason"] = "interrupted" if interrupted else f"stopped: {stop}"
        raise StoppedEarly(
            f"{session['reason']}; nothing is lost. Go on with: workbench resume {quoted(folder)}"
        ) from None
    except BaseException as error:
        session["reason"] = f"{type(error).__name__}: {error}"
        raise
    finally:
        # A full disk ends a run, and must not hide that it was the reason.
        with suppress(OSError):
            if begun:
                _add_session(folder, {**session, "ended": now()}, replace=True)


def _made_with_so_far(folder: Path, ledger: Ledger) -> Mapping[str, str]:
    """Return what the last session was made with: changes that were accepted are not new."""
    sessions = read_provenance(folder)["sessions"]
    told = [session["made_with"] for session in sessions if session.get("made_with")]
    found: Mapping[str, str] = told[-1] if told else ledger.facts().get("made_with", UNKNOWN)
    return found


def _restore_if_lost(folder: Path, study: Study, plan: SearchPlan, ledger: Ledger) -> None:
    try:
        read_provenance(folder)
    except ProvenanceLostError:
        restore(folder, study, dataclasses.asdict(plan), ledger)


def _add_session(folder: Path, session: dict[str, Any], replace: bool = False) -> None:
    record = read_provenance(folder)
    record["sessions"] = [*record["sessions"][: -1 if replace else None], session]
    write_provenance(folder, record)
