"""What is found on a cell, on cells whose answers are straight lines: closed forms."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from workbench.cells import CellRecipe
from workbench.engines import Failure, FailureKind, Job, Outcome, fixed_step
from workbench.errors import EngineError, StudyError
from workbench.evaluations import Simulated, in_rounds, simulated
from workbench.features import Missing
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Holding, Protocol, Recording, RelativeTo, Rheobase, Step, Traces

SOMA = parse_site("soma(0.5)")
DT = fixed_step(0.025)


def recipe(name: str) -> CellRecipe:
    return CellRecipe(name, cylinder_tree(name, [Cylinder("somatic", 20, 20)]))


@dataclass
class Cells:
    """An engine of cells that rest at a voltage, have a resistance, and fire from a current on."""

    rest_mV: float = -75.0
    resistance_MOhm: float = 100.0
    fires_nA: dict[str, float] = field(default_factory=lambda: {"a": 0.3137, "b": 0.05, "c": 2.9})
    calls: list[list[str]] = field(default_factory=list)
    fail_above_nA: float = np.inf

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        self.calls.append([job.protocol.name for job in jobs])
        return [self._run(job) for job in jobs]

    def _run(self, job: Job) -> Outcome:
        bound = job.protocol.bound()
        current_nA = sum(float(one.amplitude_nA) for one in bound.stimuli if isinstance(one, Step))
        if abs(current_nA) > self.fail_above_nA:
            return Failure(FailureKind.ABSURD, "it is at 2000 mV")
        t_ms = np.arange(0.0, job.protocol.duration_ms + 1, 1.0)
        v_mV = np.full(t_ms.size, self.rest_mV + self.resistance_MOhm * current_nA)
        if current_nA >= self.fires_nA[job.recipe.name]:
            v_mV = np.where(t_ms % 20 == 10, 30.0, -60.0)
        names = [one.name for one in job.protocol.recordings]
        return Traces(job.protocol.name, t_ms, {name: v_mV for name in names})


def seeking(**more: float) -> Protocol:
    step = Step(SOMA, 20.0, 100.0, "rheobase")
    parameters = {"rheobase": Rheobase("soma", **more)}
    return Protocol("threshold", 150.0, (step,), (Recording("soma", SOMA),), parameters)


def held(to_mV: float) -> Protocol:
    steps = (Step(SOMA, 0.0, 1e9, "holding"), *seeking().stimuli)
    parameters = {"rheobase": Rheobase("soma"), "holding": Holding(to_mV)}
    return replace(seeking(), stimuli=steps, parameters=parameters)


def relative(percent: float = 150.0, plus_nA: float = 0.0) -> Protocol:
    parameters = {"rheobase": RelativeTo(seeking(), percent, plus_nA)}
    return replace(seeking(), name="relative", parameters=parameters)


def run(cells: Cells, *protocols: Protocol, names: str = "a") -> list[Simulated]:
    plans = [simulated(recipe(name), protocols, lambda _: DT) for name in names]
    return in_rounds(plans, cells)


def numbers(one: Simulated, protocol: str) -> dict[str, float | str]:
    return {
        name: value.reason if isinstance(value, Missing) else float(value[0])
        for name, value in one.found[protocol].items()
    }


@pytest.mark.parametrize("name", "abc")
@pytest.mark.parametrize("percent", [1.0, 0.1])
def test_the_rheobase_fires_and_what_is_less_by_the_tolerance_does_not(name, percent):
    cells = Cells()
    [one] = run(cells, seeking(tolerance_percent=percent), names=name)
    found = numbers(one, "threshold")
    assert found["resting_potential"] == -75.0
    assert found["input_resistance"] == pytest.approx(100.0)
    true = cells.fires_nA[name]
    assert true <= found["rheobase"] <= true / (1 - percent / 100)
    assert one.protocols[0].parameters["rheobase"] == found["rheobase"]
    assert len(cells.calls) <= 20


def test_the_holding_current_of_a_straight_line_is_the_ratio():
    cells = Cells()
    [one] = run(cells, held(-83.0))
    found = numbers(one, "threshold")
    assert found["holding_current"] == pytest.approx((-83.0 + 75.0) / 100.0, rel=1e-9)
    # The cell fires from a sum of both on.
    assert found["rheobase"] == pytest.approx(0.3137 + 0.08, rel=0.01)


def test_a_current_relative_to_a_rheobase():
    cells = Cells()
    seeker, one = run(cells, seeking(), relative(150.0, 0.01))[0].protocols
    expected = 1.5 * seeker.parameters["rheobase"] + 0.01
    assert one.parameters["rheobase"] == expected
    # Nobody asks twice: the seeker is not in the study, and the same is found.
    assert run(Cells(), relative(150.0, 0.01))[0].protocols[0].parameters["rheobase"] == expected


def test_what_two_protocols_ask_alike_is_simulated_once():
    alone, together = Cells(), Cells()
    run(alone, held(-83.0))
    other = replace(held(-83.0), name="other")
    seek_other = replace(relative(), name="third")
    run(together, held(-83.0), seek_other)
    settling = [call for call in together.calls if call == ["settling"]]
    assert len(settling) == len([call for call in alone.calls if call == ["settling"]])
    run(again := Cells(), held(-83.0), other)
    assert [c for c in again.calls if c == ["settling"]] == settling


def test_company_and_order_change_nothing():
    alone = [run(Cells(), held(-83.0), relative(), names=name)[0] for name in "abc"]
    for names in ("abc", "cba"):
        cells = Cells()
        found = dict(zip(names, run(cells, held(-83.0), relative(), names=names), strict=True))
        for name, one in zip("abc", alone, strict=True):
            assert numbers(found[name], "threshold") == numbers(one, "threshold")
            assert found[name].protocols == one.protocols
        assert max(map(len, cells.calls)) > 3, "they go on together"


def test_protocols_relative_to_nothing_are_one_round():
    plain = seeking().with_parameters({"rheobase": 0.1})
    cells = Cells()
    run(cells, plain, replace(plain, name="second"), names="ab")
    assert cells.calls == [["threshold", "second", "threshold", "second"]]


def test_a_cell_without_a_rheobase_has_a_reason_and_has_not_failed():
    cells = Cells(fires_nA={"a": np.inf})
    [one] = run(cells, seeking(), relative())
    assert numbers(one, "threshold")["rheobase"] == "no spike with up to 10 nA"
    assert one.outcomes["relative"] == Missing("no spike with up to 10 nA")
    cells = Cells(fires_nA={"a": np.inf}, fail_above_nA=1.0)
    [one] = run(cells, seeking())
    assert "it is at 2000 mV" in numbers(one, "threshold")["rheobase"]
    assert not one.evaluation([]).failed


def test_a_cell_that_fires_by_itself():
    [one] = run(Cells(fires_nA={"a": -0.1}), held(-90.0))
    found = numbers(one, "threshold")
    assert "fires without a current" in found["resting_potential"]
    assert found["input_resistance"] == found["resting_potential"]
    # Where it is held, it does not fire, and can be made to.
    assert found["holding_current"] == pytest.approx(-0.15, abs=0.1 / 100)
    assert found["rheobase"] == pytest.approx(0.05, rel=0.03)
    [one] = run(Cells(fires_nA={"a": -0.1}), seeking())
    assert "fires under" in numbers(one, "threshold")["rheobase"]


def test_a_cell_that_cannot_be_held():
    [one] = run(Cells(resistance_MOhm=0.1), held(-83.0))
    found = numbers(one, "threshold")
    assert "no constant current within 10 nA holds the cell at -83" in found["holding_current"]
    assert found["rheobase"] == found["holding_current"]


def test_a_cell_whose_voltage_jumps_is_not_held_and_soon_given_up():
    class Jumping(Cells):
        def _run(self, job):
            outcome = super()._run(job)
            v_mV = outcome.recorded["settling.v"]
            return replace(outcome, recorded={"settling.v": np.where(v_mV < -80, v_mV - 40, v_mV)})

    cells = Jumping()
    [one] = run(cells, held(-83.0).with_parameters({"rheobase": 0.1}))
    assert "no constant current" in numbers(one, "threshold")["holding_current"]
    assert len(cells.calls) < 25


def test_a_current_that_is_far_too_much_fails_nobody():
    """The slope around 0 says that much more current is needed than is."""

    class Bent(Cells):
        def _run(self, job):
            outcome = super()._run(job)
            current_nA = float(job.protocol.bound().stimuli[0].amplitude_nA)
            bent = job.protocol.name == "settling" and -0.01 <= current_nA <= 0
            if isinstance(outcome, Failure) or not bent:
                return outcome
            v_mV = outcome.recorded["settling.v"] - 0.99 * 100 * current_nA
            return replace(outcome, recorded={"settling.v": v_mV})

    holding = held(-83.0).with_parameters({"rheobase": 0.1})
    [one] = run(Bent(fail_above_nA=1.5), holding)
    assert numbers(one, "threshold")["holding_current"] == pytest.approx(-0.08, abs=0.1 / 100)


def test_a_failed_simulation_of_the_search_is_a_failure():
    failure = Failure(FailureKind.TOO_MANY_STEPS, "out of steps")
    [one] = in_rounds([simulated(recipe("a"), [seeking()], lambda _: DT)], lambda jobs: [failure])
    assert one.evaluation([]).status == "TOO_MANY_STEPS"


def test_nobody_simulates_a_stand_in_by_mistake():
    with pytest.raises(EngineError, match="has to be found on the cell first"):
        Job(recipe("a"), seeking(), DT)


def test_what_cannot_be_sought_ends_with_words():
    step = Step(SOMA, "rheobase", 100.0, 0.1)
    with pytest.raises(StudyError, match="named by delay_ms; let the amplitude_nA"):
        replace(seeking(), stimuli=(step,))
    with pytest.raises(StudyError, match="unknown recording of v 'soma'"):
        replace(seeking(), recordings=())
    plain = seeking().with_parameters({"rheobase": 0.1})
    with pytest.raises(StudyError, match="seeks no rheobase"):
        RelativeTo(plain)
    with pytest.raises(StudyError, match="tolerance_percent is 60"):
        Rheobase("soma", tolerance_percent=60)
