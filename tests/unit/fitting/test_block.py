"""The block check: by hand-made voltages, and as a second simulation of whom the scores allow."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.fitting.conftest import SOMA, make_problem
from workbench.engines import Failure, FailureKind
from workbench.errors import StudyError
from workbench.evaluations import Evaluation, in_rounds
from workbench.features import Missing, Penalised
from workbench.fitting import BlockCheck, Stage
from workbench.fitting.block import longest_ms
from workbench.fitting.stages import StageProblem
from workbench.protocols import Protocol, Recording, Step, Trace, Traces

STRONGEST = Protocol(
    "strongest", 400.0, (Step(SOMA, 100.0, 200.0, 0.21),), (Recording("soma", SOMA),)
)
CHECK = BlockCheck(STRONGEST, "soma", 100.0, 300.0)
VALUES = Evaluation((np.array([5.0]), Missing("none"), np.array([-70.0])))


def under(*corners, check=CHECK):
    """Return what comes of the check with the voltage through these corners (ms, mV)."""
    t_ms, v_mV = np.array([(0.0, -70.0), *corners, (400.0, -70.0)]).T
    return check.judged(VALUES, {"strongest": Traces("strongest", t_ms, {"soma.v": v_mV})})


def test_a_voltage_that_fires_and_comes_back_passes():
    corners = [
        (100.0 + 20 * n + at, v_mV) for n in range(10) for at, v_mV in ((1, -60), (2, 30), (3, -70))
    ]
    assert under(*corners) is VALUES


def test_a_voltage_that_stays_above():
    """From -70 to -20 mV in 10 ms it crosses -50 mV after 4; back in 20 ms, after 12."""
    found = under((120.0, -70.0), (130.0, -20.0), (180.0, -20.0), (200.0, -70.0))
    reason = "depolarisation block: above -50 mV for 68 ms under strongest"
    assert found.measured == (Penalised(reason, 75.0),) * 3
    assert found.status == "OK"
    assert under((120.0, -70.0), (130.0, -20.0), (160.0, -20.0), (180.0, -70.0)) is VALUES  # 48


def test_a_voltage_that_stays_below():
    """It is below -75 mV from 150 to 210 ms, by 15 mV at most."""
    found = under((150.0, -75.0), (180.0, -90.0), (210.0, -75.0), (211.0, -70.0))
    assert found.reasons[0] == "depolarisation block: below -75 mV for 60 ms under strongest"


def test_what_counts_is_a_stretch_within_the_window():
    """Twice 40 ms are no 50; nor are 120 ms of which 45 lie in the window."""
    jumps = [
        (at + d, v) for at in (120.0, 180.0) for d, v in ((0, -70), (0, 0), (40, 0), (40, -70))
    ]
    assert under(*jumps) is VALUES
    late = [(255.0, -70.0), (255.0, 0.0), (375.0, 0.0), (375.0, -70.0)]
    assert under(*late) is VALUES
    assert under(*late, check=replace(CHECK, longest_ms=44.0)).reasons[0].startswith("depol")


def test_the_longest_stretch_of_a_straight_line_through_the_level():
    """From -100 at 0 to 100 at 200 ms: above 50 from 150 ms on, of which 30 lie in the window."""
    line = Trace("soma.v", np.array([0.0, 200.0]), np.array([-100.0, 100.0]))
    assert longest_ms(line, 50.0, 100.0, 180.0) == 30.0
    assert longest_ms(line, 50.0, 100.0, 120.0) == 0.0


def test_a_simulation_that_failed_has_failed():
    failure = Failure(FailureKind.ABSURD, "the voltage left all bounds")
    found = CHECK.judged(VALUES, {"strongest": failure})
    assert found.failed
    assert found.why_failed == "strongest.soma.block: the voltage left all bounds"


def test_whom_it_checks():
    """Below 75 SD a feature, strictly: 3 features, 225 SD."""
    assert CHECK.is_due(np.array([224.0, 0.9, 0.0]))
    assert not CHECK.is_due(np.array([75.0, 75.0, 75.0]))


class Engine:
    """A step whose voltage follows gnabar_hh; the check's is a block where that is above 0.3."""

    def __init__(self):
        self.calls = []

    def __call__(self, jobs):
        self.calls.append([job.protocol.name for job in jobs])
        return [self.traces(job) for job in jobs]

    @staticmethod
    def traces(job):
        [gna] = [p.value for p in job.recipe.paint if p.variable == "gnabar_hh"]
        level = {"strongest": 0.0 if gna > 0.3 else -60.0, "Step": -70.0, "Rest": -150 + 400 * gna}
        t_ms = np.linspace(0.0, job.protocol.duration_ms, 801)
        v_mV = np.full(t_ms.size, level[job.protocol.name])
        names = [recording.name for recording in job.protocol.recordings]
        return Traces(job.protocol.name, t_ms, dict.fromkeys(names, v_mV))


@pytest.fixture
def problem():
    """Return the small problem with its last objective, the baseline at rest, and the check."""
    small = make_problem()
    rest = [one for one in small.protocols if one.name == "Rest"]
    return replace(small, protocols=tuple(rest), objectives=small.objectives[2:], block=CHECK)


# Rests at -70, -30, -26, -150 mV of -70 ± 2: scores 0, 20, 22 and 40.
ROWS = np.array([[1e-4, 0.2], [1e-4, 0.3], [1e-4, 0.31], [1e-4, 0.0]])


def test_it_is_simulated_only_where_scores_are_small(problem):
    engine = Engine()
    found = in_rounds([problem.evaluating(row) for row in ROWS], engine)
    assert engine.calls == [["Rest"] * 4, ["strongest"] * 4]
    assert [problem.score(one)[0] for one in found] == pytest.approx([0.0, 20.0, 75.0, 40.0])
    assert found[2].reasons == ("depolarisation block: above -50 mV for 200 ms under strongest",)
    picky, engine = replace(problem, block=replace(CHECK, where_SD=21.0)), Engine()
    found = in_rounds([picky.evaluating(row) for row in ROWS], engine)
    assert engine.calls == [["Rest"] * 4, ["strongest"] * 2]
    assert [picky.score(one)[0] for one in found] == pytest.approx([0.0, 20.0, 22.0, 40.0])


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_nobody_depends_on_company_or_order(problem, order):
    alone = [in_rounds([problem.evaluating(row)], Engine())[0] for row in ROWS]
    together = in_rounds([problem.evaluating(row) for row in ROWS[order]], Engine())
    for place, one in zip(order, together, strict=True):
        assert (one.counts, one.reasons, one.status) == (
            alone[place].counts,
            alone[place].reasons,
            alone[place].status,
        )
        np.testing.assert_array_equal(one.values, alone[place].values)


def test_a_stage_checks_if_its_targets_say_so(problem):
    target = problem.objectives[0].name
    values = (1e-4, 0.2)
    for targets, expected in [((target,), None), ((target, CHECK.name), CHECK)]:
        stage = Stage("one", problem.parameter_names, targets, "ibea", 4, 2)
        assert StageProblem(problem, stage, values).task.problem.block == expected


def test_it_belongs_to_the_targets_of_a_problem(problem):
    without = replace(problem, block=None)
    assert {name for name in problem.parts if problem.parts[name] != without.parts[name]} == {
        "targets"
    }


def test_what_cannot_be_is_refused():
    with pytest.raises(StudyError, match="below_mV less than above_mV"):
        replace(CHECK, below_mV=-50.0)
    with pytest.raises(StudyError, match="its window lasts 50 ms"):
        replace(CHECK, end_ms=150.0)
