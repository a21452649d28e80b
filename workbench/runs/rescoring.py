"""A run's evaluations under other targets: nothing is simulated, and nothing is measured again."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.digests import foreign
from workbench.errors import InputError, LedgerError
from workbench.evaluations import Attempt, Entry, Evaluation, Ledger, Measure, Row
from workbench.fitting import Objective, Problem, best_row
from workbench.protocols import VoltageFile
from workbench.runs.best import write_best
from workbench.runs.facts import as_it_ran, facts_of, plan_told_by, record_told_by
from workbench.runs.folder import make_folder, quoted
from workbench.runs.provenance import planned, record_of, write_provenance
from workbench.runs.record import Record, RescoredRecord
from workbench.runs.record_aims import ObjectiveRecord
from workbench.runs.recordings import keep_recordings, kept_recordings, recordings_of
from workbench.runs.traces import holds
from workbench.studies import Study, load_study
from workbench.studies.several import spread

_MOST_LINES = 20


def rescore(
    folder: Path,
    out: Path | None = None,
    *,
    targets: Path | None = None,
    study: str | Path | None = None,
) -> Path:
    """Score all evaluations of a run anew in a new run folder, and return that.

    Means, standard deviations and the score rule may be others, and targets may be gone. An
    individual whose simulation failed has failed. The new run cannot go on, since its search was
    told other scores; it is read like any other, and a fit may begin from it.

    Parameters
    ----------
    out
        The new folder, by default one in ./runs.
    targets
        A file in place of the study's targets.toml.
    study
        Name or folder of the study, by default where it was when the run began.

    Raises
    ------
    InputError
        If a target is of what was not measured or in another window, or the study has mistakes.
    LedgerError
        If the run cannot be read, its cells would be others now, or there is a run in `out`.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        facts, record = ledger.facts(), record_told_by(ledger, folder)
        asked = _study(facts, folder, study)
        if targets is not None:
            asked = asked.with_targets(targets)
        asked.check_targets()
        for block in (asked.problem.block, record.problem.block):
            if block is not None:
                raise LedgerError(
                    f"{folder} cannot be scored anew with {block.name}: whom it checks depends on "
                    f"the scores, and it has to be simulated. {_advice(folder)}"
                )
        was = _as_it_was(asked, facts, record, folder)
        found = replace(was, problem=_under(was.problem, asked.problem, folder))
        out = out or Path("runs") / f"{found.name}-rescored-{datetime.now():%Y%m%d-%H%M%S}"
        make_folder(out)
        _write(ledger, found, was.problem, record, folder, out)
    return out


def _study(facts: Mapping[str, Any], folder: Path, study: str | Path | None) -> Study:
    if why := foreign(facts.get("digest_version", 1)):
        raise LedgerError(f"{folder}: {why}. Rescore it with the workbench that began this run")
    if facts.get("stages") or facts.get("evaluator"):
        raise LedgerError(
            f"{folder} cannot be scored anew: in a fit in stages not all targets were measured of "
            "all individuals, and of an evaluator's nothing but its scores is known"
        )
    if study is None and not Path(facts["study"]).is_dir():
        raise LedgerError(
            f"the study of {folder} is no longer at {facts['study']}; tell where it is: `workbench "
            f"rescore {quoted(folder)} --study FOLDER`"
        )
    return load_study(study or Path(facts["study"]))


def _as_it_was(study: Study, facts: Mapping[str, Any], record: Record, folder: Path) -> Study:
    """Return the study with all that the run simulated and measured.

    Raises
    ------
    LedgerError
        If it would simulate or measure anything else now.
    """
    told, recorded = record.problem, kept_recordings(folder, record.problem)
    names = [parameter.name for parameter in told.parameters]
    if sorted(study.problem.parameter_names) != sorted(names):
        raise LedgerError(
            f"{folder} has the free parameters {', '.join(names)}, and the study {study.folder} "
            f"now {', '.join(study.problem.parameter_names)}. {_advice(folder)}"
        )
    everywhere, _ = spread(study.problem.morphologies, study.protocols, (), "mean")
    known = {protocol.name: protocol for protocol in everywhere}
    problem = replace(
        study.problem,
        parameters=told.parameters,
        protocols=tuple(known.get(p.name) or study.protocol(p.name) for p in told.protocols),
        objectives=tuple(_objective(one, study.problem, recorded) for one in told.objectives),
        rule=told.rule,
        penalties=told.penalties,
        own_integrators=(),
    )
    was = as_it_ran(replace(study, problem=problem), facts)
    parts = was.problem.parts
    changed = [n for n, value in facts["parts"].items() if parts[n] != value and n != "parameters"]
    if changed == ["targets"]:
        raise LedgerError(
            f"{folder} does not tell with which of eFEL's settings its features were measured, and "
            f"those of the study {study.folder} were others. {_advice(folder)}"
        )
    if changed:
        raise LedgerError(
            f"{', '.join(changed)} of the study {study.folder} changed since {folder} was "
            f"simulated. {_advice(folder)}"
        )
    return replace(was, accuracy=record.study.accuracy)


def _objective(
    told: ObjectiveRecord, now: Problem, recorded: Mapping[str, VoltageFile]
) -> Objective:
    """Return an objective of the run; where its settings are not told, with those of now."""
    was = told.value(recorded)
    if told.settings is None:
        for one in now.objectives:
            if one.name == was.name:
                window = replace(was.window, settings=one.window.settings)
                return replace(was, window=window)
    return was


def _under(was: Problem, now: Problem, folder: Path) -> Problem:
    """Return the problem of a run with the targets of now.

    Raises
    ------
    InputError
        If one of them was not measured; all of them, a line each.
    """
    wrong = [line for one in now.objectives if (line := _why_not(one, was))]
    wrong += [f"{name} are others now" for name in _other_penalties(was, now)]
    if wrong:
        more = [f"and {len(wrong) - _MOST_LINES} more"] * (len(wrong) > _MOST_LINES)
        lines = [*wrong[:_MOST_LINES], *more, f"Leave them out of the targets. {_advice(folder)}"]
        raise InputError("\n".join([f"{folder} cannot be scored anew:", *lines]))
    names = [protocol.name for protocol in now.protocols]
    return replace(
        was,
        protocols=now.protocols,
        objectives=now.objectives,
        rule=now.rule,
        penalties=now.penalties,
        own_integrators=tuple(one for one in was.own_integrators if one[0] in names),
    )


def _other_penalties(was: Problem, now: Problem) -> list[str]:
    """Return the penalties that are not those of the run: what they gave stands in its ledger."""
    aimed_at = {protocol.name for protocol in now.protocols}
    before = {one.name: one for one in was.penalties if one.protocol in aimed_at}
    after = {one.name: one for one in now.penalties}
    return [name for name in before | after if before.get(name) != after.get(name)]


def _why_not(one: Objective, was: Problem) -> str:
    """Return why a run does not hold the values of an objective, or nothing if it does."""
    other_windows = ""
    for other in was.objectives:
        if _measure(other) == _measure(one):
            pairs = zip(one.operands, other.operands, strict=True)
            differing = [(p, q) for p, q in pairs if _how(p) != _how(q)]
            if not differing:
                return ""
            now, then = differing[0]
            other_windows = (
                f"{one.name} was measured {_words(then)}, and is now asked {_words(now)}"
            )
    simulated = [protocol.name for protocol in was.protocols]
    for protocol in one.protocols:
        if protocol not in simulated:
            return f"{one.name}: the protocol {protocol} was not simulated"
    return other_windows or f"{one.name} was not measured"


def _measure(one: Objective) -> tuple[object, ...]:
    plain = [(part.protocol, part.recordings, part.feature) for part in one.operands]
    return (*plain, one.over is not None)


def _how(one: Measure) -> tuple[object, ...]:
    return one.window, one.against, one.train


def _words(one: Measure) -> str:
    window = one.window
    more = "".join(f", {name} = {value}" for name, value in window.settings.items())
    to = one.against or one.train
    beside = "" if to is None else f" against {to}"
    return f"in {window} ms{beside} with threshold_mV = {window.threshold_mV:g}{more}"


def _advice(folder: Path) -> str:
    return (
        "What was not measured has to be simulated: `workbench fit STUDY --from "
        f"{quoted(folder)}` begins with the best individuals"
    )


def _write(
    ledger: Ledger, study: Study, was: Problem, record: Record, folder: Path, out: Path
) -> None:
    facts = ledger.facts()
    plan = planned(folder, plan_told_by(facts), ledger)
    whence = str(folder.absolute())
    new_facts = {**facts_of(study, plan, facts.get("made_with", {})), "rescored": whence}
    kept = {"sessions": record.sessions, "software": record.software, "machine": record.machine}
    rescored = RescoredRecord(
        run=whence, problem=record.problem.digest, targets=str(study.targets.absolute())
    )
    new = record_of(study, plan, new_facts).model_copy(
        update={**kept, "git": record.git, "rescored": rescored}
    )

    def write_record() -> None:
        keep_recordings(out, recordings_of(study.asking_all()))
        write_provenance(out, new)

    with Ledger.create(out / "ledger.sqlite", new_facts, before=write_record) as copy:
        copy.extend(_entries(ledger, _scoring(was, study.problem)))
        for generation, _ in ledger.told_at():
            copy.told(generation, b"")
        best = best_row(copy.rows())
    write_best(out, new, best)
    traces = Path("traces") / "best.npz"
    if best is not None and holds(folder / traces, best):
        (out / traces).parent.mkdir(exist_ok=True)
        shutil.copyfile(folder / traces, out / traces)


def _scoring(was: Problem, now: Problem) -> Callable[[Row], Row]:
    """Return what scores a row of one problem as one of another with fewer measures."""
    places = {_measure(one): place for place, one in enumerate(was.objectives)}
    chosen = [places[_measure(one)] for one in now.objectives]

    def scored(row: Row) -> Row:
        measured = row.evaluation.measured
        evaluation = Evaluation(tuple(measured[i] for i in chosen), row.evaluation.status)
        return replace(row, evaluation=evaluation, scores=now.score(evaluation))

    return scored


def _entries(ledger: Ledger, scored: Callable[[Row], Row]) -> Iterator[Entry]:
    """Yield all attempts in the order in which they ended, with the rows that came of them."""
    rows = ledger.rows_as_written()
    for said in ledger.attempts():
        attempt = Attempt(
            said["worker"], said["seconds"], said["outcome"], said["ended_at"], said["asked_after"]
        )
        row = scored(next(rows)) if said["checksum"] else None
        yield Entry(said["generation"], said["individual"], attempt, row)
