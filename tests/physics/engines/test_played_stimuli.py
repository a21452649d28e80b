"""Stimuli that are played, and the voltage clamp, against closed forms of a passive soma."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import RESTING_mV, protocol, run, same, step, voltage
from tests.physics.engines.test_stimuli import SITE, SOMA, Array, R_MOhm, TAU_ms, charged_mV
from workbench.engines import EngineName, Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine, check, companies
from workbench.errors import EngineError
from workbench.features import Window, measure
from workbench.protocols import (
    Alpha,
    Chirp,
    CurrentFile,
    Noise,
    Protocol,
    Ramp,
    Recording,
    Sine,
    Stimulus,
    Traces,
    VoltageClamp,
    Waveform,
)

Exact = Callable[[Array], Array]
# It begins and ends between steps of 0.025 ms, so that every step is a whole one of it.
BEGIN_ms, LASTS_ms = 10.0, 60.0
FILE_ms = [0.0, 2.0, 2.0, 5.0, 5.5, 6.0, 60.0]
FILE_nA = [0.0, 0.01, -0.01, 0.005, 0.03, 0.0, 0.01]
G_uS = 1 / R_MOhm
C_nF = TAU_ms * G_uS


def relaxed_mV(since_ms: Array, lasts_ms: float, within: Exact) -> Array:
    """Follow `within` from 0 while a stimulus lasts, and let the voltage leak away after it."""
    during = np.clip(since_ms, 0.0, lasts_ms)
    return np.asarray(within(during) * np.exp(-np.maximum(since_ms - lasts_ms, 0.0) / TAU_ms))


def along_lines_mV(t_ms: Array, known_ms: Array, known_nA: Array) -> Array:
    """Depolarisation by straight lines between knots from 0 on, by V' = (R I - V) / tau."""
    v_mV = np.zeros(known_ms.size)

    def after(at: Array | int, elapsed_ms: Array | float) -> Array:
        here = np.asarray(at)
        slope = np.divide(
            np.diff(known_nA)[here],
            np.diff(known_ms)[here],
            out=np.zeros(here.shape),
            where=np.diff(known_ms)[here] > 0,
        )
        gone = -np.expm1(-elapsed_ms / TAU_ms)
        drive_nA = known_nA[here] * gone + slope * (elapsed_ms - TAU_ms * gone)
        return np.asarray(v_mV[here] * (1 - gone) + R_MOhm * drive_nA)

    for at in range(known_ms.size - 1):
        v_mV[at + 1] = after(at, known_ms[at + 1] - known_ms[at])
    before = np.clip(np.searchsorted(known_ms, t_ms, side="right") - 1, 0, known_ms.size - 2)
    return after(before, t_ms - known_ms[before])


def ramp_mV(t_ms: Array) -> Array:
    slope = 0.02 / LASTS_ms

    def within(since: Array) -> Array:
        return R_MOhm * (0.01 * -np.expm1(-since / TAU_ms)) - R_MOhm * slope * (
            since - TAU_ms * -np.expm1(-since / TAU_ms)
        )

    return relaxed_mV(t_ms - BEGIN_ms, LASTS_ms, within)


def sine_mV(t_ms: Array) -> Array:
    """By the impedance R / (1 + i w tau), and what it takes to begin at 0."""
    turns = 2 * math.pi * 0.05 * TAU_ms
    size, lag = 0.02 * R_MOhm / math.hypot(1, turns), math.atan(turns)

    def within(since: Array) -> Array:
        wave = np.sin(turns * since / TAU_ms + math.pi / 6 - lag)
        begun = math.sin(math.pi / 6 - lag)
        leak = np.exp(-since / TAU_ms)
        return size * (wave - begun * leak) + 0.005 * R_MOhm * (1 - leak)

    return relaxed_mV(t_ms - BEGIN_ms, LASTS_ms, within)


def chirp_mV(t_ms: Array) -> Array:
    """By a Runge-Kutta method of eighth order."""

    def slope(since: float, v: Array) -> Array:
        turns = 2 * math.pi * (0.001 * since + (0.08 - 0.001) * since**2 / (2 * LASTS_ms))
        return np.asarray((R_MOhm * 0.02 * math.sin(turns) - v) / TAU_ms)

    found = solve_ivp(slope, (0, LASTS_ms), [0.0], "DOP853", rtol=1e-11, atol=1e-11, max_step=0.5)

    def within(since: Array) -> Array:
        dense = solve_ivp(
            slope, (0, LASTS_ms), [0.0], "DOP853", np.unique(since), rtol=1e-11, atol=1e-11
        )
        return np.asarray(np.interp(since, dense.t, dense.y[0]))

    assert found.success
    return relaxed_mV(t_ms - BEGIN_ms, LASTS_ms, within)


def noise_mV(t_ms: Array) -> Array:
    """The draws are made here once more, by the update of Ornstein and Uhlenbeck's process."""
    deviates = np.random.RandomState(7).standard_normal(int(LASTS_ms / 0.1) + 1)
    kept = math.exp(-0.1 / 3)
    drawn = [deviates[0]]
    for one in deviates[1:]:
        drawn.append(kept * drawn[-1] + math.sqrt(1 - kept**2) * one)
    since_ms = 0.1 * np.arange(len(drawn))
    current_nA = 0.002 + 0.01 * np.array(drawn)
    return relaxed_mV(
        t_ms - BEGIN_ms, LASTS_ms, lambda since: along_lines_mV(since, since_ms, current_nA)
    )


def file_mV(t_ms: Array) -> Array:
    known = np.array(FILE_ms), 2 * np.array(FILE_nA)
    return relaxed_mV(t_ms - BEGIN_ms, LASTS_ms, lambda since: along_lines_mV(since, *known))


def alpha_mV(t_ms: Array) -> Array:
    """The integral of the current and of how the soma forgets it, by parts."""
    since_ms, peak_ms = np.maximum(t_ms - BEGIN_ms, 0.0), 3.0
    faster = 1 / peak_ms - 1 / TAU_ms
    grown = np.exp(-since_ms / TAU_ms) - np.exp(-since_ms / peak_ms) * (1 + faster * since_ms)
    return np.asarray(R_MOhm * 0.05 / TAU_ms * math.e / peak_ms * grown / faster**2)


PLAYED: dict[Stimulus, Exact] = {
    Alpha(SITE, BEGIN_ms, 3.0, 0.05): alpha_mV,
    Ramp(SITE, BEGIN_ms, LASTS_ms, 0.01, -0.01): ramp_mV,
    Sine(SITE, BEGIN_ms, LASTS_ms, 0.02, 50, 30, 0.005): sine_mV,
    Chirp(SITE, BEGIN_ms, LASTS_ms, 0.02, 1, 80): chirp_mV,
    Noise(SITE, BEGIN_ms, LASTS_ms, 0.002, 0.01, 3, 7, 0.1): noise_mV,
    Waveform(SITE, BEGIN_ms, CurrentFile("bumps.csv", FILE_ms, FILE_nA), 2): file_mV,
}


@pytest.mark.parametrize(
    ("integrator", "limit_mV"),
    [
        (fixed_step(0.025), 0.02),
        (fixed_step(0.025, order=2), 1e-4),
        (fixed_step(0.025, order=2, engine="coreneuron"), 1e-4),
        (Integrator(atol=1e-7), 1e-4),
        (adaptive_step(1e-6), 1e-3),
    ],
    ids=str,
)
@pytest.mark.parametrize("stimulus", PLAYED, ids=lambda stimulus: stimulus.kind)
def test_a_played_current_charges_the_soma(
    stimulus: Stimulus, integrator: Integrator, limit_mV: float
) -> None:
    """Over a hold, and after it: to 2e-5 of its 16 mV for what is straight in place of round."""
    plan = protocol(100, step(0.002), stimulus)
    [traces] = run_in_children([Job(SOMA, plan, integrator)])
    assert isinstance(traces, Traces), traces
    exact = charged_mV(traces.t_ms, 0.002) + PLAYED[stimulus](traces.t_ms)
    assert np.ptp(exact) > 5, "nothing happens"
    assert np.abs(voltage(traces) - RESTING_mV - exact).max() < limit_mV


@pytest.mark.parametrize("integrator", [Integrator(atol=1e-3), adaptive_step(0.02)], ids=str)
def test_no_step_passes_over_what_comes_after_a_long_silence(
    engine: NeuronEngine, integrator: Integrator
) -> None:
    """A triangle of 1 ms and 0.1 nA, 0.05 pC, on a soma that waited for it for 400 ms."""
    known = np.array([0.0, 400.0, 400.5, 401.0, 500.0]), np.array([0.0, 0.0, 0.1, 0.0, 0.0])
    waiting = Waveform(SITE, 0, CurrentFile("late.csv", *known))
    traces = run(engine, SOMA, protocol(500, waiting), integrator)
    exact = along_lines_mV(traces.t_ms, *known)
    assert exact.max() > 3
    assert np.abs(voltage(traces) - RESTING_mV - exact).max() < 0.05


def test_two_engines_are_given_the_same_noise_and_a_second_run_too(engine: NeuronEngine) -> None:
    plan = protocol(50, Noise(SITE, 5, 1e9, 0, 0.02, 2, 11))
    again = [run(engine, SOMA, plan, fixed_step(0.025)) for _ in range(2)]
    assert same(*again)
    [core] = run_in_children([Job(SOMA, plan, fixed_step(0.025, engine="coreneuron"))])
    assert isinstance(core, Traces)
    assert np.abs(voltage(core) - voltage(again[0])).max() < 1e-9
    longer = protocol(80, Noise(SITE, 5, 1e9, 0, 0.02, 2, 11))
    begun = voltage(run(engine, SOMA, longer, fixed_step(0.025)))
    assert np.array_equal(begun[: voltage(again[0]).size], voltage(again[0]))


def test_in_one_company_of_coreneuron_each_cell_has_its_own_stimulus(
    engine: NeuronEngine,
) -> None:
    """A step, a sine and a voltage clamp, at once and each alone: the same bit for bit."""
    stimuli = [step(0.01, 5, 20), Sine(SITE, 5, 30, 0.02, 50), VoltageClamp(SITE, 5, 20, -70, -40)]
    integrator = fixed_step(0.025, engine="coreneuron")
    jobs = [Job(SOMA, protocol(50, one), integrator) for one in stimuli]
    plans = [job.protocol.bound() for job in jobs]
    assert companies(jobs, plans) == [[0, 1, 2]]
    alone = [run(engine, SOMA, job.protocol, integrator) for job in jobs]
    for together, one in zip(engine(jobs), alone, strict=True):
        assert isinstance(together, Traces)
        assert np.ptp(voltage(one)) > 3, "nothing happens"
        assert same(together, one)


def clamped(duration_ms: float, stimulus: VoltageClamp) -> Protocol:
    recordings = (Recording("soma", SITE), Recording("soma", SITE, "i_clamp"))
    return Protocol("clamped", duration_ms, (stimulus,), recordings)


@pytest.mark.parametrize(
    ("integrator", "limit"),
    [
        (fixed_step(0.001), 0.01),
        (fixed_step(0.001, engine="coreneuron"), 0.01),
        (Integrator(atol=1e-7), 1e-4),
    ],
    ids=str,
)
def test_a_voltage_clamp_charges_the_soma_through_its_resistance(
    integrator: Integrator, limit: float
) -> None:
    """From E to a step of 30 mV and back, through 10 MOhm; limits are parts of each range."""
    rs_MOhm, begin_ms, lasts_ms = 10.0, 5.0, 10.0
    stimulus = VoltageClamp(SITE, begin_ms, lasts_ms, RESTING_mV, RESTING_mV + 30, rs_MOhm)
    [traces] = run_in_children([Job(SOMA, clamped(20, stimulus), integrator)])
    assert isinstance(traces, Traces), traces
    whole_uS = G_uS + 1 / rs_MOhm
    reached_mV = 30 / rs_MOhm / whole_uS

    def charged(since_ms: Array) -> Array:
        return np.asarray(-np.expm1(-np.maximum(since_ms, 0) * whole_uS / C_nF))

    t_ms = traces.t_ms
    exact_mV = reached_mV * (charged(t_ms - begin_ms) - charged(t_ms - begin_ms - lasts_ms))
    assert np.abs(voltage(traces) - RESTING_mV - exact_mV).max() < limit * 30
    # At the jumps themselves the current has two values.
    clear = np.all([np.abs(t_ms - at) > 1e-3 for at in (begin_ms, begin_ms + lasts_ms)], axis=0)
    on = (t_ms > begin_ms) & (t_ms < begin_ms + lasts_ms)
    exact_nA = (np.where(on, 30, 0) - exact_mV) / rs_MOhm
    found_nA = traces["soma.i_clamp"].values
    assert np.abs(found_nA - exact_nA)[clear].max() < limit * 3
    # Where the step ends the current jumps, and eFEL's last sample may be that after it.
    before = Window(begin_ms, begin_ms + lasts_ms - 0.2)
    [measured] = measure(traces["soma.i_clamp"], ["steady_state_voltage_stimend"], before).values()
    assert measured == pytest.approx(reached_mV * G_uS, rel=1e-3)


@pytest.mark.parametrize(
    ("integrator", "says"),
    [
        (adaptive_step(0.01), "adaptive steps know no current at the recorded times"),
        (fixed_step(0.025, order=2), "second order swing"),
        (fixed_step(0.025, order=2, engine="coreneuron"), "second order swing"),
    ],
    ids=str,
)
def test_a_voltage_clamp_is_refused_by_name_where_it_would_be_wrong(
    engine: NeuronEngine, integrator: Integrator, says: str
) -> None:
    plan = protocol(20, VoltageClamp(SITE, 5, 10, -70, -40))
    with pytest.raises(EngineError, match=f"test: voltage_clamp: .*{says}.*cvode_atol"):
        check(SOMA, [plan], integrator)
    if integrator.engine == "neuron":
        with pytest.raises(EngineError, match=says):
            run(engine, SOMA, plan, integrator)


@pytest.mark.parametrize("engine_name", ["neuron", "coreneuron"])
@pytest.mark.parametrize(
    ("stimulus", "says"),
    [
        (Alpha(SITE, 5, 0.02, 1), "the alpha current, at its peak after 0.02 ms,"),
        (Ramp(SITE, 5, 0.02, 0, 1), "the ramp of 0.02 ms"),
        (Sine(SITE, 5, 10, 1, 3000), "the sine of 3000 Hz, a twentieth of whose period is 0.01667"),
        (Chirp(SITE, 5, 10, 1, 0, 3000), "the chirp of 3000 Hz"),
        (Noise(SITE, 5, 10, 0, 1, 1, 1, 0.02), "the noise with a draw every 0.02 ms"),
        (
            Waveform(SITE, 5, CurrentFile("fine.csv", [0, 1, 1.02], [0, 1, 0])),
            "the waveform of fine.csv, whose samples are 0.02 ms apart,",
        ),
        (VoltageClamp(SITE, 5, 0.02, -70, -40), "the voltage step of 0.02 ms"),
    ],
    ids=lambda one: getattr(one, "kind", ""),
)
def test_a_fixed_step_that_passes_over_it_is_refused(
    engine_name: EngineName, stimulus: Stimulus, says: str
) -> None:
    with pytest.raises(EngineError, match=f"a fixed step of 0.025 ms may miss {says}"):
        check(SOMA, [protocol(20, stimulus)], fixed_step(0.025, engine=engine_name))
    check(SOMA, [protocol(20, stimulus)], Integrator(atol=1e-3))
