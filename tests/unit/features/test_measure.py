"""Features of traces whose spikes are known because they were drawn."""

import importlib
import subprocess
import sys

import efel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.features import Missing, Window, check_names, check_settings, feature, measure
from workbench.protocols import Trace

WINDOW = Window(200.0, 800.0)
SPIKES_ms = (250.0, 350.0, 480.0, 650.0)
ROOM = importlib.import_module("workbench.features.measure")
FEATURES = ["Spikecount", "AP_height", "mean_frequency", "ISI_CV", "AHP_depth_abs", "voltage_base"]
OF_EFEL = ["AP_fall_time", "spike_half_width", "voltage_after_stim"]
"""Not among those that are computed in its place."""


def spiking(spikes_ms=SPIKES_ms, peak_mV=30.0, until_ms=1000.0, name="soma.v"):
    """Return a trace at -70 mV with triangular spikes, 2 ms wide at their feet."""
    t_ms = np.arange(0.0, until_ms + 0.05, 0.1)
    values = np.full(t_ms.size, -70.0)
    for spike_ms in spikes_ms:
        rise = 1.0 - np.abs(t_ms - spike_ms)
        values += (peak_mV + 70.0) * np.clip(rise, 0.0, None)
    return Trace(name, t_ms, values)


def broken(**at):
    """Return a spiking trace in which samples (by index) are something else."""
    trace = spiking()
    values = trace.values.copy()
    for index, value in at.items():
        values[int(index[1:])] = value
    return Trace(trace.name, trace.t_ms, values)


def numbers(found):
    return {name: np.round(values, 6).tolist() for name, values in found.items()}


def test_a_drawn_spike_train():
    """Four spikes: 50 ms after the onset, then after 100, 130 and 170 ms.

    eFEL leaves the first interval out of ISI_CV: std (n - 1) over mean of 130 and 170 is
    28.2843 / 150; mean_frequency is the count over the time from onset to the last spike.
    """
    found = measure(
        spiking(),
        [
            "Spikecount",
            "peak_time",
            "peak_voltage",
            "time_to_first_spike",
            "all_ISI_values",
            "doublet_ISI",
            "ISI_CV",
            "mean_frequency",
            "voltage_base",
            "AP_width",
        ],
        WINDOW,
        until_ms=1000.0,
    )
    assert numbers(found) == {
        "Spikecount": [4.0],
        "peak_time": [250.0, 350.0, 480.0, 650.0],
        "peak_voltage": [30.0] * 4,
        "time_to_first_spike": [50.0],
        "all_ISI_values": [100.0, 130.0, 170.0],
        "doublet_ISI": [100.0],
        "ISI_CV": [0.188562],
        "mean_frequency": [8.888889],
        "voltage_base": [-70.0],
        "AP_width": [1.0] * 4,  # half of 100 mV at -20 mV, the foot is 2 ms wide
    }


@given(st.lists(st.integers(41, 159), max_size=12, unique=True))
@settings(max_examples=25)
def test_every_spike_in_the_window_is_counted(places):
    spikes_ms = sorted(5.0 * place for place in places)
    found = measure(spiking(spikes_ms), ["Spikecount"], WINDOW)
    assert found["Spikecount"].tolist() == [len(spikes_ms)]


def test_every_value_is_a_locked_array():
    for values in measure(spiking(), FEATURES, WINDOW).values():
        assert values.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0.0


def test_a_silent_cell_has_no_spikes_and_says_why_it_has_no_shapes():
    found = measure(spiking(()), FEATURES, WINDOW, until_ms=1000.0)
    assert found["Spikecount"].tolist() == [0.0]
    assert found["voltage_base"].tolist() == [-70.0]
    for name in ("AP_height", "mean_frequency", "ISI_CV", "AHP_depth_abs"):
        assert isinstance(found[name], Missing), name
        assert "eFEL" in found[name].reason


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        (broken(_5000=np.nan), "soma.v is nan at 500.000 ms"),
        (broken(_5000=np.inf), "soma.v is inf at 500.000 ms"),
        (broken(_5000=-np.inf), "soma.v is -inf at 500.000 ms"),
        (broken(_5000=-3e4), "soma.v is -3e+04 mV at 500.000 ms"),
        (Trace("soma.v", np.arange(9.0), np.full(9, np.nan)), "soma.v is nan at 0.000 ms"),
        (spiking(until_ms=600.0), "soma.v ends at 600.000 ms instead of 1000 ms"),
        (Trace("soma.v", np.empty(0), np.empty(0)), "soma.v has 0 samples"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_defect_is_the_reason_of_every_feature_and_never_a_silent_cell(trace, reason):
    """eFEL by itself counts 0 spikes in a trace of NaN."""
    found = measure(trace, FEATURES, WINDOW, until_ms=1000.0)
    assert found == dict.fromkeys(FEATURES, Missing(reason))


def test_the_threshold_of_the_window_counts():
    trace = spiking(peak_mV=-40.0)
    assert measure(trace, ["Spikecount"], WINDOW)["Spikecount"].tolist() == [0.0]
    low = Window(200.0, 800.0, threshold_mV=-55.0)
    assert measure(trace, ["Spikecount"], low)["Spikecount"].tolist() == [4.0]


def test_no_setting_leaks_from_one_call_to_the_next():
    trace = spiking(peak_mV=-40.0)
    first = measure(trace, ["Spikecount"], WINDOW)["Spikecount"]
    low = Window(200.0, 800.0, -55.0, {"interp_step": 5.0})
    of_efel = measure(trace, ["peak_indices"], low)["peak_indices"]
    measure(trace, ["Spikecount"], low)
    assert measure(trace, ["Spikecount"], WINDOW)["Spikecount"].tolist() == first.tolist() == [0.0]
    assert of_efel.tolist() == [50.0, 70.0, 96.0, 130.0]
    assert isinstance(measure(trace, ["peak_indices"], WINDOW)["peak_indices"], Missing)
    assert efel.get_settings() == efel.Settings()


@pytest.mark.parametrize("features", [FEATURES, [*FEATURES, "AP_fall_time", "peak_indices"]])
def test_settings_that_somebody_left_behind_do_not_count(features):
    before = numbers(measure(spiking(), features, WINDOW))
    efel.set_setting("Threshold", 100.0)
    efel.set_setting("interp_step", 5.0)
    efel.set_setting("strict_stiminterval", True)
    assert numbers(measure(spiking(), features, WINDOW)) == before
    measure(spiking(), OF_EFEL, WINDOW)
    assert efel.get_settings() == efel.Settings()


def test_settings_of_the_window_count():
    """With strict_stiminterval eFEL counts only the spikes in the window."""
    trace = spiking((100.0, 250.0, 900.0))
    found = measure(trace, ["Spikecount"], WINDOW)
    assert found["Spikecount"].tolist() == [3.0]
    strict = Window(200.0, 800.0, settings={"strict_stiminterval": 1.0})
    assert measure(trace, ["Spikecount"], strict)["Spikecount"].tolist() == [1.0]


def test_an_error_in_efel_leaves_the_defaults_behind(monkeypatch):
    def fail(*_args, **_more):
        raise RuntimeError("eFEL fell over")

    monkeypatch.setattr(efel, "get_feature_values", fail)
    found = measure(spiking(), ["AP_fall_time"], Window(200.0, 800.0, -55.0, {"interp_step": 5.0}))
    words = "eFEL cannot compute it on this trace: RuntimeError: eFEL fell over"
    assert found == {"AP_fall_time": Missing(words)}
    assert efel.get_settings() == efel.Settings()


def test_a_feature_that_raises_is_missing_in_its_own_words_and_the_others_are_not():
    """depol_block_bool wants a sample behind the window, and there is none."""
    trace, to_the_end = spiking(until_ms=999.9), Window(200.0, 1000.0)
    found = measure(trace, [*FEATURES, "depol_block_bool"], to_the_end)
    broken = found.pop("depol_block_bool")
    assert isinstance(broken, Missing)
    assert "IndexError: index 0 is out of bounds" in broken.reason
    assert numbers(found) == numbers(measure(trace, FEATURES, to_the_end))
    assert efel.get_settings() == efel.Settings()


def test_a_machine_without_memory_is_no_property_of_a_cell(monkeypatch):
    def fail(*_args, **_more):
        raise MemoryError

    monkeypatch.setattr(efel, "get_feature_values", fail)
    with pytest.raises(MemoryError):
        measure(spiking(), ["AP_fall_time"], WINDOW)


def falling(tau_ms=30.0, until_ms=1000.0, step_ms=0.1):
    """Return a trace that falls by 20 mV with one time constant, from 200 ms on."""
    t_ms = np.arange(0.0, until_ms + step_ms / 2, step_ms)
    after_ms = np.clip(t_ms - 200.0, 0.0, None)
    return Trace("soma.v", t_ms, -70.0 - 20.0 * (1 - np.exp(-after_ms / tau_ms)))


def test_the_time_constant_of_a_fall():
    found = measure(falling(), ["time_constant"], WINDOW)["time_constant"]
    assert found == pytest.approx([30.0], rel=1e-3)


BEYOND = [
    Window(200.0, 201.0),
    Window(200.0, 202.9),
    Window(0.0, 0.05),
    Window(998.5, 1000.0),
    Window(2000.0, 3000.0),
    Window(200.0, 800.0, settings={"interp_step": 21.0}),
    Window(999.5, 4000.0),
]


@pytest.mark.parametrize("window", BEYOND, ids=str)
def test_efel_is_not_asked_for_a_time_constant_beyond_its_memory(window):
    """It ends the process, or gives a number from elsewhere, where it has fewer than 15 samples."""
    program = f"""
import numpy as np
from workbench.features import measure, Missing, Window
from workbench.protocols import Trace
t_ms = np.arange(0.0, 1000.05, 0.1)
after_ms = np.clip(t_ms - 200.0, 0.0, None)
trace = Trace("soma.v", t_ms, -70.0 - 20.0 * (1 - np.exp(-after_ms / 30.0)))
found = measure(trace, ["Spikecount", "time_constant"], {window!r})
print(found["Spikecount"], found["time_constant"].reason)
"""
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert child.returncode == 0, (child.returncode, child.stderr)
    assert "too little of the trace" in child.stdout


def test_all_features_of_a_trace_that_are_left_to_efel_are_one_call(monkeypatch):
    calls = []
    real = efel.get_feature_values

    def counted(traces, names, **more):
        calls.append((len(traces), list(names)))
        return real(traces, names, **more)

    monkeypatch.setattr(efel, "get_feature_values", counted)
    measure(spiking(), [*FEATURES, *OF_EFEL], WINDOW)
    assert calls == [(1, OF_EFEL)]
    measure(spiking(), FEATURES, WINDOW)
    assert calls == [(1, OF_EFEL)]


def test_an_unknown_feature_names_the_nearest():
    with pytest.raises(InputError) as caught:
        check_names(["AP_height", "AP_heigth"])
    assert str(caught.value).startswith(
        "unknown feature 'AP_heigth'; did you mean 'AP_height'? Allowed: those of eFEL"
    )


def test_an_unknown_setting_names_the_nearest():
    """eFEL takes any name and ignores it."""
    with pytest.raises(InputError, match="'interp_stp'; did you mean 'interp_step'"):
        check_settings({"interp_stp": 0.1})
    with pytest.raises(InputError, match="did you mean 'interp_step'"):
        measure(spiking(), FEATURES, Window(200.0, 800.0, settings={"interp_stp": 0.1}))
    with pytest.raises(InputError, match="unknown eFEL setting 'Threshold'"):
        check_settings({"Threshold": -20.0})
    check_settings({"interp_step": 0.1, "strict_stiminterval": 1, "DerivativeThreshold": 10.0})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((300.0, 200.0), r"window_ms is \[300, 200\]"),
        ((200.0, 200.0), "end after it begins"),
        ((-1.0, 200.0), "begin at 0 or later"),
        ((np.nan, 200.0), "window_ms"),
        ((0.0, np.inf), "window_ms is inf"),
        ((0.0, 1.0, np.nan), "threshold_mV is nan"),
        ((0.0, 1.0, -20.0, {"interp_step": np.nan}), "interp_step is nan"),
        ((0.0, 1.0, -20.0, {"interp_step": 0.0}), "interp_step is 0, it must be above 0"),
        ((0.0, 1.0, -20.0, {"interp_step": 1e-9}), "at least 0.0001 ms"),
        ((0.0, 1.0, -500.0), "threshold_mV is -500, it must lie between -200 and 200 mV"),
        ((0.0, 1.0, "x"), "threshold_mV is 'x', it must be a finite number"),
    ],
)
def test_a_window_that_cannot_be_is_refused(arguments, says):
    """With an interp_step of 0 or NaN eFEL finds no spike in a trace full of them."""
    with pytest.raises(InputError, match=says):
        Window(*arguments)


@pytest.fixture
def own(monkeypatch):
    """Return the decorator; what it registers is forgotten after the test."""
    monkeypatch.setattr(ROOM, "_own", {})
    return feature


def test_an_own_feature_is_one_decorated_function(own):
    @own
    def highest_mV(trace, window):
        inside = (trace.t_ms >= window.begin_ms) & (trace.t_ms < window.end_ms)
        return trace.values[inside].max()

    check_names(["highest_mV", "Spikecount"])
    found = measure(spiking(peak_mV=25.0), ["Spikecount", "highest_mV"], WINDOW)
    assert list(found) == ["Spikecount", "highest_mV"]
    assert found["highest_mV"] == pytest.approx([25.0])
    with pytest.raises(ValueError, match="read-only"):
        found["highest_mV"][0] = 0.0


@pytest.mark.parametrize(
    ("gives", "reason"),
    [
        (Missing("there is no burst"), "there is no burst"),
        ([], "burst finds nothing to measure on this trace"),
        (None, "burst cannot compute it on this trace"),
        ([1.0, np.nan], "burst gives nan"),
        (np.inf, "burst gives inf"),
    ],
)
def test_an_own_feature_without_finite_values_is_missing(own, gives, reason):
    @own
    def burst(trace, window):
        return gives

    assert measure(spiking(), ["burst"], WINDOW) == {"burst": Missing(reason)}


def test_an_own_feature_never_sees_a_defect(own):
    @own
    def burst(trace, window):
        raise AssertionError("it was asked")

    assert measure(broken(_0=np.nan), ["burst"], WINDOW) == {
        "burst": Missing("soma.v is nan at 0.000 ms")
    }


def test_own_features_alone_need_no_efel(own, monkeypatch):
    @own
    def burst(trace, window):
        return 1.0

    monkeypatch.setattr(efel, "get_feature_values", None)
    assert measure(spiking(), ["burst"], WINDOW)["burst"].tolist() == [1.0]


def test_two_own_features_of_one_name_are_refused(own):
    def burst(trace, window):
        return 1.0

    own(burst)
    with pytest.raises(ValueError, match="'burst' is registered twice"):
        own(burst)
    with pytest.raises(InputError, match="Allowed: those of eFEL, burst"):
        check_names(["brst"])


def test_a_setting_is_of_the_kind_that_efel_has():
    check_settings({"voltage_base_mode": "median", "decay_start_after_stim": 5.0})
    for name, value, wanted in (
        ("voltage_base_mode", "mode", "'mean' or 'median'"),
        ("strict_stiminterval", 2.0, "true or false"),
        ("max_spike_skip", 2.5, "a whole number"),
        ("burst_factor", "1.5", "a number"),
    ):
        with pytest.raises(InputError, match=f"{name} is {value!r}, it must be {wanted}"):
            check_settings({name: value})


def test_settings_that_efel_does_not_list_count_and_are_forgotten():
    """As they do where they are given with the trace; the fall is slower 20 ms after its begin."""
    t_ms = np.arange(0.0, 1000.0, 0.1)
    after_ms = np.clip(t_ms - 800.0, 0.0, None)
    fall = np.exp(-after_ms / 5.0) + 0.3 * np.exp(-after_ms / 50.0)
    trace = Trace("soma.v", t_ms, -70.0 + 20.0 * fall)
    name = "decay_time_constant_after_stim"
    given = {"decay_start_after_stim": 25.0, "decay_end_after_stim": 60.0}

    def found(**settings):
        return measure(trace, [name], Window(200.0, 800.0, settings=settings))[name]

    before = found()
    row = {"T": t_ms, "V": trace.values, "stim_start": [200.0], "stim_end": [800.0]}
    row |= {key: [value] for key, value in given.items()}
    [expected] = efel.get_feature_values([row], [name])
    assert found(**{key: int(value) for key, value in given.items()}) == expected[name]
    assert expected[name] != before
    assert found() == before
    assert vars(efel.get_settings()) == vars(efel.Settings())


def test_an_input_resistance_is_the_deflection_over_the_current():
    """-20 mV by -0.1 nA are 200 MOhm; without the current nobody knows."""
    name = "ohmic_input_resistance"
    found = measure(falling(), [name], WINDOW, stimulus_nA=-0.1)
    assert found[name] == pytest.approx([200.0])
    unknown = measure(falling(), [name, "voltage_base"], WINDOW)
    assert unknown[name] == Missing("the current of the stimulus is not known")
    assert unknown["voltage_base"] == pytest.approx([-70.0])


STRICT = Window(200.0, 800.0, settings={"strict_stiminterval": 1.0})
ENDS = ["AP_duration", "AP_fall_time", "AP_fall_rate", "AP_end_indices", "Spikecount"]


def rounded(spikes_ms, until_ms=1000.0):
    """Return a trace of spikes of one form, with an afterhyperpolarisation."""
    t_ms = np.arange(0.0, until_ms, 0.1)
    values = np.full(t_ms.size, -70.0)
    for spike_ms in spikes_ms:
        values += 100.0 * np.exp(-(((t_ms - spike_ms) / 0.6) ** 2))
        values -= 12.0 * np.exp(-(((t_ms - spike_ms - 3.0) / 1.5) ** 2))
    return Trace("soma.v", t_ms, values)


@pytest.mark.parametrize("behind", [(), (804.0,), (830.0, 900.0), (800.2,)])
def test_no_value_spans_a_spike_in_the_window_and_one_behind_it(behind):
    """All spikes are equal, so are their durations; those of eFEL would be up to 115 ms long."""
    inside = (250.0, 400.0, 785.0)
    found = measure(rounded((*inside, *behind)), ENDS, STRICT)
    assert found["Spikecount"].tolist() == [3.0]
    for name in ("AP_duration", "AP_fall_time", "AP_fall_rate"):
        assert found[name].size == 3
        assert found[name] == pytest.approx(found[name][0], abs=0.11), name
    assert found["AP_end_indices"] == pytest.approx([10 * t + 13 for t in inside], abs=2)


def test_the_spikes_before_a_window_do_not_count_under_strict_stiminterval():
    alone, after = (
        measure(rounded(t), ENDS, STRICT) for t in ((250.0, 400.0), (60.0, 250.0, 400.0))
    )
    assert numbers(alone) == numbers(after)


def test_a_silent_cell_has_no_end_of_a_spike_within_its_window():
    t_ms = np.arange(0.0, 1000.0, 0.1)
    silent = Trace("soma.v", t_ms, np.full(t_ms.size, -70.0))
    found = measure(silent, ["AP_duration_half_width", "AP_fall_rate"], STRICT)
    assert all(isinstance(one, Missing) for one in found.values())
