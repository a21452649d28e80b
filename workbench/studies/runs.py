"""Run folders: start a fit, go on with one, list them.

A run folder holds `ledger.sqlite`, `provenance.json` and `traces/best.npz`; `reports` adds
`report.html`.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.digests import DIGEST_VERSION, foreign
from workbench.engines import Integrator
from workbench.engines.neuron import check
from workbench.errors import LedgerError, StoppedEarly
from workbench.fitting import Ledger, Listener, Problem, Workers, fit
from workbench.search import AnySearch, make_search, whole
from workbench.studies.best import keep_best
from workbench.studies.cells import segments_from
from workbench.studies.folder import make_folder, quoted, written
from workbench.studies.notes import notes_of
from workbench.studies.origin import UNKNOWN, changes, make_up, refusal
from workbench.studies.provenance import (
    ProvenanceLostError,
    now,
    provenance,
    read_provenance,
    restore,
    write_provenance,
)
from workbench.studies.setting import segments_table
from workbench.studies.study import Study, load_study
from workbench.studies.tables import LARGEST_POPULATION, MOST_GENERATIONS, SegmentsTable
from workbench.workers import MachineError


@dataclass(frozen=True)
class SearchPlan:
    """Which search, how large, how long, from which seed."""

    algorithm: str
    population: int
    generations: int
    seed: int
    options: dict[str, float] = field(default_factory=dict)

    def search(self, problem: Problem, initial: ArrayLike | None = None) -> AnySearch:
        """Return the search at its beginning, with these rows of the unit cube among the first.

        The genetic searches vary parameters in their own bounds, as stock BluePyOpt does.
        """
        bounds = [
            (p.low, p.high) if p.scale == "linear" else (0.0, 1.0) for p in problem.parameters
        ]
        return make_search(
            self.algorithm,
            len(problem.parameters),
            len(problem.objectives),
            self.population,
            self.seed,
            initial=initial,
            bounds=np.array(bounds),
            **self.options,
        )


def plan_of(study: Study, **given: Any) -> SearchPlan:
    """Return the study's own plan with what was given in its place; None is not given.

    The study's options hold for its own algorithm only.
    """
    study.check_targets()
    table = study.fit
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen.get("algorithm", table.algorithm) == table.algorithm:
        chosen.setdefault("options", dict(table.options))
    own = {n: getattr(table, n) for n in ("algorithm", "population", "generations", "seed")}
    plan = SearchPlan(**{**own, **chosen})
    for name, most in (("population", LARGEST_POPULATION), ("generations", MOST_GENERATIONS)):
        whole(name, getattr(plan, name), least=1, most=most)
    return plan


def prepare(study: Study, report: Callable[[str], None] | None = None) -> dict[str, str]:
    """Compile what the study needs, once for all workers; return what it will be made with.

    `report` is told what takes long, and what is odd about the study.

    Raises
    ------
    EngineError
        If the study's integrator cannot run its cell or its protocols.
    """
    problem = study.problem
    for protocol in problem.protocols:
        check(problem.recipe, [protocol], problem.integrator_of(protocol.name))
    if report is not None:
        for note in notes_of(problem):
            report(f"note: {note}")
    return make_up(problem, report)


def new_folder(study: Study, plan: SearchPlan) -> Path:
    """Return a name for a new run folder in ./runs."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{study.name}-{plan.algorithm}-seed{plan.seed}-{stamp}"


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
    facts = {
        "study": str(study.folder),
        "digest_version": DIGEST_VERSION,
        "problem": study.problem.digest,
        "parts": dict(study.problem.parts),
        "integrator": dataclasses.asdict(study.problem.integrator),
        "segments": segments_table(study.problem.recipe.segments),
        "celsius_degC": study.problem.recipe.celsius_degC,
        "plan": dataclasses.asdict(plan),
        "made_with": dict(made_with),
    }
    if own := study.problem.own_integrators:
        facts["own_integrators"] = {name: dataclasses.asdict(one) for name, one in own}
    record = {**provenance(study, dataclasses.asdict(plan)), "facts": facts}

    def write_record() -> None:
        write_provenance(folder, record)

    with Ledger.create(folder / "ledger.sqlite", facts, before=write_record) as ledger:
        session = {"made_with": dict(made_with)}
        _go_on(study.problem, search, plan.generations, folder, ledger, workers, listeners, session)


def study_of(folder: Path, study: str | Path | None = None) -> tuple[Study, SearchPlan]:
    """Return the study and plan of a run, as they were when it began.

    Parameters
    ----------
    study
        Name or folder of the study, where it is no longer where it was.

    Raises
    ------
    LedgerError
        If there is no run in the folder, or if the study has changed or moved since.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return study_told_by(ledger.facts(), folder, study)


def study_told_by(
    facts: Mapping[str, Any], folder: Path, moved_to: str | Path | None = None
) -> tuple[Study, SearchPlan]:
    """Return the study and plan that the facts of a run tell.

    Raises
    ------
    LedgerError
        If the study has changed since, or nothing tells whether it has, or it is neither where it
        was nor where it is said to be.
    """
    if why := foreign(facts.get("digest_version", 1)):
        raise LedgerError(
            f"{folder}: {why}. Go on with the workbench that began this run, of which its "
            "provenance.json tells, or start a new run with workbench fit"
        )
    if moved_to is None and not Path(facts["study"]).is_dir():
        raise LedgerError(
            f"the study of {folder} is no longer at {facts['study']}; tell where it is: `workbench "
            f"resume {quoted(folder)} --study FOLDER`"
        )
    study = load_study(moved_to or Path(facts["study"]))
    own = facts.get("own_integrators", {})
    study = study.with_integrator(
        Integrator(**facts["integrator"]),
        tuple((name, Integrator(**one)) for name, one in own.items()),
    )
    study = study.with_segments(segments_from(SegmentsTable(**facts["segments"])))
    study = study.with_celsius(facts["celsius_degC"])
    parts = study.problem.parts
    changed = [name for name, value in facts["parts"].items() if parts[name] != value]
    if changed:
        raise LedgerError(
            f"{folder}: {', '.join(changed)} of the study {facts['study']} changed after this run "
            "began; take the change back, or start a new run with workbench fit"
        )
    return study, SearchPlan(**facts["plan"])


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


def find_runs(root: Path) -> list[Path]:
    """Return the run folders below a folder, the oldest first."""
    ledgers = sorted(root.glob("**/ledger.sqlite"), key=lambda path: path.stat().st_ctime)
    return [path.parent for path in ledgers]


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
