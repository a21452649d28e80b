"""The verb `calibrate`."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.calibration import PAIRS, Calibration, Measured, calibrate, write_calibration
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import InputError
from workbench.studies import CALIBRATION, load_study
from workbench.studies.notes import notes_of
from workbench.workers import ProcessWorkers, Stop


def run(
    name: str,
    budget_SD: float,
    each: int | None,
    seed: int,
    keep_segments: bool,
    workers: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure what settings cost and are worth, choose one and write it down.

    Raises
    ------
    InputError
        If the file cannot be written.
    NotCalibrated
        If too few individuals do what the targets ask.
    StoppedEarly
        If a signal came; what was simulated is kept.
    """
    with (
        Stop().on_signals() as stop,
        stop.at_once("while calibrating: what was simulated is kept, and the same command goes on"),
    ):
        _calibrate(name, budget_SD, each, seed, keep_segments, workers, out, as_json, stop)


def _calibrate(
    name: str,
    budget_SD: float,
    each: int | None,
    seed: int,
    keep_segments: bool,
    workers: int,
    out: Path | None,
    as_json: bool,
    stop: Stop,
) -> None:
    study = load_study(name)
    study.check_targets()
    path = out or study.folder / CALIBRATION
    try:
        path.touch()
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); name a file with --out"
        ) from None
    if not path.stat().st_size:
        path.unlink()
    for note in notes_of(study.problem):
        notes.print(f"note: {note}")
    found = calibrate(
        study,
        lambda: ProcessWorkers(workers, stop=stop),
        notes.print,
        budget_SD=budget_SD,
        each=each,
        seed=seed,
        keep_segments=keep_segments or study.fit.keep_segments,
    )
    write_calibration(found, path)
    if as_json:
        print_json([_entry(found, one) for one in found.tried])
        return
    _print(found)
    console.print(f"written: {path}; `workbench fit {name} --engine auto` uses it")


def _print(found: Calibration) -> None:
    errors = [">error (95 %)", f">beyond {found.budget_SD:g} SD", ">of those that do", ">beyond"]
    columns = ["setting", ">segments", ">s", *errors, ""]
    rows = [_cells(found, one, "chosen" if one is found.chosen else "") for one in found.tried]
    rows.append(_cells(found, found.check, "the choice, unseen individuals"))
    doing = int(found.chosen.doing.sum())
    title = (
        f"{found.study.title}: {len(found.sample)} individuals, {doing} of which do what the "
        f"targets ask; {int(found.check.doing.sum())} of {len(found.check.doing)} unseen ones do"
    )
    print_table(columns, rows, title)
    _print_protocols(found)
    console.print(
        f"{found.unsettled} of {found.pairs} pairs of individual and feature have no converged "
        "value and are not counted",
    )
    if found.unsettled == found.pairs:
        _warn(
            "no value has converged",
            ": nothing says how exact a setting is; the study's own is taken",
        )
    elif not found.chosen.keeps(found.budget_SD):
        _warn("no setting that was tried keeps the budget", "; the most exact is taken")
    elif found.check.lost:
        _warn("the choice loses unseen individuals", f": {'; '.join(found.check.lost)}")
    elif not found.check.keeps(found.budget_SD):
        _warn(
            "the choice does not keep the budget on the unseen individuals",
            ": take more of them (--each) or choose within a smaller budget (--budget)",
        )
    elif (pairs := found.check.of_doing.known) < PAIRS:
        _warn(
            f"{pairs} values of unseen individuals that do what the targets ask are few",
            f": with fewer than {PAIRS}, 5 % of all may well be beyond the budget although none of "
            "these is; take more (--each)",
        )


def _warn(what: str, words: str) -> None:
    console.print(what, end="", style="red")
    console.print(words)


def _print_protocols(found: Calibration) -> None:
    problem, chosen = found.study.problem, found.chosen
    own = dict(chosen.setting.own_integrators)
    rows = []
    for protocol, seconds in zip(problem.protocols, chosen.seconds_each, strict=True):
        mine = [protocol.name in o.protocols for o in problem.objectives]
        part = replace(chosen, errors_SD=chosen.errors_SD[:, mine])
        integrator = own.get(protocol.name, chosen.setting.integrator)
        numbers = _numbers(part, found.budget_SD)
        rows.append([protocol.name, str(integrator), f"{seconds:.3g}", *numbers])
    columns = ["protocol", "integrator", ">s", ">error (95 %)", f">beyond {found.budget_SD:g} SD"]
    print_table(columns, rows, "The choice by protocol")


def _numbers(one: Measured, budget_SD: float) -> list[str]:
    if math.isnan(one.beyond(budget_SD)):
        return ["unknown", "unknown"]
    return [f"{one.quantile_SD():.3f} SD", f"{100 * one.beyond(budget_SD):.1f} %"]


def _cells(found: Calibration, one: Measured, remark: str) -> list[str]:
    return [
        str(one.setting),
        str(one.segments),
        f"{one.seconds:.3g}",
        *_numbers(one, found.budget_SD),
        *_numbers(one.of_doing, found.budget_SD),
        f"loses {len(one.lost)}" if one.lost else remark,
    ]


def _entry(found: Calibration, one: Measured) -> dict[str, Any]:
    return {
        "setting": str(one.setting),
        "segments": one.segments,
        "seconds": one.seconds,
        "seconds_by_protocol": dict(
            zip((p.name for p in found.study.problem.protocols), one.seconds_each, strict=True)
        ),
        "quantile95_SD": one.quantile_SD(),
        "share_beyond": one.beyond(found.budget_SD),
        "doing": int(one.doing.sum()),
        "quantile95_SD_doing": one.of_doing.quantile_SD(),
        "share_beyond_doing": one.of_doing.beyond(found.budget_SD),
        "lost": list(one.lost),
        "chosen": one is found.chosen,
    }
