"""Which features no cell can have: said before anything is simulated."""

import numpy as np
import pytest

from workbench.features import Missing, Window, lacking, measure
from workbench.features.efel_door import names
from workbench.protocols import Trace

T_ms = np.arange(0.0, 400.0 + 0.05, 0.1)
NO_INPUT = {
    "current",
    "current_base",
    "impedance",
    "multiple_decay_time_constant_after_stim",
    "steady_state_current_stimend",
}
SELDOM = {"postburst_adp_peak_indices", "postburst_adp_peak_values", "time_to_postburst_adp_peak"}


def responses(begin_ms, end_ms):
    """Yield traces of cells that do all kinds of things between two times."""
    within = (begin_ms <= T_ms) & (end_ms > T_ms)
    since_ms, after_ms = np.clip(T_ms - begin_ms, 0, None), np.clip(T_ms - end_ms, 0, None)
    up = np.where(within, 1 - np.exp(-since_ms / 10), 0.0)
    up = up + (T_ms >= end_ms) * np.exp(-after_ms / 10)
    yield -70 + 10 * up
    yield -70 - (10 + 3 * np.exp(-since_ms / 30)) * up
    for gaps in ([5, 5, 40], [20], [10, 12, 14, 18, 25], [3, 3, 3, 60]):
        values, spike_ms, i = -70 + 10 * up, begin_ms + 6.0, 0
        while spike_ms < end_ms - 4:
            values = values + 100 * np.exp(-(((T_ms - spike_ms) / 0.6) ** 2))
            values = values - 12 * np.exp(-(((T_ms - spike_ms - 3) / 1.5) ** 2))
            spike_ms, i = spike_ms + gaps[i % len(gaps)], i + 1
        yield values


@pytest.mark.parametrize("window", [(100.0, 300.0), (0.0, 300.0), (100.0, 400.0)], ids=str)
def test_what_is_said_to_lack_is_what_no_trace_has(window):
    """In eFEL's own answers: nothing is refused that one of the traces has, nothing forgotten."""
    found, within = set(), Window(*window)
    for values in responses(*window):
        measured = measure(Trace("soma.v", T_ms, values), sorted(names()), within, stimulus_nA=0.1)
        found |= {name for name, m in measured.items() if not isinstance(m, Missing)}
    refused = {name for name in names() if lacking(name, within, 400.0, 0.1)}
    assert refused >= NO_INPUT
    assert names() - found - SELDOM == refused


@pytest.mark.parametrize("stimulus_nA", [None, 0.0])
def test_an_input_resistance_needs_a_current(stimulus_nA):
    window = Window(100.0, 300.0)
    for name in ("ohmic_input_resistance", "ohmic_input_resistance_vb_ssse"):
        assert "no one step of current" in lacking(name, window, 400.0, stimulus_nA)
        assert lacking(name, window, 400.0, -0.01) == ""


def test_a_time_constant_needs_a_window():
    assert "too little" in lacking("time_constant", Window(100.0, 102.0), 400.0)
    assert lacking("time_constant", Window(100.0, 200.0), 400.0) == ""
