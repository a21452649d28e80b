"""No number of this engine before it has been compared with NEURON.

What is proven is a kernel for the cells of a frame, which differ in numbers alone, under protocols
of the same kinds of stimuli and recordings.
"""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench import resources
from workbench.arrays import Floats
from workbench.builds import Report
from workbench.builds.building import alone
from workbench.caching import keep, recall
from workbench.digests import digest
from workbench.engines.job import Failure, Integrator, Job, Outcome
from workbench.engines.population.differences import (
    Difference,
    compare,
    worst,
)
from workbench.engines.population.engine import PopulationEngine, key_of
from workbench.engines.population.frame import frame_of
from workbench.engines.population.scouting import SCOUTS, Candidate, loaded_by, picked
from workbench.engines.population.suspects import each_alone
from workbench.errors import EngineError, WorkbenchError

if TYPE_CHECKING:
    from workbench.workers.task import Workers

SIMULATIONS = 6
"""For one kind of protocols; where there are several, at least two for each."""

TIGHT_mV = 1e-4
PRECISE = Integrator(atol=1e-6, steps_per_ms=5000)
_ROUNDED = 10.0
"""How many times the limits single precision may be off, where double precision is right."""

_TIGHTER = 100.0
"""What is beyond the limits is run again with errors so much smaller: those of an integrator go."""

_PROCESSES = 2

Compared = dict[str, Difference] | str
"""How far each recording is from NEURON's, or why that is not known."""

Kind = tuple[str, ...]
"""What jobs have in common for which one proof holds."""


@dataclass(frozen=True)
class Proof:
    """What the comparison found.

    Attributes
    ----------
    simulations, firing
        How many were compared, and in how many of them the cell fires.
    mV, ms
        The largest difference of a voltage before the first spike, and of a spike's time.
    refusal
        What differs beyond the integrators' errors; "" if nothing does.
    offered
        Of how many simulations they were chosen.
    """

    simulations: int = 0
    firing: int = 0
    mV: float = 0.0
    ms: float = 0.0
    refusal: str = ""
    offered: int = 0

    def __str__(self) -> str:
        return (
            f"proven against NEURON: {_number(self.simulations)}, {self.firing} with spikes, "
            f"largest difference {self.mV:.2g} mV, {self.ms:.2g} ms"
        )


class ProvenEngine:
    """The engine, for jobs of kinds that are proven; what is not yet is proven on these jobs."""

    def __init__(self, engine: PopulationEngine) -> None:
        self._engine = engine
        self._proven: set[Kind] = set()

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run the jobs; the answer holds one outcome a job, in their order.

        Raises
        ------
        EngineError
            If it cannot compute them, or does not compute them as NEURON does.
        """
        new = [job for job in jobs if kind_of(job) not in self._proven]
        if new:
            named = [Candidate(f"simulation {n + 1}", job) for n, job in enumerate(new)]
            prove(named, self._engine.report, more=False)
            self._proven |= {kind_of(job) for job in new}
        return self._engine(jobs)


def kind_of(job: Job) -> Kind:
    """Return what of a job a proof depends on."""
    protocol = job.protocol
    stimuli = sorted({type(one).__name__ for one in (*protocol.stimuli, *protocol.events)})
    variables = sorted({one.variable for one in protocol.recordings})
    own = [name for name in ("celsius_degC", "v_init_mV") if getattr(protocol, name) is not None]
    how = "GPU" if job.integrator.gpu else job.integrator.precision
    return (job.recipe.frame, *stimuli, "", *variables, "", *own, how)


def prove(
    candidates: Sequence[Candidate],
    report: Report | None = None,
    workers: "Workers | None" = None,
    *,
    more: bool = True,
) -> Proof:
    """Compare the engine with NEURON on some of these simulations, unless that has been done.

    Quiet ones and firing ones are taken, short ones whole. `report` is told what takes long;
    `workers` simulate, or else child processes. With `more` it is done again where it was done on
    fewer than there are now to choose from.

    Raises
    ------
    EngineError
        If it does not compute what NEURON computes, with what differs.
    """
    found = proofs(candidates, report, workers, more=more).values()
    for proof in found:
        if proof.refusal:
            raise EngineError(proof.refusal)
    return together(found)


def proofs(
    candidates: Sequence[Candidate],
    report: Report | None = None,
    workers: "Workers | None" = None,
    *,
    more: bool = True,
) -> dict[Kind, Proof]:
    """Return what comparing has found for each kind of these simulations, as `prove`."""
    kinds: dict[Kind, list[Candidate]] = {}
    for one in candidates:
        kinds.setdefault(kind_of(one.job), []).append(one)
    each = max(2, SIMULATIONS // max(1, len(kinds)))
    said = report or _silent
    return {kind: _proof(kind, those, each, said, workers, more) for kind, those in kinds.items()}


def known(jobs: Iterable[Job]) -> Proof | None:
    """Return the proof of some jobs, None if any is not proven here."""
    kinds = {kind_of(job): job for job in jobs}
    found = [_kept(_file(kind, job, _silent)) for kind, job in kinds.items()]
    whole = [one for one in found if one is not None]
    return together(whole) if whole and len(whole) == len(found) else None


def together(several: Collection[Proof]) -> Proof:
    """Return what several proofs say together."""
    return Proof(
        sum(one.simulations for one in several),
        sum(one.firing for one in several),
        max((one.mV for one in several), default=0.0),
        max((one.ms for one in several), default=0.0),
    )


def _file(kind: Kind, job: Job, report: Report) -> Path:
    kernel = key_of(frame_of(job.recipe), job.integrator, report)
    return _folder() / f"{digest((kernel, kind, TIGHT_mV, PRECISE))}.json"


def _folder() -> Path:
    return resources.cache_folder() / "proofs"


def _kept(file: Path) -> Proof | None:
    return recall(file, lambda told: Proof(**told))


def _proof(
    kind: Kind,
    candidates: Sequence[Candidate],
    count: int,
    report: Report,
    workers: "Workers | None",
    more: bool,
) -> Proof:
    offered = min(len(candidates), SCOUTS)
    file = _file(kind, candidates[0].job, report)

    def enough(found: Proof | None) -> bool:
        if found is None or found.refusal or not more:
            return found is not None
        return found.simulations >= count or found.offered >= offered

    found = _kept(file)
    if not enough(found):
        waiting = "another process checks the population engine against NEURON; waiting for it"
        with alone(f"proof-{file.stem}", waiting, report):
            found = _kept(file)
            if not enough(found):
                found = replace(_tried(candidates, count, report, workers), offered=offered)
                # Cells of which none comes to its end say nothing of others.
                if found.simulations:
                    if not found.refusal:
                        report(str(found))
                    with suppress(OSError):
                        keep(file, asdict(found))
    assert found is not None
    return found


def _tried(
    candidates: Sequence[Candidate], count: int, report: Report, workers: "Workers | None"
) -> Proof:
    from workbench.engines.neuron import build_for
    from workbench.workers import ProcessWorkers

    build_for(candidates[0].job.recipe, PRECISE, report)
    if workers is not None:
        return _found(workers, candidates, count, report)
    with ProcessWorkers(min(_PROCESSES, os.cpu_count() or 1)) as pool:
        return _found(pool, candidates, count, report)


def _found(
    workers: "Workers", candidates: Sequence[Candidate], count: int, report: Report
) -> Proof:
    chosen = picked(workers, candidates, count)
    if not chosen:
        return Proof()
    report(f"checking the population engine against NEURON: {_number(len(chosen))}")
    found = _compared(workers, chosen, 1.0)
    doubtful = [n for n, said in enumerate(found) if not _is_within(said)]
    if doubtful:
        report(f"checking again with smaller steps what differs: {_number(len(doubtful))}")
        again = _compared(workers, [chosen[n] for n in doubtful], _TIGHTER)
        for n, said in zip(doubtful, again, strict=True):
            # What only double precision shows to be right must be nearly right in single.
            single = chosen[n].job.integrator.precision == "single"
            found[n] = found[n] if single and not _is_within(found[n], _ROUNDED) else said
    return _judged(workers, chosen, found)


def _number(simulations: int) -> str:
    return f"{simulations} simulation{'s' * (simulations != 1)}"


@dataclass(frozen=True)
class _Comparing:
    """A job, by its number, to how far the two engines are apart, or why that is not known."""

    jobs: tuple[Job, ...]
    finer: float

    @property
    def digest(self) -> str:
        return digest(("comparing", self.finer, self.jobs))

    @property
    def loads(self) -> str:
        return loaded_by(self.jobs)

    def open(self) -> Callable[[Floats], Compared]:
        from workbench.engines.neuron import engine_for

        precise = replace(PRECISE, atol=1e-6 / self.finer)
        neuron, population = engine_for(self.jobs[0].recipe, precise), PopulationEngine()
        for suffix in self.jobs[0].recipe.suffixes:
            # The equations are compared, not how coarse a file lets NEURON interpolate them.
            if hasattr(neuron.h, f"usetable_{suffix}"):
                setattr(neuron.h, f"usetable_{suffix}", 0)

        def compared(row: Floats) -> Compared:
            job = self.jobs[int(row[0])]
            tight = replace(
                job.integrator,
                step_error_mV=TIGHT_mV / self.finer,
                steps_per_ms=PRECISE.steps_per_ms,
                # Rounding is one of the errors that go.
                precision=job.integrator.precision if self.finer == 1 else "double",
            )
            try:
                [true] = neuron([replace(job, integrator=precise)])
            except EngineError as error:
                return f"NEURON cannot tell: {error}"
            if isinstance(true, Failure):
                return f"in NEURON, with CVODE {precise.atol:g}: {true}"
            [found] = population([replace(job, integrator=tight)])
            return str(found) if isinstance(found, Failure) else compare(true, found)

        return compared


def _compared(workers: "Workers", chosen: Sequence[Candidate], finer: float) -> list[Compared]:
    task = _Comparing(tuple(one.job for one in chosen), finer)
    answers = workers.run(task, np.arange(len(chosen), dtype=float)[:, None])
    found: dict[int, Compared] = {}
    for answer in answers:
        if answer.lost and not answer.again:
            # Perhaps somebody killed it: that is no verdict to be kept.
            raise EngineError(
                "the population engine could not be compared with NEURON: "
                f"{chosen[answer.row].job.protocol.name}, {chosen[answer.row].name}: "
                f"{answer.lost}; try again, or choose engine = 'neuron'"
            )
        found[answer.row] = answer.value
    return [found[n] for n in range(len(chosen))]


def _is_within(said: Compared, times: float = 1.0) -> bool:
    return not isinstance(said, str) and worst(said.values()).is_within(times)


def _judged(workers: "Workers", chosen: Sequence[Candidate], found: Sequence[Compared]) -> Proof:
    wrong = [pair for pair in zip(chosen, found, strict=True) if not _is_within(pair[1])]
    refusal = ""
    if wrong:
        one, said = wrong[0]
        more = f"; so are {len(wrong) - 1} more of {len(found)}" if len(wrong) > 1 else ""
        what = said if isinstance(said, str) else worst(said.values())
        refusal = (
            f"{one.job.recipe.name}: the population engine does not compute what NEURON computes: "
            f"{one.job.protocol.name}, {one.name}: {what}{more}{_suspected(workers, one)}; choose "
            "engine = 'neuron'"
        )
    differences = [worst(said.values()) for said in found if not isinstance(said, str)]
    return Proof(
        len(found),
        sum(one.spikes[0] > 0 for one in differences),
        max((one.mV for one in differences), default=0.0),
        max((one.ms for one in differences), default=0.0),
        refusal,
    )


def _suspected(workers: "Workers", one: Candidate) -> str:
    """Return which mechanisms differ by themselves, as far as that can be found."""
    try:
        alone = each_alone(one.job)
        [said] = _compared(workers, [Candidate("", alone)], _TIGHTER) if alone else [""]
    except WorkbenchError:
        return ""
    if isinstance(said, str):
        return ""
    wrong = {name.removesuffix(".v"): each for name, each in said.items() if not each.is_within()}
    if not wrong:
        return "; by itself no mechanism differs"
    several = ", ".join(
        f"{name} ({str(each).partition(' at ')[0]})" for name, each in wrong.items()
    )
    return f"; by themselves differ {several}"


def _silent(sentence: str) -> None:
    """Report to nobody."""
