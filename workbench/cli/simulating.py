"""The verbs `simulate` and `score`."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.calibration import checked_here
from workbench.cli import placing
from workbench.cli.options import bindings_of, pairs
from workbench.cli.printing import (
    FEATURE_COLUMNS,
    console,
    feature_cells,
    notes,
    print_json,
    print_table,
)
from workbench.cli.tables import writer_for
from workbench.engines import Failure
from workbench.engines.tasks import simulate as run_jobs
from workbench.errors import InputError, StudyError
from workbench.evaluations import Simulated, in_rounds, simulated
from workbench.features import Missing
from workbench.protocols import FOUND, REDUCTIONS, Mapped, Protocol, Traces
from workbench.recordings.writers.nwb import write_sweeps
from workbench.runs import evaluate, prepare, with_params
from workbench.runs.table import spread
from workbench.studies import EngineChoice, Study, load_study, with_engine
from workbench.workers import ProcessWorkers


@dataclass(frozen=True)
class Asked:
    """The study that is meant, values of its parameters, and of several morphologies which."""

    study: str
    params: str | None
    changes: list[str]
    morphology: str | None


def simulate(
    asked: Asked,
    protocols: list[str],
    bindings: list[str],
    out: Path | None,
    written: Mapping[str, float | None],
    engine: EngineChoice,
    as_json: bool,
) -> None:
    """Simulate protocols of a study and print or write what came out."""
    if out is not None and out.suffix not in (".csv", ".npz", ".nwb"):
        raise InputError(f"--out {out}: the ending says the format; allowed: .csv, .npz, .nwb")
    of_sweeps: dict[str, Any] = {n: one for n, one in written.items() if one is not None}
    if of_sweeps and (out is None or out.suffix != ".nwb"):
        names = ", ".join(f"--{name.partition('_')[0]}" for name in of_sweeps)
        raise InputError(f"{names}: these are of sweeps; write them with --out FILE.nwb")
    study, values = _meant(asked, engine)
    study = study.on_morphology(asked.morphology)
    recipe = study.problem.recipe.with_values(values)
    chosen = [study.protocol(p) for p in dict.fromkeys(protocols)] or list(study.protocols)
    chosen = [p.with_parameters(bindings_of(bindings)) for p in chosen]
    if out is not None and out.suffix == ".csv" and len(chosen) > 1:
        raise InputError("a CSV holds one protocol; name it with --protocol, or write a .npz")
    prepare(_with_only(study, chosen), notes.print)
    plan = simulated(recipe, chosen, study.problem.integrator_of)
    with ProcessWorkers(min(len(chosen), 2)) as workers:
        [found] = in_rounds([plan], lambda jobs: run_jobs(jobs, workers))
    traces = []
    for protocol_name, outcome in found.outcomes.items():
        if isinstance(outcome, Missing):
            raise StudyError(f"{protocol_name}: {outcome.reason}")
        if isinstance(outcome, Failure):
            raise StudyError(f"{protocol_name}: {outcome}")
        traces.append(outcome)
    on_cell = list(_on_cell(found, chosen))
    if out is not None:
        if out.suffix == ".nwb":
            runs = list(zip(found.protocols, traces, strict=True))
            write_sweeps(out, study.name, runs, **of_sweeps)
        else:
            _write(out, traces)
        notes.print(f"wrote {out}")
        _write_maps(out, traces)
        placing.write_beside(out.with_suffix(".placements.csv"), placing.rows_of(recipe))
    summary = [_summary(one, name) for one in traces for name in one]
    maps = [(one.protocol, name, found) for one in traces for name, found in one.maps.items()]
    if as_json:
        told = [{"protocol": p, "map": name, "rows": _rows(found)} for p, name, found in maps]
        said = {"study": study.name, "params": asked.params, "recordings": summary, "maps": told}
        print_json(said | ({"found": on_cell} if on_cell else {}))
    elif out is None:
        columns = ["protocol", "recording", ">samples", ">first", ">lowest", ">highest", ">last"]
        keys = ("first", "lowest", "highest", "last")
        print_table(
            columns,
            [
                [s["protocol"], s["recording"], str(s["samples"]), *(f"{s[k]:.4g}" for k in keys)]
                for s in summary
            ],
        )
        if on_cell:
            print_table(
                ["protocol", "found on the cell", ">value"],
                [[s["protocol"], s["what"], _digits(s["value"])] for s in on_cell],
            )
        if maps:
            columns = ["protocol", "map", "kept", *(f">{name}" for name in REDUCTIONS)]
            print_table(
                columns,
                [
                    [p, name, word, *(f"{found.reduced(word, r):.4g}" for r in REDUCTIONS)]
                    for p, name, found in maps
                    for word in found.words
                ],
            )


def _on_cell(found: Simulated, asked: Sequence[Protocol]) -> Iterator[dict[str, Any]]:
    """Yield what was found on the cell, and the currents that came of it."""
    for before, now in zip(asked, found.protocols, strict=True):
        for feature, value in found.found.get(now.name, {}).items():
            number = None if isinstance(value, Missing) else float(value.mean())
            yield {"protocol": now.name, "what": f"{feature} ({FOUND[feature]})", "value": number}
        for name, sought in before.sought.items():
            value_nA = now.parameters[name]
            yield {"protocol": now.name, "what": f"{name} (nA): {sought}", "value": value_nA}


def _digits(number: float | None) -> str:
    return "none" if number is None else f"{number:.4g}"


def score(asked: Asked, engine: EngineChoice, as_json: bool) -> None:
    """Score a parameter set of a study, on all of its morphologies unless one is named."""
    study, values = _meant(asked, engine)
    if asked.morphology is not None:
        study = study.on_morphology(asked.morphology)
    problem = study.problem
    evaluation = evaluate(study, values, notes.print)
    scores = problem.score(evaluation)
    names = [objective.name for objective in problem.objectives]
    if as_json:
        measured = dict(zip(names, evaluation.measured, strict=True))
        print_json(
            {
                "study": study.name,
                "params": asked.params,
                "integrator": problem.integration,
                "status": evaluation.status,
                "scores": dict(zip(names, scores.tolist(), strict=True)),
                "values": {
                    n: [] if isinstance(m, Missing) else m.tolist() for n, m in measured.items()
                },
                "reasons": {n: m.reason for n, m in measured.items() if isinstance(m, Missing)},
                "sum": float(scores.sum()),
            }
        )
        return
    rows = []
    for objective, found, distance in zip(
        problem.objectives, evaluation.measured, scores.tolist(), strict=True
    ):
        rows.append(
            feature_cells(
                objective.name,
                objective.target,
                None if isinstance(found, Missing) else float(found.mean()),
                "" if isinstance(found, Missing) else spread(found),
                found.reason if isinstance(found, Missing) else "",
                distance,
            )
        )
    print_table(FEATURE_COLUMNS, rows)
    console.print(f"sum {scores.sum():.3f}  ({problem.integration})")


def _with_only(study: Study, protocols: Sequence[Protocol]) -> Study:
    """Return the study with these protocols and no targets: what is judged before it is run."""
    names = [protocol.name for protocol in protocols]
    own = tuple(one for one in study.problem.own_integrators if one[0] in names)
    problem = replace(
        study.problem,
        protocols=tuple(protocols),
        objectives=(),
        own_integrators=own,
        penalties=(),
        block=None,
    )
    return replace(study, problem=problem, aims=replace(study.aims, held_out=()))


def _meant(asked: Asked, engine: EngineChoice) -> tuple[Study, dict[str, float]]:
    """Return a study as it is to be simulated, and the value of each free parameter."""
    study, values = with_params(load_study(asked.study), asked.params)
    study = with_engine(study, engine, "--", checked_here)
    values |= pairs(asked.changes, "--set")
    missing = [n for n in study.problem.parameter_names if n not in values]
    if missing:
        sets = ", ".join(study.published) or "none"
        raise StudyError(
            f"{study.name}: no value for {', '.join(missing)}; give --params with a parameter set "
            f"of the study ({sets}), a JSON file or a run folder, or --set NAME=VALUE"
        )
    return study, values


def _summary(traces: Traces, name: str) -> dict[str, Any]:
    values = traces[name].values
    return {
        "protocol": traces.protocol,
        "recording": name,
        "samples": int(values.size),
        "first": float(values[0]),
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "last": float(values[-1]),
    }


def _rows(found: Mapped) -> list[dict[str, Any]]:
    columns = [np.asarray(column).tolist() for column in found.columns.values()]
    return [dict(zip(found.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _write_maps(out: Path, traces: Sequence[Traces]) -> None:
    """Write a CSV for each map, beside the traces."""
    for one in traces:
        for name, found in one.maps.items():
            protocol = f".{one.protocol}" if len(traces) > 1 else ""
            path = out.with_suffix(f"{protocol}.{name}.csv")
            writer_for(None)(path, _rows(found))
            notes.print(f"wrote {path}")


def _write(path: Path, traces: list[Traces]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial{path.suffix}")
    try:
        (_write_csv if path.suffix == ".csv" else _write_npz)(partial, traces)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _write_csv(path: Path, traces: list[Traces]) -> None:
    [one] = traces
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["t_ms", *one])
        writer.writerows(
            [repr(x) for x in row]
            for row in np.column_stack([one.t_ms, *one.recorded.values()]).tolist()
        )


def _write_npz(path: Path, traces: list[Traces]) -> None:
    arrays = {f"{one.protocol}/t_ms": one.t_ms for one in traces}
    for one in traces:
        arrays |= {f"{one.protocol}/{name}": values for name, values in one.recorded.items()}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
