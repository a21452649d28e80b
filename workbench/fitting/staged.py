"""The loop over the stages of a fit: each begins with the best individuals of the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations import Row
from workbench.evaluations.answered import Listener
from workbench.evaluations.ledger import Ledger
from workbench.fitting.barren import refuse_if_all_failed
from workbench.fitting.generations import evaluate_generation, run_generations
from workbench.fitting.least_squares import Posed, residuals_of, search_least_squares
from workbench.fitting.problem import Problem
from workbench.fitting.ranking import best_rows
from workbench.fitting.stages import LEAST_SQUARES, Segment, Stage, StageProblem, segments_of
from workbench.search import Search, make_search
from workbench.workers.task import Workers


@dataclass(frozen=True)
class Stages:
    """The stages of a fit, in the place of a search; the same seed, the same fit."""

    stages: tuple[Stage, ...]
    seed: int

    @property
    def population(self) -> int:
        """Of the stage that has the most."""
        return max(stage.population for stage in self.stages)


@dataclass(frozen=True)
class _Fit:
    """What all stages share."""

    problem: Problem
    workers: Workers
    ledger: Ledger
    listeners: Sequence[Listener]


@dataclass(frozen=True)
class _Beginning:
    """What a stage begins with: the best of the one before, and what any stage has varied yet."""

    best: tuple[Row, ...] = ()
    varied: frozenset[str] = frozenset()


def fit_stages(
    problem: Problem,
    stages: Stages,
    workers: Workers,
    ledger: Ledger,
    listeners: Sequence[Listener] = (),
) -> None:
    """Run all stages, from wherever the ledger stands.

    Each stage has its generations, one after the other; one that ends early leaves the rest of its
    numbers unused. What a stage begins with follows from the rows of the one before.

    Raises
    ------
    LedgerError
        If a search proposes other individuals than the ledger holds.
    AllFailed
        If every individual of a search's first generation failed in one way.
    """
    run = _Fit(problem, workers, ledger, listeners)
    segments = list(segments_of(stages.stages))
    posed = Posed(problem.objectives, problem.rule)
    beginning = _Beginning()
    following = [stage.begin for stage in stages.stages[1:]]
    for stage, wanted in zip(stages.stages, [*following, 0], strict=True):
        own, segments = segments[: stage.seeds], segments[stage.seeds :]
        for number, segment in enumerate(own):
            _run_segment(run, stage, segment, beginning, stages.seed, number)
        numbers = range(own[0].begin, own[-1].end)
        rows = (row for number in numbers for row in ledger.rows(number))
        best = tuple(best_of_stage(stage, posed, rows, wanted))
        beginning = _Beginning(best, beginning.varied | set(stage.free))


def best_of_stage(stage: Stage, posed: Posed, rows: Iterable[Row], most: int) -> list[Row]:
    """Return the best individuals of a stage, the best first, each parameter set once.

    By the sum of their scores; after least squares by what these made least.

    Parameters
    ----------
    posed
        The objectives of the whole fit.
    rows
        All rows of the stage, in their order.
    most
        How many there are at most.
    """
    competing = filter(stage.competes, rows)
    if stage.search != LEAST_SQUARES:
        return best_rows(competing, most)

    def misfit(row: Row) -> tuple[float, int, int]:
        residuals = np.concatenate(residuals_of(stage.targets, posed, row.evaluation))
        return float(np.square(residuals).sum()), row.generation, row.individual

    return best_rows(competing, most, misfit)


def _run_segment(
    run: _Fit, stage: Stage, segment: Segment, beginning: _Beginning, seed: int, number: int
) -> None:
    """Run one search of a stage: `number` says which of its seeds it has, from 0 on."""
    best = beginning.best
    least = stage.search == LEAST_SQUARES
    names = run.problem.parameter_names
    values = tuple(stage.others.get(name, 0.0) for name in names)
    if best:
        known = beginning.varied
        pairs = zip(names, best[0].parameters.tolist(), values, strict=True)
        values = tuple(found if name in known else other for name, found, other in pairs)
    problem = StageProblem(run.problem, stage, values, samples=least)
    if least:
        start = _starts(problem, beginning, seed, number + 1, centred=True)[number]
        _walk(run, problem, segment, start)
        return
    initial = _starts(problem, beginning, seed + number, len(best), centred=False)
    search = make_search(
        stage.search,
        len(problem.columns),
        len(problem.counted),
        stage.population,
        seed + number,
        initial=initial[: stage.population],
        bounds=[(p.low, p.high) if p.scale == "linear" else (0, 1) for p in problem.parameters],
        **stage.options,
    )
    assert isinstance(search, Search)
    span = range(segment.begin, segment.end)
    run_generations(problem, search, run.workers, run.ledger, span, run.listeners)


def _starts(
    problem: StageProblem, beginning: _Beginning, seed: int, count: int, *, centred: bool
) -> Floats:
    """Return rows of the unit cube, (count, s), to begin with: the best individuals come first.

    What no stage has varied yet is drawn from the seed, but in the first row it is what the stage
    before held it at, as far as its bounds allow; in the first stage of all it is the centre there,
    if `centred`.
    """
    rows = np.random.default_rng(seed).random((count, len(problem.columns)))
    if centred:
        rows[0] = 0.5
    varied = np.array([one.name in beginning.varied for one in problem.parameters])
    for place, individual in enumerate(beginning.best[:count]):
        # What is held at 0 or below has no place on a log scale: it begins at its lower bound.
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.nan_to_num(problem.unit(individual.parameters[None, :])[0], nan=0.0)
        rows[place] = np.where(varied | (place == 0), found, rows[place])
    return rows


def _walk(run: _Fit, problem: StageProblem, segment: Segment, start: Floats) -> None:
    """Walk to the least sum of squares; generations that it does not need are told as empty."""
    ledger, whole = run.ledger, problem.whole

    def told() -> int:
        last = ledger.last_state()
        return -1 if last is None else last[0]

    def evaluate(generation: int, unit: Floats) -> list[Floats]:
        rows = evaluate_generation(problem, unit, run.workers, ledger, generation, run.listeners)
        if generation > told():
            if generation == segment.begin:
                refuse_if_all_failed(ledger, generation)
            ledger.told(generation, b"")
        targets, posed = problem.stage.targets, Posed(whole.objectives, whole.rule)
        found = [residuals_of(targets, posed, row.evaluation) for row in rows]
        return [np.concatenate(one) for one in found]

    search_least_squares(start, evaluate, segment.begin, segment.end)
    for generation in range(told() + 1, segment.end):
        ledger.told(generation, b"")
