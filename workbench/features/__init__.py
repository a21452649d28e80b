"""From traces to numbers: features with all their values, or the reason why there are none."""

from workbench.features import (  # noqa: F401 - they register features
    bursts,
    levels,
    responses,
    spike_means,
    spikes,
)
from workbench.features.distance import DISTANCE, Against, trace_distance
from workbench.features.efel_door import check_settings
from workbench.features.likeness import LIKENESS, Train, likeness
from workbench.features.measure import (
    check_names,
    check_names_of_two,
    feature,
    feature_of_two,
    features_of_two,
    measure,
    measure_two,
    names_of_all,
    own_features,
)
from workbench.features.needs import STIMULUS, lacking
from workbench.features.propagation import conduction_velocity
from workbench.features.values import Measured, Missing, Penalised, Setting, Window

__all__ = [
    "DISTANCE",
    "LIKENESS",
    "STIMULUS",
    "Against",
    "Measured",
    "Missing",
    "Penalised",
    "Setting",
    "Train",
    "Window",
    "check_names",
    "check_names_of_two",
    "check_settings",
    "conduction_velocity",
    "feature",
    "feature_of_two",
    "features_of_two",
    "lacking",
    "likeness",
    "measure",
    "measure_two",
    "names_of_all",
    "own_features",
    "trace_distance",
]
