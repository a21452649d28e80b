"""The least standard deviation of a target: few sweeps of one cell agree by chance."""

from collections.abc import Mapping

_BY_NAME = {
    0.001: ("adaptation_index", "adaptation_index2"),
    0.1: ("ISI_CV", "AP_width", "AP_duration_half_width", "spike_half_width", "AP_duration"),
    0.5: ("Spikecount", "spike_count", "Spikecount_stimint", "mean_frequency"),
    1.0: ("doublet_ISI",),
    2.0: (
        "AHP_depth",
        "AHP_depth_abs",
        "AP1_amp",
        "AP1_peak",
        "AP2_amp",
        "AP2_peak",
        "AP_amplitude",
        "AP_begin_voltage",
        "AP_height",
        "maximum_voltage",
        "min_AHP_values",
        "minimum_voltage",
        "peak_voltage",
        "steady_state_voltage",
        "steady_state_voltage_stimend",
        "voltage_base",
    ),
    5.0: ("ISI_values", "time_to_first_spike", "AP_rise_rate", "AP_fall_rate"),
}
"""In the feature's unit: Gouwens et al. 2018 (Nat Commun 9:710), by eFEL's names for what they
measured; half a spike for numbers of spikes."""

PART = 0.05
LEAST = 1e-3
_KNOWN = {name: floor for floor, names in _BY_NAME.items() for name in names}


def floor_of(feature: str, mean: float, given: Mapping[str, float]) -> float:
    """Return the least SD of a feature: as given, as published, or 5 % of the mean and 0.001."""
    if feature in given:
        return given[feature]
    return _KNOWN.get(feature, max(PART * abs(mean), LEAST))
