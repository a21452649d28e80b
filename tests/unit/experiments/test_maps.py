"""Measures of maps in an experiment."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.engines import Failure, FailureKind
from workbench.errors import InputError
from workbench.experiments import Sample, Wanted, design, table
from workbench.experiments.task import evaluation_under
from workbench.protocols import Map, Mapped, Traces
from workbench.runs import with_params
from workbench.studies import load_study

MEASURES = ("map.maximum.mean", "map.maximum.maximum", "map.end.minimum", "soma.v.maximum_voltage")
ONE = np.ones(2)


@pytest.fixture(scope="module")
def cell():
    study, values = with_params(load_study("hodgkin_huxley"), "published")
    return Sample(study.problem.recipe.with_values(values), study)


@pytest.fixture
def asked(cell):
    step = cell.study.protocol("step").with_maps(Map(keep=("maximum", "end")))
    return design({"a": cell}, [step], Wanted(MEASURES))


def done(condition, values):
    t_ms = np.arange(0.0, condition.job.protocol.duration_ms + 1)
    found = Mapped(
        ("maximum", "end"), ("soma[0]", "dend[0]"), ONE, ONE, np.array([1.0, 3.0]), values
    )
    traces = Traces("step", t_ms, {"soma.v": np.sin(t_ms)}, {"map": found})
    return evaluation_under(condition, traces)


def test_a_map_is_reduced_over_its_segments(asked):
    [condition] = asked.conditions
    [row] = table(asked, [done(condition, np.array([[4.0, -1.0], [8.0, -3.0]]))])
    assert row["map.maximum.mean"] == 7.0, "weighted with areas of 1 and 3 um2"
    assert row["map.maximum.maximum"] == 8.0
    assert row["map.end.minimum"] == -3.0
    assert row["status"] == "OK"


def test_what_no_segment_has_is_missing_with_the_reason(asked):
    [condition] = asked.conditions
    [row] = table(asked, [done(condition, np.array([[np.nan, -1.0], [np.nan, -3.0]]))])
    assert row["map.maximum.mean"] is None
    assert "map.maximum.mean: no segment of map has a maximum" in row["reason"]


def test_a_simulation_that_failed_has_no_map(asked):
    [condition] = asked.conditions
    failure = Failure(FailureKind.SIMULATOR, "asked for")
    [row] = table(asked, [evaluation_under(condition, failure)])
    assert row["map.maximum.mean"] is None
    assert (row["status"], row["reason"]) == ("SIMULATOR", "asked for")


def test_the_window_of_features_is_not_that_of_the_map(asked, cell):
    wide = replace(cell.study.protocol("step"), maps=(Map(keep=("maximum",), window_ms=(1, 2)),))
    [condition] = design({"a": cell}, [wide], Wanted(("map.maximum.mean",))).conditions
    assert condition.job.protocol.maps[0].window_ms == (1, 2)
    assert asked.digest != design({"a": cell}, [wide], Wanted(MEASURES)).digest


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        ("map.maximum.median", "unknown reduction of a map 'median'; did you mean 'mean'? Allowed"),
        ("map.maximun.mean", "mean"),
        ("map.minimum.mean", "nothing of it is measured: it records soma.v, map"),
    ],
)
def test_what_cannot_be_measured(cell, measure, says):
    step = cell.study.protocol("step").with_maps(Map(keep=("maximum", "end")))
    with pytest.raises(InputError) as caught:
        design({"a": cell}, [step], Wanted((measure,)))
    assert says in str(caught.value)
