"""Several morphologies with one parameter set, and races that change nothing of a search."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.unit.fitting.test_loop import table
from workbench.errors import StudyError
from workbench.evaluations import BEATEN, Evaluation, Ledger
from workbench.features import Missing, Window
from workbench.fitting import Evaluator, Objective, ScoreRule, best_row, fit
from workbench.fitting.evaluator import RaceTask, Racing
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces
from workbench.runs.morphologies import sums_SD
from workbench.search import RACING, make_search
from workbench.studies.several import spread
from workbench.workers.task import Answer

GENERATIONS, POPULATION = 8, 8
T_ms = np.linspace(0.0, 50.0, 201)
NAMES = ("short", "long", "longest")


def stick(name, length_um):
    cylinders = [Cylinder("somatic", 20, 20), Cylinder("apical", length_um, 2, parent=0)]
    return cylinder_tree(name, cylinders)


SHAPES = tuple(
    (name, stick(name, length)) for name, length in zip(NAMES, (200, 400, 800), strict=True)
)


@pytest.fixture(params=["mean", "worst"])
def several(problem, request):
    return on_shapes(problem, request.param)


def on_shapes(problem, how):
    """Return the small problem on three shapes, with two targets of a voltage."""
    [_, rest] = problem.protocols
    aims = [
        Objective("Rest", "soma", name, Window(10.0, 50.0), mean=-70.0, std=std)
        for name, std in (("voltage_base", 2.0), ("maximum", 5.0))
    ]
    protocols, objectives = spread(SHAPES, [rest], aims, how)
    return replace(
        problem,
        recipe=problem.recipe.with_morphology(SHAPES[0][1]),
        protocols=protocols,
        objectives=objectives,
        rule=ScoreRule(morphologies=how),
        morphologies=SHAPES,
    )


def volts(recipe):
    """Return what a cell stands at: with the length of its stick another value of g_pas is best."""
    values = recipe.values
    length_um = recipe.morphology.length_um("apical")
    best = 1e-5 + 1e-6 * length_um
    return -70.0 + 2e4 * (values["g_pas.all"] - best) + 10 * (values["gnabar_hh.somatic"] - 0.2)


class Engine:
    """Gives constant voltages, and counts whom it simulated."""

    def __init__(self):
        self.jobs = []

    def __call__(self, jobs):
        self.jobs += jobs
        return [
            Traces(job.protocol.name, T_ms, {"soma.v": np.full(T_ms.size, volts(job.recipe))})
            for job in jobs
        ]


class Workers:
    """Evaluates rows in an order, and several together."""

    def __init__(self, problem, order=1, most=10**9):
        self.problem, self.order, self.most = problem, order, most
        self.engine = Engine()

    def run(self, task, rows):
        kind = Racing if isinstance(task, RaceTask) else Evaluator
        evaluated = kind(self.problem, self.engine).many(np.array(list(rows)))
        for number in range(len(evaluated))[:: self.order]:
            if not self.most:
                raise KeyboardInterrupt
            self.most -= 1
            yield Answer(number, "fake", 0.5, evaluated[number])


def run(problem, path, workers, racing, seed=5):
    opened = Ledger.open(path, write=True) if path.exists() else Ledger.create(path, {})
    search = make_search("truncation", 2, len(problem.axes), POPULATION, seed)
    with opened as ledger:
        fit(problem, search, workers, ledger, GENERATIONS, racing=racing)
        return list(ledger.rows()), ledger.last_state()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_race_goes_the_same_way_and_has_the_same_winner(several, folder_in_memory, seed):
    whole, raced = Workers(several), Workers(several)
    rows, state = run(several, folder_in_memory / "whole.sqlite", whole, racing=False, seed=seed)
    again, same = run(several, folder_in_memory / "raced.sqlite", raced, racing=True, seed=seed)
    assert same == state
    best, winner = best_row(rows), best_row(again)
    assert (winner.generation, winner.individual) == (best.generation, best.individual)
    assert winner.scores.tobytes() == best.scores.tobytes()
    for row, other in zip(rows, again, strict=True):
        assert row.parameters.tobytes() == other.parameters.tobytes()
        assert row.scores.sum() >= other.scores.sum()
        if other.evaluation.status != BEATEN:
            assert other.scores.tobytes() == row.scores.tobytes()
        for measured, part in zip(row.evaluation.measured, other.evaluation.measured, strict=True):
            assert isinstance(part, Missing) or part.tobytes() == measured.tobytes()
    beaten = [row for row in again if row.evaluation.status == BEATEN]
    assert beaten
    saved = sum(row.evaluation.saved for row in again)
    # Rows that are asked again are simulated once, so what engines did is compared by row.
    assert len(whole.engine.jobs) - len(raced.engine.jobs) <= saved
    assert 3 * len(again) - saved == sum(
        3 - row.evaluation.reasons.count(row.evaluation.said) // 2
        if row.evaluation.status == BEATEN
        else 3
        for row in again
    )


def test_who_is_beaten_depends_on_nothing_but_the_rows(several, folder_in_memory):
    run(several, folder_in_memory / "one.sqlite", Workers(several), racing=True)
    run(several, folder_in_memory / "back.sqlite", Workers(several, order=-1), racing=True)
    path = folder_in_memory / "killed.sqlite"
    for most in (3, 15, 20):
        with pytest.raises(KeyboardInterrupt):
            run(several, path, Workers(several, most=most), racing=True)
    run(several, path, Workers(several), racing=True)
    expected = table(folder_in_memory / "one.sqlite")
    assert table(folder_in_memory / "back.sqlite") == expected
    assert table(path) == expected


def test_the_ledger_has_every_morphology_and_says_who_was_beaten(several, folder_in_memory):
    rows, _ = run(several, folder_in_memory / "raced.sqlite", Workers(several), racing=True)
    first = rows[0].evaluation
    assert first.status == "OK"
    expected = [
        volts(one.with_values(dict(zip(several.parameter_names, rows[0].parameters, strict=True))))
        for one, _ in several.cells(several.recipe)
        for _ in range(2)
    ]
    assert first.values == pytest.approx(expected)
    beaten = [row.evaluation for row in rows if row.evaluation.status == BEATEN]
    assert beaten
    for one in beaten:
        run_on = 3 - one.saved
        assert one.said == f"beaten after {run_on} of 3 morphologies"
        assert one.counts == (1, 1) * run_on + (0, 0) * one.saved
        assert one.reasons[2 * run_on :] == (one.said, one.said) * one.saved
        assert (one.failed, one.whole) == (False, False)


@pytest.mark.parametrize(
    ("how", "scores", "told", "total"),
    [
        # By hand: |v + 70| / 2 and |v + 70| / 5 for v = -66, -60 and -72 mV.
        ("mean", [2 / 3, 0.8 / 3, 5 / 3, 2 / 3, 1 / 3, 0.4 / 3], [8 / 3, 3.2 / 3], 11.2 / 3),
        ("worst", [0, 0, 5, 2, 0, 0], [5, 2], 7),
    ],
)
def test_scores_of_several_morphologies(problem, how, scores, told, total):
    several = on_shapes(problem, how)
    volts_mV = (-66.0, -66.0, -60.0, -60.0, -72.0, -72.0)
    evaluation = Evaluation(tuple(np.array([one]) for one in volts_mV))
    found = several.score(evaluation)
    assert found == pytest.approx(scores)
    sides = np.array([[1, 1, 1, 1, -1, -1]], dtype=np.int8)
    to_search, on_side = several.told(found[None, :], sides)
    assert to_search[0] == pytest.approx(told)
    assert on_side.tolist() == [[1, 1]]
    assert found.sum() == pytest.approx(total)


def test_the_sums_on_each_morphology(several, folder_in_memory):
    rows, _ = run(several, folder_in_memory / "a.sqlite", Workers(several), racing=False)
    for row in rows:
        sums = sums_SD(several.objectives, several.rule, row)
        assert tuple(sums) == NAMES
        one = np.mean if several.rule.morphologies == "mean" else np.max
        assert row.scores.sum() == pytest.approx(one(list(sums.values())))


def test_a_failure_on_the_first_morphology_is_that_of_the_whole(several):
    class Failing(Engine):
        def __call__(self, jobs):
            from workbench.engines import Failure, FailureKind

            super().__call__(jobs)
            return [Failure(FailureKind.SIMULATOR, "astray") for _ in jobs]

    whole, raced = Failing(), Failing()
    row = np.array([1e-4, 0.2])
    one = Evaluator(several, whole)(row)
    other = Racing(several, raced)(np.append(row, 100.0))
    assert (len(whole.jobs), len(raced.jobs)) == (3, 1)
    assert other.status == one.status == "SIMULATOR"
    assert several.score(other).tobytes() == several.score(one).tobytes()
    assert other.saved == 2


def test_nobody_is_beaten_by_a_bound_that_is_met(problem):
    several = on_shapes(problem, "worst")
    row = np.array([9e-4, 0.4])
    found = Evaluator(several, Engine())(row)
    bound = float(several.score(found).sum())
    assert Racing(several, Engine())(np.append(row, bound)).whole
    assert Racing(several, Engine())(np.append(row, 0.999 * bound)).status == BEATEN


def test_morphologies_are_in_the_digest_and_one_alone_has_the_digest_it_had(problem):
    several = on_shapes(problem, "mean")
    other = replace(several, morphologies=(*SHAPES[:2], ("longest", stick("longest", 801))))
    digests = [one.digest for one in (problem, several, on_shapes(problem, "worst"), other)]
    assert all(one != other for one, other in pairwise(digests))
    assert set(problem.parts) == {"cell", "parameters", "protocols", "targets", "integrator"}
    changed = {name for name, one in several.parts.items() if other.parts[name] != one}
    assert changed == {"morphologies"}


def test_spread_over_nothing_is_what_was_given(problem):
    found = spread((), problem.protocols, problem.objectives, "mean")
    assert found == (problem.protocols, problem.objectives)


def test_the_sign_of_morphologies_is_theirs(problem):
    step = replace(problem.protocols[0], name="Step@4")
    with pytest.raises(StudyError, match=r"Step@4: .*leave @ out"):
        spread(SHAPES, [step], (), "mean")


def test_only_searches_of_the_list_have_a_bound():
    from workbench.search import GENERATIONAL

    for name in GENERATIONAL:
        search = make_search(name, 2, 3, 8, 1)
        if name in RACING:
            assert search.beaten_above() == np.inf
        else:
            with pytest.raises(NotImplementedError, match=name):
                search.beaten_above()
