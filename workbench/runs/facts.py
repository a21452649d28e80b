"""What identifies a run, in its ledger: study, problem and plan, and how they are found again."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.digests import DIGEST_VERSION, foreign
from workbench.engines import Integrator
from workbench.errors import LedgerError
from workbench.evaluations import Ledger
from workbench.runs.folder import quoted
from workbench.runs.provenance import read_provenance
from workbench.runs.record import Record
from workbench.studies import SearchPlan, Study, load_study
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from
from workbench.studies.setting import segments_table


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
        "plan": dataclasses.asdict(plan),
        "made_with": dict(made_with),
    }
    if own := problem.own_integrators:
        facts["own_integrators"] = {name: dataclasses.asdict(one) for name, one in own}
    return facts


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
