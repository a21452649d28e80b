"""Single precision in the population engine: what seven digits could lose, and the functions."""

import ctypes
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

import workbench.engines.population.engine as population_engine
from tests.cells import cell_of
from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import (
    ball_and_stick,
    crossings_ms,
    hh_patch,
    passive,
    protocol,
    run,
    step,
    voltage,
)
from workbench.builds import build_text
from workbench.builds.toolchain import processor_features
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Integrator, Job, Precision, adaptive_step
from workbench.engines.population import PopulationEngine
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import CurrentFile, Protocol, Recording, Traces, Waveform
from workbench.studies import load_study

PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)


def single(step_error_mV: float) -> Integrator:
    return Integrator(
        "population",
        atol=None,
        step_error_mV=step_error_mV,
        steps_per_ms=2000,
        precision="single",
    )


@pytest.fixture(scope="module")
def population() -> PopulationEngine:
    return PopulationEngine()


def in_short_steps(until_ms: float, longest_ms: float) -> Protocol:
    """A current of 0, sampled finely: no step is longer than from one sample to the next."""
    t_ms = np.arange(0, until_ms + 2, longest_ms)
    nothing = Waveform(parse_site("soma(0.5)"), 0.0, CurrentFile("zero.csv", t_ms, 0 * t_ms))
    return Protocol("test", until_ms, (nothing,), (Recording("soma", parse_site("soma(0.5)")),))


def test_a_slow_membrane_does_not_stand_still(population: PopulationEngine) -> None:
    """It moves 5e-7 mV in a step; next to -70 mV single precision tells 8e-6 mV apart."""
    tau_ms, off_mV = 1e4, 0.1
    recipe = passive(
        [Cylinder("somatic", 20, 20)],
        MaximalLength(),
        g_S_per_cm2=1e-7,
        v_init_mV=-70 + off_mV,
    )
    found = run(population, recipe, in_short_steps(500, 0.05), single(0.02))
    assert found.t_ms.size > 9000
    exact = -70 + off_mV * np.exp(-found.t_ms / tau_ms)
    assert np.abs(voltage(found) - exact).max() < 1e-5


SLOW = """
NEURON { SUFFIX slow NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 1e-4 (S/cm2) tau = 1e6 (ms) }
STATE { s }
ASSIGNED { v (mV) i (mA/cm2) }
INITIAL { s = 0.6 }
BREAKPOINT { SOLVE states METHOD cnexp i = g*s*v }
DERIVATIVE states { s' = (1 - s)/tau }
"""


KINETIC = """
STATE { c s }
ASSIGNED { v (mV) i (mA/cm2) }
INITIAL { s = 0.6 c = 0.4 }
BREAKPOINT { SOLVE states METHOD sparse i = g*s*v }
KINETIC states { ~ c <-> s (1/tau, 0) CONSERVE c + s = 1 }
"""


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        (SLOW, lambda t: 1 - 0.4 * np.exp(-t)),
        (SLOW.partition("STATE")[0] + KINETIC, lambda t: 1 - 0.4 * np.exp(-t)),
        (
            SLOW.replace("(1 - s)", "(1 - s*s)").replace("cnexp", "derivimplicit"),
            lambda t: np.tanh(np.arctanh(0.6) + t),
        ),
    ],
    ids=["linear", "kinetic", "bent"],
)
def test_a_slow_gate_does_not_stand_still(
    population: PopulationEngine,
    tmp_path: Path,
    text: str,
    exact: Callable[[np.ndarray], np.ndarray],
) -> None:
    """Its steps, 2e-8, are less than the half of what single precision tells apart at 0.6."""
    (tmp_path / "slow.mod").write_text(text)
    recipe = CellRecipe(
        "slow",
        cylinder_tree("slow", [Cylinder("somatic", 20, 20)]),
        mechanisms=(read_mechanisms(tmp_path),),
        inserted=(("all", "slow"), ("all", "pas")),
        paint=(Paint("g_pas", "all", 1e-4), Paint("e_pas", "all", -100.0)),
        v_init_mV=-62.5,
    )
    found = run(population, recipe, in_short_steps(1000, 0.05), single(0.02))
    assert found.t_ms.size > 19000
    # The membrane, of 6 ms, follows the gate.
    there = -100 / (1 + exact(found.t_ms / 1e6))
    assert np.abs(voltage(found) - there)[-100:].max() < 2e-4
    assert there[-1] - there[0] > 0.015


def test_a_quiet_axon_comes_to_rest(population: PopulationEngine) -> None:
    """Where the currents of Hodgkin and Huxley (1952) cancel, after a spike and for 1.4 s."""

    def current(v_mV: float) -> float:
        def steady(alpha: float, beta: float) -> float:
            return alpha / (alpha + beta)

        m = steady(0.1 * (v_mV + 40) / -np.expm1(-(v_mV + 40) / 10), 4 * np.exp(-(v_mV + 65) / 18))
        h = steady(0.07 * np.exp(-(v_mV + 65) / 20), 1 / (np.exp(-(v_mV + 35) / 10) + 1))
        n = steady(
            0.01 * (v_mV + 55) / -np.expm1(-(v_mV + 55) / 10), 0.125 * np.exp(-(v_mV + 65) / 80)
        )
        sodium, potassium = 0.12 * m**3 * h * (v_mV - 50), 0.036 * n**4 * (v_mV + 77)
        return float(sodium + potassium + 0.0003 * (v_mV + 54.3))

    rest_mV = brentq(current, -80, -60, xtol=1e-12)
    for step_error_mV, within_mV in ((0.02, 5e-4), (1e-4, 3e-5)):
        found = run(population, hh_patch(), protocol(1500, step(0.5, 20, 5)), single(step_error_mV))
        assert crossings_ms(found, 0.0).size == 1
        late = voltage(found)[found.t_ms > 300]
        assert np.abs(late - rest_mV).max() < within_mV


def test_fine_segments_of_low_resistance(engine, population: PopulationEngine) -> None:
    """Between neighbours of 1 um small differences of voltage drive large currents."""
    recipe = passive(
        [Cylinder("somatic", 20, 20), Cylinder("basal", 400, 2, parent=0)],
        MaximalLength(1),
        g_S_per_cm2=5e-5,
        Ra_ohm_cm=50,
    )
    sites = {"soma": "soma(0.5)", "end": "dend(1)"}
    plan = protocol(150, step(0.05, 5, 100), sites=sites)
    true = run(engine, recipe, plan, PRECISE)
    found = run(population, recipe, plan, single(1e-3))
    for name in sites:
        there = np.interp(true.t_ms, found.t_ms, voltage(found, name))
        assert np.ptp(voltage(true, name)) > 15
        assert np.abs(there - voltage(true, name)).max() < 0.01


def test_a_spiking_cell_converges_to_cvode(
    engine, population: PopulationEngine, hay: MechanismSet
) -> None:
    """With a calcium pool, Nernst's potential, and spikes."""
    plan = protocol(100, step(0.4, 10, 85))
    recipe = ball_and_stick(hay)
    true = crossings_ms(run(engine, recipe, plan, PRECISE), -20.0)
    found = crossings_ms(run(population, recipe, plan, single(1e-4)), -20.0)
    assert true.size >= 4
    assert np.abs(found - true).max() < 0.02


def test_a_published_model(population: PopulationEngine) -> None:
    cell_of("traub_ca3")
    loaded = load_study("traub_ca3")
    recipe = loaded.problem.recipe.with_values(loaded.published["published"])
    plan = next(one for one in loaded.problem.protocols if one.name == "weak_current")
    [true] = run_in_children([Job(recipe, plan, adaptive_step(0.02))])
    assert isinstance(true, Traces)
    times = [
        crossings_ms(one, -20.0) for one in (true, run(population, recipe, plan, single(0.02)))
    ]
    assert times[0].size == times[1].size >= 10
    # Rounding of spikes, 1.2 s apart; the scheme's own error is 1 ms here.
    assert np.abs(times[1] - times[0]).max() < 0.1


FUNCTIONS = """
#include "lanes.hpp"
template <typename Function>
static void each(double const* x, double* y, long count, Function const& function) {
    for (long i = 0; i < count; i += LANES) {
        Vec given{};
        for (int j = 0; j < LANES && i + j < count; ++j)
            given[j] = static_cast<Real>(x[i + j]);
        Vec const found = function(given);
        for (int j = 0; j < LANES && i + j < count; ++j)
            y[i + j] = found[j];
    }
}
extern "C" void exponentials(double const* x, double* y, long n) {
    each(x, y, n, [](Vec v) { return exponential(v); });
}
extern "C" void shifted(double const* x, double* y, long n) {
    each(x, y, n, [](Vec v) { return exponential(v, -0.1, -4); });
}
extern "C" void less_1(double const* x, double* y, long n) {
    each(x, y, n, [](Vec v) { return exponential_less_1(v, every(1)); });
}
extern "C" void relatives(double const* x, double* y, long n) {
    each(x, y, n, [](Vec v) { return exprelr(v); });
}
extern "C" void logarithms(double const* x, double* y, long n) { each(x, y, n, logarithm); }
extern "C" void inverses(double const* x, double* y, long n) {
    each(x, y, n, [](Vec v) { return every(1) / v; });
}
extern "C" int vector_bytes() { return sizeof(Vec); }
"""
# This processor's own registers, and those of processors with less.
WIDTHS = {
    "": 64 if "avx512f" in processor_features("-march=native") else None,
    " -mno-avx512f": 32 if "avx2" in processor_features("-march=native") else None,
    " -mno-avx512f -mno-avx2 -mno-avx": 16,
}
NARROWED = [narrowed for narrowed, width in WIDTHS.items() if width is not None]


def functions(precision: Precision, narrowed: str) -> ctypes.CDLL:
    headers = {"lanes.hpp": (Path(population_engine.__file__).parent / "lanes.hpp").read_text()}
    flags = population_engine.flags(precision) + narrowed
    built = build_text("functions", {"functions.cpp": FUNCTIONS, **headers}, flags, print)
    return ctypes.CDLL(str(built))


@pytest.mark.parametrize("narrowed", NARROWED)
def test_a_vector_is_as_wide_as_a_register(narrowed: str) -> None:
    """What is wider costs a processor ten times as much: nothing is computed side by side then."""
    assert functions("double", narrowed).vector_bytes() == WIDTHS[narrowed]


@pytest.mark.parametrize("narrowed", NARROWED)
@pytest.mark.parametrize(
    ("precision", "kind", "within", "end"),
    [("double", np.float64, 3e-13, 700.0), ("single", np.float32, 5e-7, 80.0)],
)
def test_functions_are_as_exact_as_they_say(
    precision: Precision, kind: type, within: float, end: float, narrowed: str
) -> None:
    library = functions(precision, narrowed)

    def computed(name: str, x: np.ndarray) -> np.ndarray:
        y = np.empty(x.size)
        pointers = [a.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for a in (x, y)]
        getattr(library, name)(*pointers, ctypes.c_long(x.size))
        return y

    def spread(low: float, high: float) -> np.ndarray:
        return np.linspace(low, high, 200_001).astype(kind).astype(float)

    small = np.concatenate([sign * np.logspace(-30, 0, 50_001) for sign in (-1, 1)])
    small = small.astype(kind).astype(float)
    for x in (spread(-5, 5), spread(-end, end), small):
        assert np.abs(computed("exponentials", x) / np.exp(x) - 1).max() < within
        true = np.expm1(x)
        error = np.abs(computed("less_1", x) - true)[x != 0] / np.abs(true[x != 0])
        assert error.max() < 2 * within
        relative = np.divide(x, true, out=np.ones_like(x), where=x != 0)
        assert np.abs(computed("relatives", x) / relative - 1).max() < 2 * within
    wide = spread(-100, 100)
    # A rounding of an argument of at most 14 comes besides.
    off = computed("shifted", wide) / np.exp(-0.1 * wide - 4) - 1
    assert np.abs(off).max() < within + 14 * np.finfo(kind).eps
    beyond = np.array([-np.inf, -2 * end, 2 * end, np.inf])
    np.testing.assert_allclose(
        computed("exponentials", beyond),
        np.exp(np.clip(beyond, -end, end)),
        rtol=within,
    )
    positive = np.concatenate([np.exp(spread(-70, 70)), spread(0.5, 2)]).astype(kind).astype(float)
    off = np.abs(computed("logarithms", positive) - np.log(positive))
    assert (off / np.maximum(np.abs(np.log(positive)), 1)).max() < within
    assert np.abs(computed("inverses", positive) * positive - 1).max() < within
    ends = computed("inverses", np.array([0.0, np.inf]))
    assert ends.tolist() == [np.inf, 0.0]
    assert np.isnan(computed("inverses", np.array([np.nan]))).all()
