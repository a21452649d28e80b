"""Each way to compute, tried on a small cell: what runs here, not what should."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.builds import Report
from workbench.engines import Failure, Integrator, Job, adaptive_step, fixed_step
from workbench.engines.opening import compiled_for, proof, prove
from workbench.engines.tasks import simulate
from workbench.errors import EngineError, WorkbenchError
from workbench.morphology import parse_site
from workbench.protocols import Protocol, Recording
from workbench.studies import load_study
from workbench.workers import ProcessWorkers

_STUDY, _PARAMS = "pinsky_rinzel", "published"
_PROTOCOL = Protocol("trial", 1.0, recordings=(Recording("soma", parse_site("soma(0.5)")),))
_DT_ms = 0.025
_FARTHEST_mV = 0.01
WAYS: Mapping[str, Integrator] = {
    "default build": fixed_step(_DT_ms),
    "build for this processor": Integrator(dt_ms=_DT_ms, atol=None, native=True),
    "adaptive steps": adaptive_step(1e-3),
    "population engine": Integrator("population", atol=None, step_error_mV=1e-3),
    "CoreNEURON": fixed_step(_DT_ms, engine="coreneuron"),
}


@dataclass(frozen=True)
class Trial:
    """One way to compute: whether it works here, and what it did or why it does not."""

    way: str
    works: bool
    found: str


def try_ways(report: Report) -> Iterator[Trial]:
    """Simulate a small resting cell in every way, each in a child, and compare where it ends.

    Parameters
    ----------
    report
        Told in a sentence what takes long, and why a way falls back to another.
    """
    study = load_study(_STUDY)
    recipe = study.problem.cell(study.problem.row(study.values(_PARAMS)))
    first_mV: float | None = None
    for way, integrator in WAYS.items():
        try:
            compiled_for(recipe, integrator, report)
            job = Job(recipe, _PROTOCOL, integrator)
            prove([(_PARAMS, job)], report)
            last_mV = _last_mV(job)
            if first_mV is not None and not abs(last_mV - first_mV) < _FARTHEST_mV:
                raise EngineError(f"it ends at {last_mV:g} mV, but the first way at {first_mV:g}")
        except WorkbenchError as error:
            yield Trial(way, False, str(error))
            continue
        first_mV = last_mV if first_mV is None else first_mV
        proven = "".join(f"; {said}" for said in [proof([job])] if said)
        yield Trial(way, True, f"1 ms of {_STUDY} ends at {last_mV:.6f} mV{proven}")


def _last_mV(job: Job) -> float:
    with ProcessWorkers(1) as worker:
        [outcome] = simulate([job], worker)
    if isinstance(outcome, Failure):
        raise EngineError(str(outcome))
    return float(outcome["soma.v"].values[-1])
