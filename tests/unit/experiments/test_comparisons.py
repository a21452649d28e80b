"""Measures of two recordings, and differences and ratios, on traces of straight lines."""

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.experiments import Sample, Wanted, design, table
from workbench.experiments.task import evaluation_under
from workbench.morphology import parse_site
from workbench.protocols import Recording, Traces
from workbench.runs import with_params
from workbench.studies import load_study

TWO = "soma.v.to.end.attenuation"
DIFFERENCE = "soma.v.maximum - end.v.maximum"
RATIO = "soma.v.maximum / end.v.maximum"


@pytest.fixture(scope="module")
def cell():
    study, values = with_params(load_study("hodgkin_huxley"), "published")
    return Sample(study.problem.recipe.with_values(values), study)


@pytest.fixture
def asked(cell):
    """Return a function from measures to the experiment of one cell with two recordings."""
    step = cell.study.protocol("step")
    two = (*step.recordings, Recording("end", parse_site("soma(1)")))

    def ask(*measures, recordings=two):
        protocol = type(step)("step", step.duration_ms, step.stimuli, recordings, step.parameters)
        return design({"a": cell}, [protocol], Wanted(measures))

    return ask


def row_of(experiment, soma_mV, end_mV):
    """Return the row of two hills from -70 mV to these peaks."""
    [condition] = experiment.conditions
    t_ms = np.arange(0.0, condition.job.protocol.duration_ms + 1)
    hill = np.clip(1 - np.abs(t_ms - 50) / 20, 0, None)
    recorded = {
        name: -70 + (peak_mV + 70) * hill
        for name, peak_mV in (("soma.v", soma_mV), ("end.v", end_mV))
    }
    [row] = table(experiment, [evaluation_under(condition, Traces("step", t_ms, recorded))])
    return row


def test_what_they_measure(asked):
    row = row_of(asked(TWO, DIFFERENCE, RATIO, "soma.v.maximum"), 30.0, -20.0)
    assert row[TWO] == pytest.approx(100 / 50)
    assert row[DIFFERENCE] == pytest.approx(50.0)
    assert row[RATIO] == pytest.approx(-1.5)
    assert row["soma.v.maximum"] == 30.0
    assert (row["status"], row["reason"]) == ("OK", "")


def test_a_difference_of_features_of_two(asked):
    name = "soma.v.to.end.attenuation - end.v.to.soma.attenuation"
    assert row_of(asked(name), 30.0, -20.0)[name] == pytest.approx(2.0 - 0.5)


def test_why_there_is_none(asked):
    row = row_of(asked(RATIO, "soma.v.maximum - soma.v.decay_time_constant_after_stim"), 30.0, 0.0)
    assert row[RATIO] is None
    assert f"{RATIO}: step.end.maximum is 0, which nothing can be divided by" in row["reason"]


def test_what_no_cell_can_have_under_a_protocol_is_missing(asked):
    name = "soma.v.maximum - soma.v.current"
    row = row_of(asked(name), 30.0, 0.0)
    assert row[name] is None
    assert "step.soma.current: it is a feature of the injected current" in row["reason"]


def test_they_are_measured_where_both_are_recorded(asked, cell):
    only_soma = cell.study.protocol("step").recordings
    [condition] = asked("soma.v.maximum", DIFFERENCE, TWO, recordings=only_soma).conditions
    assert len(condition.measures) == 1
    with pytest.raises(InputError, match="nothing of it is measured: it records soma"):
        asked(DIFFERENCE, recordings=only_soma)


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        ("soma.v.to.end.maximum", "unknown feature of two recordings 'maximum'"),
        ("soma.v.attenuation", "attenuation is a feature of two recordings"),
        ("soma.v.maximum < end.v.maximum", "a relation is no number; measure the difference"),
        ("soma.v.maximum < 5", "a relation is no number"),
        ("soma.v.maximum - end.v.maximun", "unknown feature 'maximun'; did you mean 'maximum'"),
        ("soma.v.maximum-end.v.maximum", "cannot be read"),
        ("soma.v.maximum - 5", "measure '5' cannot be read; write"),
        ("morphology.area_um2 - morphology.length_um", "measure 'morphology.area_um2' cannot be"),
        ("soma.v.maximum  - end.v.maximum", "cannot be read; write"),
    ],
)
def test_mistakes(measure, says):
    with pytest.raises(InputError) as caught:
        Wanted((measure,))
    assert says in str(caught.value)
