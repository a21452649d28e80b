"""Features that are computed in eFEL's place have its values to the last bit, where it has any."""

import subprocess
import sys
from collections.abc import Iterator

import efel
import numpy as np
import pytest

from workbench.features import Missing, Window, efel_door, measure
from workbench.features.common import COMMON
from workbench.protocols import Trace

SETTINGS = (
    {},
    {"strict_stiminterval": 1.0},
    {"interp_step": 0.025},
    {"interp_step": 1.3, "strict_stiminterval": 1.0, "voltage_base_start_perc": 0.5},
    {"sahp_start": 20.0, "ignore_first_ISI": 0.0, "voltage_base_end_perc": 0.93},
    {"voltage_base_mode": "median", "interp_step": 0.5},
    {"DerivativeThreshold": 5.0, "DerivativeWindow": 2, "spike_skipf": 0.3, "max_spike_skip": 4},
)
STIMULUS_nA = -0.13
THRESHOLDS_mV = (-20.0, -20.0, 0.0, 10.0, -55.0)


def of_efel(trace, name, window):
    """Return what eFEL itself gives for one feature that is asked alone."""
    return efel_door.measure(trace, [name], window, STIMULUS_nA)[name]


def times_ms(rng, count):
    """Return steps as integrators take them: equal, drawn, and none at all."""
    kind = rng.integers(4)
    if kind == 0:
        return np.arange(count) * rng.choice([0.05, 0.1, 0.25])
    if kind == 1:
        return rng.uniform(0, 5) + np.arange(count) * 0.1
    if kind == 2:
        return np.cumsum(rng.choice([0.025, 0.1, 0.5, 0.0, 2.0], count))
    return np.cumsum(rng.exponential(0.3, count))


def voltages(rng, t_ms):
    """Return noise, whole numbers that lie on thresholds, plateaus, and spikes up to the ends."""
    kind = rng.integers(7)
    if kind == 0:
        return rng.choice([-70.0, -20.0, -60.0, 10.0, 30.0], t_ms.size)
    if kind == 1:
        return rng.integers(-60, 40, t_ms.size).astype(float)
    if kind == 2:
        return np.full(t_ms.size, rng.choice([-70.0, 0.0, -20.0]))
    v_mV = np.full(t_ms.size, -70.0)
    for at_ms in rng.uniform(t_ms[0] - 3, t_ms[-1] + 3, rng.integers(0, 14)):
        since, width = t_ms - at_ms, rng.uniform(0.2, 2.0)
        v_mV += rng.uniform(30, 110) * np.exp(-((since / width) ** 2))
        v_mV -= rng.uniform(0, 15) * np.exp(-(((since - 4 * width) / (2 * width)) ** 2))
    if kind == 3:
        v_mV += rng.uniform(0, 60) * (t_ms > np.median(t_ms))
    if kind == 4:
        v_mV += rng.normal(0, 0.3, t_ms.size)
    return v_mV.clip(-150, 150)


def drawn(seed) -> Iterator[tuple[Trace, Window]]:
    rng = np.random.default_rng(seed)
    for settings in SETTINGS * 3:
        t_ms = times_ms(rng, int(rng.choice([3, 5, 30, 300, 2000])))
        if not t_ms[0] < t_ms[-1]:
            continue
        begin_ms, end_ms = np.sort(rng.uniform(0, t_ms[-1], 2)).round(int(rng.integers(1, 6)))
        if begin_ms < end_ms:
            threshold_mV = float(rng.choice(THRESHOLDS_mV))
            window = Window(float(begin_ms), float(end_ms), threshold_mV, settings)
            yield Trace("soma.v", t_ms, voltages(rng, t_ms)), window


@pytest.mark.parametrize("seed", range(20))
def test_every_value_is_efels_own(seed):
    different = []
    for trace, window in drawn(seed):
        found = measure(trace, list(COMMON), window, stimulus_nA=STIMULUS_nA)
        if "finds nothing of the trace" in str(found["voltage_base"]):
            continue  # eFEL takes all of it, or ends the process
        for name in COMMON:
            own, theirs = found[name], of_efel(trace, name, window)
            if isinstance(own, Missing) or isinstance(theirs, Missing):
                if type(own) is not type(theirs):
                    different.append((name, own, theirs))
            elif own.tobytes() != theirs.tobytes():
                different.append((name, own, theirs))
    assert not different


def spiking(*spikes_ms, until_ms=100.0):
    """Return spikes with an afterhyperpolarisation."""
    t_ms = np.arange(0.0, until_ms, 0.1)
    v_mV = np.full(t_ms.size, -70.0)
    for at_ms in spikes_ms:
        v_mV += 100.0 * np.exp(-(((t_ms - at_ms) / 0.6) ** 2))
        v_mV -= 12.0 * np.exp(-(((t_ms - at_ms - 3.0) / 1.5) ** 2))
    return Trace("soma.v", t_ms, v_mV)


WINDOW = Window(10.0, 90.0)


@pytest.mark.parametrize(
    ("trace", "feature", "window", "reason"),
    [
        (spiking(), "AP_height", WINDOW, "needs 1 spike, the trace has none across -20 mV"),
        (spiking(20, 50), "AHP_slow_time", WINDOW, "needs 3 spikes, the trace has 2 across"),
        (spiking(5, 50), "doublet_ISI", Window(10, 90, 0, SETTINGS[1]), "the window has 1 across"),
        (spiking(20, 50), "ISI_CV", WINDOW, "needs 2 intervals, leaving out the first, and there"),
        (spiking(2, 4, 50, 60), "adaptation_index2", WINDOW, "needs 3 spikes in the window behind"),
        (spiking(86), "sag_ratio1", WINDOW, "needs a voltage that falls in the window"),
        (spiking(5, 95), "AP_amplitude", WINDOW, "finds no peak in the window"),
        (spiking(50), "voltage_base", Window(0, 90), "needs the voltage before the window"),
        (spiking(50), "mean_frequency", Window(0, 20), "divides by the time from the window's"),
    ],
)
def test_what_is_missing_says_what_it_lacks(trace, feature, window, reason):
    found = measure(trace, [feature], window)[feature]
    assert isinstance(found, Missing)
    assert found.reason.startswith(f"eFEL's {feature} ")
    assert reason in found.reason
    assert isinstance(of_efel(trace, feature, window), Missing)


def test_the_rest_before_a_window_that_nobody_recorded_is_missing():
    """eFEL ends the process where it seeks the median of no samples."""
    program = """
import numpy as np
from workbench.features import Window, measure
from workbench.protocols import Trace
window = Window(0.05, 0.3, settings={"voltage_base_mode": "median"})
trace = Trace("soma.v", np.arange(0.2, 9.0, 0.1), np.full(88, -70.0))
for name in ("voltage_base", "sag_time_constant", "initburst_sahp_vb"):
    print(measure(trace, [name], window)[name].reason)
"""
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    assert child.stdout.count("finds nothing of the trace from 0.045 to 0.05 ms") == 3


def test_efel_is_not_asked(monkeypatch):
    """No cell has all: a sag is of a voltage that falls, and spikes are of one that rises."""
    monkeypatch.setattr(efel, "get_feature_values", None)
    train = spiking(20, 30, 40, 50, 60, 70, 80)
    found = measure(train, list(COMMON), WINDOW, stimulus_nA=STIMULUS_nA)
    missing = {name for name, values in found.items() if isinstance(values, Missing)}
    assert missing <= {"sag_amplitude", "sag_ratio1", "sag_ratio2"}


def test_a_trace_that_efel_does_not_interpolate_is_left_as_it_is():
    """Two samples at its begin: eFEL takes all samples as they are."""
    trace = Trace("soma.v", np.array([0.0, 0.0, 1.0, 2.0, 3.0]), np.array([-70, -70, 30, -70, -70]))
    found = measure(trace, ["peak_time", "AP_height"], Window(0.5, 3.0))
    assert found["peak_time"].tolist() == [1.0]
    assert found["AP_height"].tolist() == [30.0]


def test_a_value_does_not_depend_on_what_is_asked_beside_it():
    """eFEL interpolates what it has interpolated: last digits depend on what was asked before."""
    trace = spiking(20, 35, 50, 65, 80)
    beside = measure(trace, [*COMMON, "AP_fall_time"], WINDOW)
    for name in COMMON:
        alone = measure(trace, [name], WINDOW)[name]
        if isinstance(alone, Missing):
            assert beside[name] == alone
        else:
            assert beside[name].tobytes() == alone.tobytes()


def test_settings_have_the_kind_that_efel_gives_them():
    settings = efel_door.settings_of(Window(10.0, 90.0, settings={"strict_stiminterval": 1.0}))
    assert settings["strict_stiminterval"] is True
    assert settings["max_spike_skip"] == 2
    assert efel.get_settings() == efel.Settings()
