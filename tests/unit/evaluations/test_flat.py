"""An evaluation as columns: features in their own unit, distances beside them."""

import numpy as np

from workbench.evaluations import Evaluation, Row, flat
from workbench.features import Missing


def test_features_and_their_distances_have_columns_of_their_own():
    evaluation = Evaluation((np.array([14.0, 16.0]), Missing("there is no spike")))
    row = Row(2, 7, np.array([0.1]), evaluation, np.array([9.0, 250.0]))
    assert flat(row, ["g"], ["step.soma.count", "step.soma.AP_height"]) == {
        "generation": 2,
        "individual": 7,
        "status": "OK",
        "sum": 259.0,
        "g": 0.1,
        "step.soma.count": 15.0,
        "step.soma.AP_height": None,
        "step.soma.count [SD]": 9.0,
        "step.soma.AP_height [SD]": 250.0,
    }
