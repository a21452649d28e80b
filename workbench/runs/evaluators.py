"""Fits of evaluators of BluePyOpt's: started in a run folder, and gone on with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.digests import DIGEST_VERSION
from workbench.errors import LedgerError, WorkerError
from workbench.evaluations import Ledger, Listener
from workbench.evaluations.origin import made_with
from workbench.fitting import (
    Described,
    EvaluatorProblem,
    EvaluatorSource,
    best_rows,
    problem_told,
)
from workbench.runs.facts import plan_told_by, told_plan
from workbench.runs.folder import holds_run, make_folder, quoted, written
from workbench.runs.origin import FIT_PACKAGES
from workbench.runs.provenance import (
    ProvenanceLostError,
    planned,
    read_provenance,
    record_with,
    write_provenance,
)
from workbench.runs.record import ProblemRecord, Record, StudyRecord
from workbench.runs.record_aims import ObjectiveRecord
from workbench.runs.sessions import accepted, checked_generations, go_on, session_begun
from workbench.studies import SearchPlan
from workbench.workers.task import Workers

_OBJECT = (
    "was begun with an evaluator object, which no file tells; go on with "
    "wb.fit_evaluator(evaluator, out={folder!r}) and that evaluator. A fit of MODULE:FUNCTION is "
    "resumed from the command line"
)


def evaluator_problem(
    source: EvaluatorSource, workers: Workers, max_score: float = 250.0
) -> EvaluatorProblem:
    """Return the problem of an evaluator, which a worker makes and asks what it has.

    Raises
    ------
    InputError
        If it cannot be made, or is no evaluator.
    WorkerError
        If it ends each worker that makes it.
    """
    answers = workers.run(Described(source), np.zeros((1, 0)))
    answer = next(one for one in answers if not one.again)
    if answer.lost:
        raise WorkerError(f"{source} cannot be made: {answer.lost}")
    return problem_told(source, answer.value, max_score)


@dataclass(frozen=True)
class EvaluatorRun:
    """What a run folder tells of the fit of an evaluator; `plan` has the generations asked last."""

    source: EvaluatorSource
    max_score: float
    limit_s: float
    plan: SearchPlan


def evaluator_run(folder: Path) -> EvaluatorRun | None:
    """Return what a run folder tells of the fit of an evaluator; None of that of a study.

    Raises
    ------
    LedgerError
        If it is an object, which nobody but its owner can make again.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        facts = ledger.facts()
        if (told := facts.get("evaluator")) is None:
            return None
        plan = planned(folder, plan_told_by(facts), ledger)
    if told["object"]:
        raise LedgerError(f"{folder} {_OBJECT.format(folder=str(folder))}")
    source = EvaluatorSource(told["name"], told["folder"], tuple(told["paths"]))
    return EvaluatorRun(source, told["max_score"], told["limit_s"], plan)


def start_or_resume_evaluator(
    problem: EvaluatorProblem,
    plan: SearchPlan,
    folder: Path,
    workers: Workers,
    listeners: Sequence[Listener] = (),
    *,
    limit_s: float,
) -> None:
    """Run a fit in a folder, or go on with it if it has begun there.

    `limit_s` is that of the workers, for whoever resumes it.

    Raises
    ------
    LedgerError
        If the folder holds a run of something else, or the evaluator gives other scores than then.
    StoppedEarly
        If it was interrupted; the same call goes on.
    """
    search = plan.search(problem)
    plan = replace(plan, population=search.population)
    if holds_run(folder):
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            facts = ledger.facts()
            first = plan_told_by(facts)
            now = planned(folder, first, ledger)
        if "evaluator" not in facts or plan not in (first, now):
            raise LedgerError(
                f"{folder} holds a run of {facts['study']} with {now}; name another folder, or ask "
                "for the same run to go on with it. `resume` gives it more generations"
            )
        resume_evaluator(folder, problem, workers, listeners)
        return
    make_folder(folder)
    made = made_with((), packages=FIT_PACKAGES)
    facts = _facts(problem, plan, made, limit_s)
    record = _record(problem, plan, facts)
    with Ledger.create(
        folder / "ledger.sqlite", facts, before=lambda: write_provenance(folder, record)
    ) as ledger:
        session = session_begun(workers, made, plan.generations)
        go_on(problem, search, folder, ledger, workers, listeners, record, session)


def resume_evaluator(
    folder: Path,
    problem: EvaluatorProblem,
    workers: Workers,
    listeners: Sequence[Listener] = (),
    *,
    accept_changes: bool = False,
    generations: int | None = None,
) -> None:
    """Go on with the fit of an evaluator; `accept_changes` and `generations` as in `resume`.

    The best individual so far is evaluated once more: that its scores come out to the last bit is
    all that can tell whether the evaluator is the one of then.

    Raises
    ------
    InputError
        If the run has begun more generations than it is to have.
    LedgerError
        If it has other parameters, bounds, objectives or scores, or versions have changed.
    StoppedEarly
        If it was interrupted again.
    """
    again = f"workbench resume {quoted(folder)}"
    with Ledger.open(folder / "ledger.sqlite", write=True) as ledger:
        facts = ledger.facts()
        plan = planned(folder, plan_told_by(facts), ledger)
        _check_parts(folder, problem, facts)
        try:
            record = read_provenance(folder, lambda: _unknown(folder))
        except ProvenanceLostError:
            facts = {name: value for name, value in facts.items() if name != "schema_version"}
            record = _record(problem, plan, facts)
            with written(folder):
                write_provenance(folder, record)
        if generations is not None:
            record = record.with_generations(checked_generations(generations, folder, ledger))
            again += f" --generations {generations}"
        made = made_with((), packages=FIT_PACKAGES)
        session = session_begun(workers, made, record.search.generations)
        if len(ledger.told_at()) < record.search.generations:
            session = accepted(session, record, ledger, again, accept_changes=accept_changes)
            if not accept_changes:
                _check_scores(folder, problem, ledger, workers)
        search = plan.search(problem)
        go_on(problem, search, folder, ledger, workers, listeners, record, session)


def _check_parts(folder: Path, problem: EvaluatorProblem, facts: Mapping[str, Any]) -> None:
    changed = [name for name, value in facts["parts"].items() if problem.parts.get(name) != value]
    if changed:
        raise LedgerError(
            f"{folder}: {', '.join(changed)} of {problem.source} changed after this run began; "
            "take the change back, or begin a new run"
        )


def _check_scores(
    folder: Path, problem: EvaluatorProblem, ledger: Ledger, workers: Workers
) -> None:
    for best in best_rows(ledger.rows(), 1):
        for answer in workers.run(problem.task, best.parameters[None, :]):
            if answer.lost:
                continue
            scores = problem.score(answer.value)
            if scores.tobytes() != best.scores.tobytes():
                raise LedgerError(
                    f"{folder}: {problem.source} gives its best individual a sum of "
                    f"{scores.sum()!r}, and gave {best.scores.sum()!r} when this run was begun: it "
                    "is another evaluator, or does not give the same twice. Take the change back, "
                    f"or accept it with `workbench resume {quoted(folder)} --accept-changes`"
                )


def _unknown(folder: Path) -> Any:
    raise LedgerError(f"{folder} has no study")


def _facts(
    problem: EvaluatorProblem, plan: SearchPlan, made: Mapping[str, str], limit_s: float
) -> dict[str, Any]:
    source = problem.source
    return {
        "study": source.name,
        "evaluator": {
            "name": source.name,
            "folder": source.folder,
            "paths": list(source.paths),
            "object": bool(source.pickled),
            "max_score": problem.max_score,
            "limit_s": limit_s,
        },
        "digest_version": DIGEST_VERSION,
        "problem": problem.digest,
        "parts": dict(problem.parts),
        "plan": told_plan(plan),
        "made_with": dict(made),
    }


def _record(problem: EvaluatorProblem, plan: SearchPlan, facts: Mapping[str, Any]) -> Record:
    source = problem.source
    study = StudyRecord(
        name=source.name,
        folder=source.folder,
        title=f"{source.name}, an evaluator of BluePyOpt's",
        description="",
    )
    content = ProblemRecord(
        digest=problem.digest,
        parts=dict(problem.parts),
        parameters=problem.parameters,
        objectives=tuple(map(ObjectiveRecord.of, problem.objectives)),
        protocols=(),
        integrator="the evaluator's own",
        rule=problem.rule,
        cell=None,
        mechanisms=(),
    )
    return record_with(study, content, plan, facts)
