"""What identifies a run, in its ledger: study, problem and plan, and how they are found again."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from workbench.digests import DIGEST_VERSION, foreign
from workbench.engines import Integrator
from workbench.errors import LedgerError
from workbench.evaluations import Ledger
from workbench.fitting import LEAST_SQUARES
from workbench.runs.folder import quoted
from workbench.runs.provenance import planned, read_provenance
from workbench.runs.record import Record
from workbench.studies import SearchPlan, Study, load_study
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from
from workbench.studies.setting import segments_table

_PLAN = TypeAdapter(SearchPlan)


def facts_of(study: Study, plan: SearchPlan, made_with: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of a run that begins; `made_with` is what `prepare` returned."""
    problem = study.problem
    facts: dict[str, Any] = {
        "study": str(study.folder),
        "digest_version": DIGEST_VERSION,
        "problem": problem.digest,
        "parts": dict(problem.parts),
        "integrator": dataclasses.asdict(problem.integrator),
        "segments": segments_table(problem.recipe.segments),
        "celsius_degC": problem.recipe.celsius_degC,
        "plan": told_plan(plan),
        "made_with": dict(made_with),
    }
    if own := problem.own_integrators:
        facts["own_integrators"] = {name: dataclasses.asdict(one) for name, one in own}
    if plan.stages:
        facts["stages"] = stage_facts(plan)
    if study.accuracy:
        facts["accuracy"] = study.accuracy
    return facts


def stage_facts(plan: SearchPlan) -> list[dict[str, Any]]:
    """Return where each stage begins, and whether the first of each generation alone competes."""
    begins: dict[str, int] = {}
    for segment in plan.segments:
        begins.setdefault(segment.stage, segment.begin)
    return [
        {"begin": begins[stage.name], "first": stage.search == LEAST_SQUARES}
        for stage in plan.stages
    ]


def told_plan(plan: SearchPlan) -> dict[str, Any]:
    """Return a plan for a ledger; what it does not have is not told, as it never was."""
    told = dataclasses.asdict(plan)
    unsaid = [name for name in ("begin", "stages", "racing") if not told[name]]
    return {name: one for name, one in told.items() if name not in unsaid}


def plan_told_by(facts: Mapping[str, Any]) -> SearchPlan:
    """Return the plan with which a run began."""
    return _PLAN.validate_python(facts["plan"])


def study_of(folder: Path, study: str | Path | None = None) -> tuple[Study, SearchPlan]:
    """Return the study of a run as it was when it began, and its plan.

    The plan has as many generations as were asked for last.

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
        found, plan = study_told_by(ledger.facts(), folder, study)
        return found, planned(folder, plan, ledger)


def begun_with(folder: Path) -> SearchPlan:
    """Return the plan with which the run of a folder began."""
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return plan_told_by(ledger.facts())


def study_told_by(
    facts: Mapping[str, Any], folder: Path, moved_to: str | Path | None = None
) -> tuple[Study, SearchPlan]:
    """Return the study and the plan with which a run began, as its facts tell them.

    Raises
    ------
    LedgerError
        If the study has changed since, or nothing tells whether it has, or it is neither where it
        was nor where it is said to be; or if the run was scored anew and cannot go on.
    """
    if why := foreign(facts.get("digest_version", 1)):
        raise LedgerError(
            f"{folder}: {why}. Go on with the workbench that began this run, of which its "
            "provenance.json tells, or start a new run with workbench fit"
        )
    if facts.get("evaluator"):
        raise LedgerError(
            f"{folder} is the fit of an evaluator, {facts['study']}: it has no study, and nothing "
            "but the evaluator's scores is known of it"
        )
    if facts.get("rescored"):
        raise LedgerError(
            f"{folder} holds the evaluations of {facts['rescored']} scored anew: its search was "
            "told other scores, and cannot go on. `workbench fit STUDY --from "
            f"{quoted(folder)}` begins another one with its best individuals"
        )
    if moved_to is None and not Path(facts["study"]).is_dir():
        raise LedgerError(
            f"the study of {folder} is no longer at {facts['study']}; tell where it is: `workbench "
            f"resume {quoted(folder)} --study FOLDER`"
        )
    study = as_it_ran(load_study(moved_to or Path(facts["study"])), facts)
    parts = study.problem.parts
    changed = [name for name, value in facts["parts"].items() if parts[name] != value]
    if changed:
        raise LedgerError(
            f"{folder}: {', '.join(changed)} of the study {facts['study']} changed after this run "
            "began; take the change back, or start a new run with workbench fit"
        )
    return study, plan_told_by(facts)


def as_it_ran(study: Study, facts: Mapping[str, Any]) -> Study:
    """Return a study with the integrators, segments and temperature of a run, and their worth."""
    own = facts.get("own_integrators", {})
    study = study.with_integrator(
        Integrator(**facts["integrator"]),
        tuple((name, Integrator(**one)) for name, one in own.items()),
    )
    study = study.with_segments(segments_from(SegmentsTable(**facts["segments"])))
    study = study.with_celsius(facts["celsius_degC"])
    return dataclasses.replace(study, accuracy=facts.get("accuracy", ""))


def as_begun(study: Study, folder: Path) -> Study:
    """Return a study as the run of a folder simulates it, if the study itself does not say how."""
    if study.says_how:
        return study
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return dataclasses.replace(as_it_ran(study, ledger.facts()), says_how=True)


def record_told_by(ledger: Ledger, folder: Path) -> Record:
    """Return the record of a run, whatever became of its study.

    Raises
    ------
    LedgerError
        If it is missing, damaged or of another run, or lacks what its study cannot tell.
    """
    facts = ledger.facts()
    record = read_provenance(folder, lambda: study_told_by(facts, folder)[0])
    if facts.get("problem") != record.problem.digest:
        raise LedgerError(
            f"{folder}: ledger.sqlite and provenance.json are of different problems; one of "
            "them was copied here from another run"
        )
    return record
