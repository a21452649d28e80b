"""Slopes of features that are formulas of the parameters, told by workers that simulate nothing."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from workbench.errors import EngineError, InputError
from workbench.evaluations import Evaluation
from workbench.evaluations.counting import PartDone
from workbench.features import Missing
from workbench.runs.sensitivity import (
    read_sensitivity,
    sensitivity_of,
    write_sensitivity,
)
from workbench.studies import load_study
from workbench.workers.task import Answer

HH = load_study("hodgkin_huxley")
NAMES = ("gnabar_hh.all", "gkbar_hh.all", "gl_hh.all")
HERE = dict(zip(NAMES, (0.2, 0.05, 3e-4), strict=True))
COUNT, INTERVALS, HIGHEST, LOWEST = range(4)


class Formulas:
    """Workers that answer each row by a formula of its parameters."""

    places = 1

    def __init__(self, formula):
        self.formula = formula

    def run(self, task, rows):
        for number, bundle in enumerate(rows):
            found = [self.formula(*row) for row in np.reshape(bundle, (-1, 3))]
            value = found if task.digest != HH.problem.digest else found[0]
            yield Answer(number, "formula", 0.0, value)


def smooth(na, k, leak):
    """A count that is constant, intervals that fall with gNa, a maximum of ln gl, no minimum."""
    measured = ([7.0], [10.0 - na, 12.0 - na], [5 * math.log(leak)])
    return Evaluation((*map(np.array, measured), Missing("there is none")))


def found_by(formula, values=HERE, **more):
    return sensitivity_of(HH, values, Formulas(formula), **more)


def test_slopes_are_the_derivatives_over_the_bounds_on_their_scale():
    found = found_by(smooth, step=0.01)
    slopes = found.slopes_SD
    assert found.values[:3] == pytest.approx([7, 11 - 0.2, 5 * math.log(3e-4)])
    assert slopes[:, COUNT].tolist() == [0, 0, 0]
    assert slopes[:, INTERVALS] == pytest.approx([-0.45 / 100 / 0.73, 0, 0])  # of 0.03 to 0.48
    assert slopes[:, HIGHEST] == pytest.approx([0, 0, 5 * math.log(16) / 100 / 2.1])  # a log scale
    assert np.isnan(slopes[:, LOWEST]).all()
    assert found.sure[:, :3].all()
    assert not found.sure[:, LOWEST].any()
    [row] = [r for r in found.rows() if (r["feature"], r["parameter"]) == ROW]
    assert row["low"] == pytest.approx(0.2 - 0.0045)
    assert row["above"] == pytest.approx(11 - 0.2 - 0.0045)
    assert [r["slope_SD"] for r in found.rows()[-3:]] == [None] * 3


ROW = ("step.soma.spike_intervals", "gnabar_hh.all")


def test_a_feature_that_jumps_is_not_sure():
    def jumps(na, k, leak):
        count = np.array([7.0 if na < 0.203 else 8.0])
        return Evaluation((count, *smooth(na, k, leak).measured[1:]))

    found = found_by(jumps, step=0.01)
    assert found.slopes_SD[0, COUNT] == pytest.approx(0.5 / 0.5)  # from 7 to 8 over 2 %
    assert not found.sure[0, COUNT]
    assert found.sure[1, COUNT]


def test_on_a_bound_a_parameter_is_moved_to_one_side():
    found = found_by(smooth, HERE | {"gnabar_hh.all": 0.48}, step=0.1)
    assert found.ends[:, 0] == pytest.approx([0.48 - 0.045, 0.48])
    assert found.slopes_SD[0, INTERVALS] == pytest.approx(-0.45 / 100 / 0.73)


def test_it_says_how_far_it_is():
    said = []
    found_by(smooth, show=said.append)
    assert said[-1] == PartDone(13, 13, "parameter sets")
    assert str(said[0]) == "1 of 13 parameter sets simulated"
    assert [one.whole for one in said].count(True) == 10


def test_it_is_kept_for_the_individual_that_it_is_of(tmp_path):
    found = found_by(smooth)
    write_sensitivity(tmp_path, found)
    again = read_sensitivity(tmp_path, HERE)
    assert again.slopes_SD.tobytes() == found.slopes_SD.tobytes()
    assert read_sensitivity(tmp_path, HERE | {"gl_hh.all": 4e-4}) is None
    kept = json.loads((tmp_path / "sensitivity.json").read_text())
    for spoilt in ({}, {**kept, "values": [1.0]}, {**kept, "moved": "x"}, [], {**kept, "step": {}}):
        (tmp_path / "sensitivity.json").write_text(json.dumps(spoilt))
        assert read_sensitivity(tmp_path, HERE) is None


@pytest.mark.parametrize(
    ("values", "step", "says"),
    [
        (HERE | {"gl_hh.all": 1.0}, 0.01, r"gl_hh.all is 1, beyond its bounds \[7.5e-05, 0.0012\]"),
        (HERE, 0.5, "step is 0.5, it must lie between 1e-06 and 0.25"),
        (HERE, float("nan"), "step is nan"),
        ({"gl_hh.all": 1.0}, 0.01, "has no gnabar_hh.all"),
    ],
)
def test_what_cannot_be_moved(values, step, says):
    with pytest.raises(InputError, match=says):
        found_by(smooth, values, step=step)


def test_a_set_that_fails_has_no_neighbourhood_and_a_neighbour_that_fails_no_value():
    def fails(na, k, leak):
        return replace(smooth(na, k, leak), status="OK" if na <= 0.2 else "ABSURD")

    found = found_by(fails)
    assert np.isnan(found.slopes_SD[0]).all()
    assert found.slopes_SD[2, HIGHEST] == pytest.approx(5 * math.log(16) / 100 / 2.1)
    failed = Evaluation((Missing("v is 812 mV"),) * 4, "ABSURD")
    with pytest.raises(EngineError, match="the parameter set cannot be simulated: v is 812 mV"):
        found_by(lambda *_: failed)
