"""The population engine gives no number that has not been compared with NEURON."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.physics.engines.small_cells import ball_and_stick, protocol, step
from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job, Outcome
from workbench.engines.population import Candidate, PopulationEngine, proving
from workbench.engines.population.proving import ProvenEngine, prove
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet
from workbench.protocols import Protocol, Traces
from workbench.workers import SerialWorkers
from workbench.workers.task import Answer, Rows, Task

LANES = Integrator("population", atol=None, step_error_mV=0.02)


@pytest.fixture(autouse=True)
def verdicts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(proving, "_folder", lambda: tmp_path / "proofs")
    return tmp_path / "proofs"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> SerialWorkers:
    """What is proven is simulated in this process, which has loaded these mechanisms."""
    workers = SerialWorkers()
    alone = proving._found
    monkeypatch.setattr(proving, "_found", lambda _, *rest: alone(workers, *rest))
    return workers


def candidates(recipe: CellRecipe, *amplitudes_nA: float) -> list[Candidate]:
    plans = [replace(protocol(60, step(nA, 10, 45)), name=f"{nA} nA") for nA in amplitudes_nA]
    return [Candidate("cell", Job(recipe, plan, LANES)) for plan in plans]


def test_quiet_and_spiking_cells_are_compared_once(
    engine: object, hay: MechanismSet, here: SerialWorkers, verdicts: Path
) -> None:
    said: list[str] = []
    several = candidates(ball_and_stick(hay), 0.02, 0.05, 0.4, 0.5, 0.6)
    found = prove(several, said.append, here)
    assert (found.simulations, found.firing) == (5, 3)
    assert found.mV < 0.01
    assert found.ms < 0.01
    assert said[-1] == str(found)
    assert len([*verdicts.glob("*.json")]) == 1
    # Other numbers of the same cell, another amplitude: nothing is to be done.
    other = candidates(ball_and_stick(hay, gCa_HVAbar_Ca_HVA=2e-4), 0.3)
    silent: list[str] = []
    assert prove(other, silent.append, here) == found
    assert not silent
    # What was proven on fewer is proven again where there are more.
    more = candidates(ball_and_stick(hay), *(0.1 * n for n in range(8)))
    assert prove(more, None, here).simulations == 6


def test_who_stays_quiet_is_made_to_fire(
    engine: object, hay: MechanismSet, here: SerialWorkers
) -> None:
    found = prove(candidates(ball_and_stick(hay), 0.02, 0.03), None, here)
    assert found.simulations > found.firing > 0


class Wrong(PopulationEngine):
    """One conductance is a twentieth larger than was asked for."""

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        return super().__call__([replace(job, recipe=_larger(job.recipe)) for job in jobs])


def _larger(recipe: CellRecipe) -> CellRecipe:
    paint = tuple(
        replace(one, value=1.05 * one.value) if "gSKv3_1bar" in one.variable and one.value else one
        for one in recipe.paint
    )
    return replace(recipe, paint=paint)


def test_what_differs_is_refused_and_gives_no_number(
    monkeypatch: pytest.MonkeyPatch, engine: object, hay: MechanismSet, here: SerialWorkers
) -> None:
    monkeypatch.setattr(proving, "PopulationEngine", Wrong)
    jobs = [one.job for one in candidates(ball_and_stick(hay), 0.02, 0.4)]
    said = r"not compute what NEURON computes: 0\.02 nA"
    for _ in range(2):
        with pytest.raises(EngineError, match=said) as refused:
            ProvenEngine(PopulationEngine())(jobs)
        assert "by themselves differ SKv3_1 (" in str(refused.value)


def test_the_engine_proves_what_it_is_asked(
    engine: object, hay: MechanismSet, here: SerialWorkers, verdicts: Path
) -> None:
    proven = ProvenEngine(PopulationEngine())
    [outcome] = proven([candidates(ball_and_stick(hay), 0.4)[0].job])
    assert isinstance(outcome, Traces)
    assert len([*verdicts.glob("*.json")]) == 1
    # Other stimuli are another kind of protocol.
    [outcome] = proven([Job(ball_and_stick(hay), Protocol("rest", 20.0, (), ()), LANES)])
    assert len([*verdicts.glob("*.json")]) == 2


class Dying:
    """Workers that all die of each row."""

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        for number, _ in enumerate(rows):
            for again in (True, False):
                yield Answer(number, "w", 0.0, lost="w was ended by SIGKILL", again=again)


def test_a_comparison_that_died_is_no_verdict(hay: MechanismSet) -> None:
    with pytest.raises(EngineError, match=r"0\.4 nA, cell: w was ended by SIGKILL; try again"):
        proving._compared(Dying(), candidates(ball_and_stick(hay), 0.4), 1.0)
