"""Which simulations an experiment consists of, and what cannot be one."""

from dataclasses import replace
from itertools import product

import pytest

from workbench.engines import fixed_step
from workbench.errors import EngineError, InputError, MorphologyError
from workbench.experiments import Sample, Wanted, design
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.runs import with_params
from workbench.studies import EngineChoice, load_study

SPIKES = Wanted(("soma.v.Spikecount",))


@pytest.fixture(scope="module")
def cell():
    study, values = with_params(load_study("hodgkin_huxley"), "published")
    return Sample(study.problem.recipe.with_values(values), study)


@pytest.fixture(scope="module")
def long(cell):
    tree = cylinder_tree("long", [Cylinder("somatic", 20, 20), Cylinder("axonal", 90, 2, parent=0)])
    return replace(cell, recipe=cell.recipe.with_morphology(tree))


def levels(experiment):
    return [tuple(one.levels.values()) for one in experiment.conditions]


def test_all_combinations_the_last_factor_first(cell, long):
    factors = {"gnabar_hh.all": [0.06, 0.12], "step.amplitude_nA": [0.5, "1000 pA", 2]}
    found = design({"a": cell, "b": long}, ["step"], SPIKES, factors)
    assert levels(found) == list(product(["a", "b"], ["step"], [0.06, 0.12], [0.5, "1000 pA", 2]))
    assert found.factors == ("cell", "protocol", *factors)
    last = found.conditions[-2].job
    assert [p.value for p in last.recipe.paint if p.name == "gnabar_hh.all"] == [0.12]
    assert last.protocol.parameters["amplitude_nA"] == 1.0
    assert last.recipe.morphology.name == "long"


def test_a_parameter_of_one_protocol_multiplies_no_other(cell):
    factors = {"step.amplitude_nA": [0.5, 1.0], "gnabar_hh.all": [0.06, 0.12]}
    found = design({"a": cell}, ["step", "pulse"], SPIKES, factors)
    assert levels(found) == [
        ("a", "step", 0.5, 0.06),
        ("a", "step", 0.5, 0.12),
        ("a", "step", 1.0, 0.06),
        ("a", "step", 1.0, 0.12),
        ("a", "pulse", 0.06),
        ("a", "pulse", 0.12),
    ]


def test_rows_of_a_table(cell, long):
    rows = [
        {"cell": "b", "gnabar_hh.all": 0.06},
        {"protocol": "pulse", "gnabar_hh.all": float("nan"), "pulse.amplitude_nA": 9},
        {"cell": "a", "protocol": "step", "gnabar_hh.all": None},
    ]
    found = design({"a": cell, "b": long}, ["step", "pulse"], SPIKES, rows=rows)
    assert [one.levels for one in found.conditions] == [
        {"cell": "b", "protocol": "step", "gnabar_hh.all": 0.06},
        {"cell": "b", "protocol": "pulse", "gnabar_hh.all": 0.06},
        {"cell": "a", "protocol": "pulse", "pulse.amplitude_nA": 9},
        {"cell": "b", "protocol": "pulse", "pulse.amplitude_nA": 9},
        {"cell": "a", "protocol": "step"},
    ]
    assert found.factors == ("cell", "protocol", "gnabar_hh.all", "pulse.amplitude_nA")


def test_an_engine_is_a_word_or_has_a_name(cell):
    named = {"fine": EngineChoice(dt=0.005), "core": EngineChoice("coreneuron")}
    found = design({"a": cell}, ["step"], SPIKES, {"engine": named})
    assert [one.job.integrator for one in found.conditions] == [
        fixed_step(0.005, 2),
        fixed_step(0.01, 2, "coreneuron"),
    ]
    [word] = design({"a": cell}, ["step"], SPIKES, {"engine": ["coreneuron"]}).conditions
    assert word.job.integrator == fixed_step(0.01, 2, "coreneuron")


def test_windows_follow_the_stimulus_unless_they_are_given(cell):
    factors = {"step.delay_ms": [5, 15]}
    found = design({"a": cell}, ["step"], SPIKES, factors)
    windows = [one.measures[0].window for one in found.conditions]
    assert [(w.begin_ms, w.end_ms) for w in windows] == [(5, 105), (15, 115)]
    given = Wanted(SPIKES.measures, (1.0, 50.0), -10.0)
    [one] = design({"a": cell}, ["step"], given).conditions
    assert str(one.measures[0].window) == "[1, 50]"
    assert one.measures[0].window.threshold_mV == -10.0


def test_the_digest_tells_experiments_apart(cell):
    digests = {
        design({"a": cell}, ["step"], wanted, factors).digest
        for wanted in (SPIKES, Wanted(("soma.v.AP_height",)), Wanted(SPIKES.measures, (0.0, 9.0)))
        for factors in ({}, {"gnabar_hh.all": [0.12]}, {"gnabar_hh.all": [0.06]})
    }
    assert len(digests) == 9
    again = design({"a": cell}, ["step"], SPIKES, {}).digest
    assert again in digests


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({"gnabr_hh.all": [1]}, r"unknown factor 'gnabr_hh.all'; did you mean 'gnabar_hh.all'\?"),
        ({"stp.amplitude_nA": [1]}, r"Allowed: .*step\.<parameter>"),
        ({"step.amplitude": [1]}, r"cell = a, protocol = step, .*did you mean 'amplitude_nA'"),
        ({"step.amplitude_nA": ["1 parsec"]}, "amplitude_nA = 1 parsec: .*allowed units"),
        ({"gnabar_hh.all": 0.1}, "factor gnabar_hh.all is 0.1; give a list"),
        ({"gnabar_hh.all": "0.1"}, "give a list"),
        ({"gnabar_hh.all": [True]}, "gnabar_hh.all is True; a level is a number or a text"),
        ({"gnabar_hh.all": [0.1, 0.1]}, "has the level 0.1 twice"),
        ({"gnabar_hh.all": [float("nan")]}, "must be a finite number"),
        ({"gnabar_hh.all": []}, "a factor or the table is empty"),
        ({"engine": ["genesis"]}, "unknown engine 'genesis'"),
        ({"cell": ["a"]}, "cell is no factor: all cells that are given are simulated"),
        ({"step.duration_ms": [-5]}, "step.duration_ms = -5: .*it must be above 0"),
    ],
)
def test_a_factor_that_cannot_be(cell, factors, said):
    with pytest.raises(InputError, match=said):
        design({"a": cell}, ["step"], SPIKES, factors)


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        ((), "without measures"),
        (("AP_height",), "cannot be read; write <location>.<variable>.<feature>"),
        (("soma.v.AP_heigth",), "did you mean 'AP_height'"),
        (("soma.v.AP_height",) * 2, "given twice"),
        (("dend.v.AP_height",), "nothing of it is measured: it records soma.v"),
    ],
)
def test_a_measure_that_cannot_be(cell, measures, said):
    with pytest.raises(InputError, match=said):
        design({"a": cell}, ["step"], Wanted(measures))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "the table is empty"),
        ([{"cell": "c"}], "unknown cell 'c'"),
        ([{"protocol": "pulse"}], "unknown protocol 'pulse'"),
        ([{"gnabar": 1}], "unknown factor 'gnabar'"),
        ([3], "row 1 is 3; give levels by factor"),
        ([{"gnabar_hh.all": [1]}], r"gnabar_hh.all, row 1, is \[1\]"),
    ],
)
def test_rows_that_cannot_be(cell, rows, said):
    with pytest.raises(InputError, match=said):
        design({"a": cell}, ["step"], SPIKES, rows=rows)


def test_what_else_cannot_be(cell):
    with pytest.raises(InputError, match="factors or rows"):
        design({"a": cell}, ["step"], SPIKES, {}, [])
    with pytest.raises(InputError, match="protocols are step; give at least one, none twice"):
        design({"a": cell}, ["step", "step"], SPIKES)
    with pytest.raises(InputError, match="unknown protocol 'stp'; did you mean 'step'"):
        design({"a": cell}, ["stp"], SPIKES)
    free = replace(cell, recipe=cell.study.problem.recipe)
    with pytest.raises(InputError, match=r"no value for gnabar_hh\.all, .*; give a parameter set"):
        design({"a": free}, ["step"], SPIKES)
    coarse = {"engine": {"coarse": EngineChoice(dt=0.1, order=2)}}
    with pytest.raises(EngineError, match=r"engine = coarse: Crank-Nicolson at dt_ms = 0\.1"):
        design({"a": cell}, ["step"], SPIKES, coarse)


def test_a_site_that_a_tree_has_not(cell):
    stick = cylinder_tree("stick", [Cylinder("somatic", 20, 20)])
    step = cell.study.protocol("step")
    far = replace(step.recordings[0], site=parse_site("axon[0](0.5)"))
    beyond = replace(step, recordings=(far,))
    cut = replace(cell, recipe=cell.recipe.with_morphology(stick))
    with pytest.raises(MorphologyError, match=r"cell = cut, protocol = step: .*axon"):
        design({"cut": cut}, [beyond], SPIKES)
