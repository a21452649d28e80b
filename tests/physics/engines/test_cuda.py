"""The kernel for GPUs compiles for them, and computes in emulated blocks what lanes do."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cells import cell_of
from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.emulated import EmulatedEngine
from tests.physics.engines.small_cells import (
    ball_and_stick,
    crossings_ms,
    hh_patch,
    protocol,
    run,
    same,
    step,
    voltage,
)
from tests.physics.engines.test_population import with_kinds
from tests.physics.engines.test_population_kinetics import POOL, SCHEME, spiking
from workbench.cells import CellRecipe, MaximalLength
from workbench.engines import Failure, FailureKind, Integrator, Job, adaptive_step, gpus
from workbench.engines.opening import check, compiled_for
from workbench.engines.population import PopulationEngine
from workbench.engines.population.cuda import running
from workbench.engines.population.cuda.compiling import ptx_of
from workbench.engines.population.cuda.nvrtc import compile_ptx
from workbench.engines.population.cuda.text import headers_of, main_text
from workbench.engines.population.frame import frame_of
from workbench.errors import BuildError, EngineError
from workbench.mechanisms import MechanismSet
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Recording, Traces
from workbench.studies import load_study

PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)


def lanes(step_error_mV: float, steps_per_ms: int = 2000) -> Integrator:
    return Integrator(
        "population", atol=None, step_error_mV=step_error_mV, steps_per_ms=steps_per_ms
    )


def bush(hay: MechanismSet) -> CellRecipe:
    """A spiking soma with a dendrite that ends in three, and a second one: levels of one to six."""
    cylinders = [
        Cylinder("somatic", 20, 20),
        Cylinder("basal", 60, 2, parent=0, parent_x=0.5),
        *(Cylinder("basal", length, 1, parent=1) for length in (80, 40, 20)),
        Cylinder("basal", 100, 1.5, parent=0, parent_x=1.0),
    ]
    return replace(
        ball_and_stick(hay),
        morphology=cylinder_tree("bush", cylinders),
        segments=MaximalLength(20),
    )


@pytest.fixture
def _no_table_of_hh(engine) -> Iterator[None]:
    engine._h.usetable_hh = 0
    yield
    engine._h.usetable_hh = 1


@pytest.mark.usefixtures("_no_table_of_hh")
def test_a_soma_spikes_as_under_cvode(engine) -> None:
    """NEURON's TABLE of rates is turned off: here there is none."""
    plan = protocol(40, step(1.0, 5, 30))
    true = crossings_ms(run(engine, hh_patch(), plan, PRECISE), 0.0)
    found = crossings_ms(run(EmulatedEngine(), hh_patch(), plan, lanes(1e-5)), 0.0)
    assert true.size >= 2
    assert np.abs(found - true).max() < 3e-3


def test_a_branched_tree_spikes_as_under_cvode(engine, hay: MechanismSet) -> None:
    """With a calcium pool, Nernst's potential, and branch points without a membrane."""
    plan = protocol(60, step(0.5, 10, 45), sites={"soma": "soma(0.5)", "end": "dend[1](0.9)"})
    true = run(engine, bush(hay), plan, PRECISE)
    found = run(EmulatedEngine(), bush(hay), plan, lanes(1e-4))
    for place in ("soma", "end"):
        times = [crossings_ms(each, -30.0, place) for each in (true, found)]
        assert times[0].size == times[1].size >= 2
        assert np.abs(times[0] - times[1]).max() < 0.02


def test_no_order_of_threads_changes_a_bit(hay: MechanismSet) -> None:
    """Nor how many there are, nor in which memory numbers stand: no thread reads what another
    writes before the next barrier. All steps are those of lanes."""
    jobs = [Job(bush(hay), protocol(30, step(nA, 5, 20)), lanes(0.02)) for nA in (0.4, 0.0, -0.2)]
    in_lanes = PopulationEngine()(jobs)
    ways = [(1, False, 4096), (4, False, 4096), (8, True, 4096), (32, True, 600), (32, False, 1024)]
    found = [EmulatedEngine(*way)(jobs) for way in ways]
    for number, lane in enumerate(in_lanes):
        first = found[0][number]
        assert isinstance(first, Traces)
        assert isinstance(lane, Traces)
        assert all(same(first, each[number]) for each in found)
        assert first.t_ms.size == lane.t_ms.size > 40
        assert np.abs(voltage(first) - voltage(lane)).max() < 1e-4


def test_all_kinds_of_statements(tmp_path) -> None:
    """Conditions, powers, GHK, an ion read inside, GLOBALs and paint by region, as in lanes."""
    job = Job(
        with_kinds(tmp_path), protocol(60, step(0.4, 12, 20), step(-0.3, 40, 10)), lanes(0.02)
    )
    [found], [lane] = EmulatedEngine()([job]), PopulationEngine()([job])
    assert isinstance(found, Traces)
    assert isinstance(lane, Traces)
    assert found.t_ms.size == lane.t_ms.size
    assert np.abs(voltage(found) - voltage(lane)).max() < 1e-4


def test_states_that_move_one_another(hay: MechanismSet, tmp_path: Path) -> None:
    """A KINETIC scheme and a pool of several STATEs, in stages."""
    recipe = spiking(tmp_path, hay, SCHEME, POOL)
    job = Job(recipe, protocol(30, step(0.6, 5, 20)), lanes(0.02))
    ptx = compile_ptx("population.cu", main_text(), headers_of(frame_of(recipe)), "compute_80")
    assert b".entry population(" in ptx
    [found], [lane] = EmulatedEngine()([job]), PopulationEngine()([job])
    assert isinstance(found, Traces)
    assert isinstance(lane, Traces)
    assert found.t_ms.size == lane.t_ms.size
    assert np.abs(voltage(found) - voltage(lane)).max() < 1e-4
    assert crossings_ms(found, -20.0).size >= 1


@pytest.mark.parametrize("samples", [4096, 7])
def test_states_and_currents_are_recorded(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of before and behind a jump too, where room may end."""
    monkeypatch.setattr(running, "_FIRST_SAMPLES", samples)
    places = (Recording("soma", parse_site("soma(0.5)"), v) for v in ("v", "m_hh", "ina"))
    plan = replace(protocol(20, step(1.0, 5, 3)), recordings=tuple(places))
    job = Job(hh_patch(), plan, lanes(0.02))
    [found], [lane] = EmulatedEngine()([job]), PopulationEngine()([job])
    assert isinstance(found, Traces)
    assert isinstance(lane, Traces)
    assert found.t_ms.size == lane.t_ms.size
    for name in ("soma.v", "soma.m_hh", "soma.ina"):
        there, here = found[name].values, lane[name].values
        assert np.abs(there - here).max() < 1e-6 * np.ptp(here)


def test_a_fitted_cell() -> None:
    cell_of("l5pc_quick")
    study = load_study("l5pc_quick")
    recipe = study.problem.cell(study.problem.row(study.values("release")))
    plan = study.problem.protocols[0]
    job = Job(recipe, plan, lanes(0.02))
    [true] = run_in_children([Job(recipe, plan, adaptive_step(0.02))])
    [found], [lane] = EmulatedEngine()([job]), PopulationEngine()([job])
    assert isinstance(true, Traces)
    assert isinstance(found, Traces)
    assert isinstance(lane, Traces)
    # The same steps to the first spike; rounding has a say in those after it.
    count = np.searchsorted(lane.t_ms, 212)
    np.testing.assert_allclose(found.t_ms[:count], lane.t_ms[:count], atol=1e-4)
    times = [crossings_ms(each, -20.0) for each in (true, found)]
    assert times[0].size == times[1].size >= 1
    assert np.abs(times[0] - times[1]).max() < 0.01


def test_a_run_with_more_samples_than_room_is_done_again(
    hay: MechanismSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [Job(bush(hay), protocol(ms, step(0.4, 5, 20)), lanes(0.02)) for ms in (30, 6)]
    whole = EmulatedEngine()(jobs)
    monkeypatch.setattr(running, "_FIRST_SAMPLES", 30)
    for one, other in zip(whole, EmulatedEngine()(jobs), strict=True):
        assert isinstance(one, Traces)
        assert isinstance(other, Traces)
        assert same(one, other)


def test_runs_in_portions_are_the_same(hay: MechanismSet, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [Job(bush(hay), protocol(ms, step(0.4, 5, 20)), lanes(0.02)) for ms in (30, 6, 20)]
    whole = EmulatedEngine()(jobs)
    monkeypatch.setattr(running, "_MOST_BYTES", 1)
    for one, other in zip(whole, EmulatedEngine()(jobs), strict=True):
        assert isinstance(one, Traces)
        assert isinstance(other, Traces)
        assert same(one, other)


def test_failures_are_those_of_lanes() -> None:
    jobs = [
        Job(hh_patch(), protocol(50, step(1.0, 5, 40)), lanes(1e-4, 5)),
        Job(hh_patch(), protocol(50, step(1e6, 5, 40)), lanes(0.02)),
    ]
    found = EmulatedEngine()(jobs)
    assert [one.kind for one in found if isinstance(one, Failure)] == [
        FailureKind.TOO_MANY_STEPS,
        FailureKind.ABSURD,
    ]
    assert found == PopulationEngine()(jobs)


@pytest.mark.parametrize("study", ["hodgkin_huxley", "l5pc_quick"])
def test_it_compiles_for_gpus(study: str) -> None:
    cell_of(study)
    frame = frame_of(load_study(study).problem.recipe)
    ptx = compile_ptx("population.cu", main_text(), headers_of(frame), "compute_80").decode()
    assert ".target sm_80" in ptx
    assert ".visible .entry population(" in ptx


def test_what_does_not_compile_for_gpus_is_said_with_its_place() -> None:
    with pytest.raises(BuildError, match=r"one\.cu cannot be compiled for a GPU:\n.*two\.hpp\(1\)"):
        compile_ptx("one.cu", '#include "two.hpp"', {"two.hpp": "nobody x;"}, "compute_80")


ON_A_GPU = replace(lanes(0.02), gpu=True)


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "count_gpus", lambda: 0)
    with pytest.raises(EngineError, match="NVIDIA's driver finds no GPU here"):
        check(hh_patch(), [protocol(10)], ON_A_GPU)


def test_a_gpu_without_its_packages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "count_gpus", lambda: 1)
    monkeypatch.setitem(sys.modules, "cuda", None)
    with pytest.raises(EngineError, match=r"pip install 'neuron-workbench\[gpu\]'"):
        check(hh_patch(), [protocol(10)], ON_A_GPU)


def test_a_kernel_for_gpus_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    said: list[str] = []
    frame = frame_of(hh_patch())
    first, again = ptx_of(frame, said.append), ptx_of(frame, said.append)
    assert first == again
    assert said == ["compiling population for GPUs (about 5 s)"]
    assert compiled_for(hh_patch(), ON_A_GPU) == {
        "the build of the population engine for GPUs": first.key
    }
