"""What features of eFEL need beside a voltage: where it is not there, no cell has a value.

Tried with eFEL 5.7: each of its features on spiking, bursting and hyperpolarised traces, without a
current, without time before the stimulus and without time after it.
"""

from workbench.features.values import ROUNDING_ms, Window

STIMULUS = frozenset({"ohmic_input_resistance", "ohmic_input_resistance_vb_ssse"})
"""These are a voltage over the current of the stimulus (nA)."""

_CURRENT = frozenset({"current", "current_base", "steady_state_current_stimend", "impedance"})
_SEVERAL_STIMULI = frozenset({"multiple_decay_time_constant_after_stim"})
_BEFORE = frozenset(
    {
        "AHP_depth",
        "AHP_depth_diff",
        "AHP_depth_slow",
        "AP_amplitude_from_voltagebase",
        "initburst_sahp_vb",
        "maximum_voltage_from_voltagebase",
        "ohmic_input_resistance",
        "ohmic_input_resistance_vb_ssse",
        "sag_amplitude",
        "sag_ratio1",
        "sag_ratio2",
        "sag_time_constant",
        "voltage_base",
        "voltage_deflection",
        "voltage_deflection_begin",
        "voltage_deflection_vb_ssse",
    }
)
_AFTER = frozenset({"decay_time_constant_after_stim"})

LEFT_ON_BASE = frozenset({"initburst_sahp_vb", "sag_time_constant"})
"""Of the features that are left to eFEL, those that ask for `voltage_base`.

With `voltage_base_mode` median eFEL 5.7.34 ends the process if nothing is recorded there.
"""

LEAST_STEPS = 20
"""Of eFEL's interpolation in the first half of a window that has a time constant.

`time_constant` leaves 10 out after the onset and fits 10 or more. With fewer than 15, 5 for the
stencil of its derivative, eFEL 5.7.34 reads and writes memory that is not its own: often a
segmentation fault, sometimes a number.
"""


def lacking(
    feature: str, window: Window, duration_ms: float, stimulus_nA: float | None = None
) -> str:
    """Return what a feature needs that no simulation of this length has, or an empty text.

    Parameters
    ----------
    stimulus_nA
        By how much the current of the window is above that before it; None if that is no number.
    """
    if feature in _CURRENT:
        return "it is a feature of the injected current, which is no recording"
    if feature in _SEVERAL_STIMULI:
        return "it needs several stimuli, and a target has one window"
    if feature in _BEFORE and window.begin_ms == 0:
        return (
            f"it needs the voltage before the stimulus, but the window {window} ms begins with the "
            "run; let the stimulus begin later, or give a window_ms that does"
        )
    if feature in _AFTER and window.end_ms >= duration_ms - ROUNDING_ms:
        return (
            f"it needs the voltage after the stimulus, but the window {window} ms ends with the "
            "run; give the protocol a longer duration_ms"
        )
    if feature == "time_constant" and not holds_time_constant(window, 0.0, duration_ms):
        return f"too little lies in the first half of the window {window} ms"
    if feature in STIMULUS and not stimulus_nA:
        return (
            "it is a voltage divided by the current of the stimulus, but there is no one step of "
            f"current into one site that begins with the window {window} ms and lasts as long, "
            "over a constant current before"
        )
    return ""


def holds_time_constant(window: Window, first_ms: float, last_ms: float) -> bool:
    """Return whether eFEL may be asked for the time constant: it checks no bounds itself."""
    middle_ms = (window.begin_ms + window.end_ms) / 2
    first_half_ms = middle_ms - max(window.begin_ms, first_ms)
    step_ms = float(window.settings.get("interp_step", 0.1))
    return bool(middle_ms <= last_ms and first_half_ms >= LEAST_STEPS * step_ms)
