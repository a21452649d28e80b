"""Shapes as factors, and measures of shapes, cables and users' functions."""

import json
import sys

import numpy as np
import pytest

from tests.fakes import Workers
from workbench.cells import CellRecipe, Paint, electrotonic
from workbench.cells.electrotonic import passive
from workbench.errors import InputError
from workbench.experiments import Sample, Wanted, design, do, given_function, table
from workbench.experiments.functions import named_function
from workbench.features import Missing
from workbench.morphology import edit_morphology, generate_morphology
from workbench.protocols import Traces
from workbench.runs import with_params
from workbench.studies import load_study

SPIKES = "soma.v.Spikecount"
TREE = generate_morphology("binary-tree tips=4,number=1,length_um=700")


@pytest.fixture(scope="module")
def sample():
    study, values = with_params(load_study("hodgkin_huxley"), "published")
    return Sample(study.problem.recipe.with_values(values), study)


@pytest.fixture(scope="module")
def tree(sample):
    thick = edit_morphology(TREE, "scale-diameters basal=2")
    return Sample(sample.recipe.with_morphology(thick), sample.study)


def test_arguments_of_a_generator_and_an_edit_are_factors(tree):
    factors = {
        "morphology.number": [1, 2],
        "morphology.length_um": [700, "1 mm"],
        "edit.scale-diameters.factor": [1, 2],
    }
    names = (SPIKES, "morphology.topology", "morphology.length_um.basal")
    found = design({"t": tree}, ["step"], Wanted(names), factors)
    assert len(found.conditions) == 8
    rows = table(found, do(found, Workers(), made_with={}))
    assert [row["morphology.topology"] for row in rows] == 4 * ["4(3(2(1,1),1),1)"] + 4 * [
        "4(2(1,1),2(1,1))"
    ]
    assert [row["morphology.length_um.basal"] for row in rows] == pytest.approx(
        2 * [700, 700, 1000, 1000]
    )
    assert found.numbers == (SPIKES, "morphology.length_um.basal")
    one, other = found.conditions[0].job.recipe, found.conditions[1].job.recipe
    assert other.morphology.diameter_um("dend") == 2 * one.morphology.diameter_um("dend")


def test_a_shape_that_is_made_bears_on_its_cell_alone(sample, tree):
    factors = {"morphology.number": [1, 2], "gnabar_hh.all": [0.1, 0.2]}
    found = design({"patch": sample, "t": tree}, ["step"], Wanted((SPIKES,)), factors)
    assert [one.levels.get("morphology.number") for one in found.conditions] == [
        None, None, 1, 1, 2, 2,
    ]  # fmt: skip
    rows = [{"cell": "t", "morphology.number": 2}, {"cell": "patch"}]
    tabled = design({"patch": sample, "t": tree}, ["step"], Wanted((SPIKES,)), rows=rows)
    assert tabled.conditions[0].levels["morphology.number"] == 2


def test_the_same_tree_made_another_way_is_the_same_experiment(sample, tree):
    factors = {"morphology.number": [2]}
    [one] = design({"t": tree}, ["step"], Wanted((SPIKES,)), factors).conditions
    made = generate_morphology("binary-tree tips=4,number=2,length_um=700")
    thick = edit_morphology(made, "scale-diameters basal=2")
    recipe = sample.recipe.with_morphology(thick)
    assert one.job.recipe == recipe


def test_measures_of_a_shape_and_of_a_cable(sample):
    """Against the morphology's own and `electrotonic`, and a ratio of two impedances."""
    paint = tuple(
        Paint(name, "all", value)
        for name, value in {"g_pas": 1e-4, "e_pas": -65.0, "Ra": 100.0, "cm": 1.0}.items()
    )
    recipe = CellRecipe("c", TREE, inserted=(("all", "pas"),), paint=paint)
    names = (
        "morphology.area_um2",
        "morphology.number_of_tips",
        "cell.passive.mean_path",
        "cell.frozen.input_MOhm",
        "cell.passive.input_uS(dend[0](0.5))",
        "cell.passive.voltage_ratio(soma(0.5),dend[0](0.5))",
    )
    found = design({"c": Sample(recipe, sample.study)}, ["step"], Wanted((SPIKES, *names)))
    [row] = table(found, do(found, Workers(), made_with={}))
    cable = electrotonic(recipe, passive(recipe))
    soma, dend = "soma(0.5)", "dend[0](0.5)"
    assert [row[name] for name in names] == pytest.approx(
        [
            TREE.area_um2(),
            4,
            cable.mean_path,
            cable.input_MOhm(soma),
            1 / cable.input_MOhm(dend),
            cable.transfer_MOhm(soma, dend) / cable.input_MOhm(soma),
        ]
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("morphology.aera_um2", "unknown measure of a morphology .*did you mean 'area_um2'"),
        ("cell.frozn.input_MOhm", "unknown gates 'frozn'; did you mean 'frozen'"),
        ("cell.frozen.input_MOm", "unknown measure of a cell .*did you mean 'input_MOhm'"),
        ("cell.frozen.transfer_MOhm", r"is of 2 sites; write cell.frozen.transfer_MOhm\(soma"),
        ("cell.frozen.mean_path(soma(0.5))", "is of no sites; write cell.frozen.mean_path"),
        ("cell.frozen.input_MOhm(soma)", "soma"),
    ],
)
def test_a_measure_that_cannot_be(name, said):
    with pytest.raises(InputError, match=said):
        Wanted((SPIKES, name))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("morphology.length_um.tuft", "unknown region 'tuft'"),
        ("cell.frozen.input_MOhm(apical@400um)", "apical"),
    ],
)
def test_what_a_tree_has_not(tree, name, said):
    with pytest.raises(InputError, match=f"cell = t, protocol = step: .*{said}"):
        design({"t": tree}, ["step"], Wanted((SPIKES, name)))


def test_a_factor_of_a_shape_that_cannot_be(sample, tree):
    with pytest.raises(InputError, match="no cell is generated or edited"):
        design({"p": sample}, ["step"], Wanted((SPIKES,)), {"morphology.length_um": [1]})
    with pytest.raises(InputError, match=r"did you mean 'morphology\.length_um'"):
        design({"t": tree}, ["step"], Wanted((SPIKES,)), {"morphology.lenth_um": [1]})
    with pytest.raises(InputError, match=r"morphology\.number = 3: binary-tree: number is 3"):
        design({"t": tree}, ["step"], Wanted((SPIKES,)), {"morphology.number": [3]})


def mean_mV(traces):
    return sum(traces["soma.v"].values) / len(traces["soma.v"].values)


def test_a_function_of_ones_own(sample):
    one = given_function(mean_mV)
    assert one.column == "test_shapes:mean_mV"
    wanted = Wanted((SPIKES, one.column), functions={one.column: one})
    found = design({"p": sample}, ["step"], wanted)
    traces = Traces("step", np.array([0.0, 1.0]), {"soma.v": np.array([-70.0, -60.0])})
    own = given_function(mean_mV)
    text = "def mean_mV(traces):\n    return traces['soma.v'].values.mean()"
    short = type(own)("f", "mean_mV", text)
    assert short.of(traces).tolist() == [-65.0]
    failing = type(own)("m:f", "f", "def f(traces):\n    return 1 / 0")
    assert failing.of(traces) == Missing("m:f: ZeroDivisionError: division by zero")
    nothing = type(own)("m:f", "f", "def f(traces):\n    return float('nan')")
    assert nothing.of(traces) == Missing("m:f gives nan")
    other = Wanted((SPIKES, "m:f"), functions={"m:f": failing})
    again = Wanted((SPIKES, "m:f"), functions={"m:f": nothing})
    assert len({design({"p": sample}, ["step"], w).digest for w in (other, again)}) == 2
    assert found.numbers == wanted.measures


def test_a_function_without_a_text(sample):
    for given in (lambda traces: 1.0, json.dumps.__call__, sys.exit):
        with pytest.raises(InputError, match="is no measure: define a function with `def`"):
            given_function(given)


def test_python_beside_a_file_is_trusted_or_refused(tmp_path):
    (tmp_path / "waves.py").write_text("def rise(traces):\n    return 1.0\n")
    with pytest.raises(InputError, match=r"waves\.py is Python .* give --trust-python"):
        named_function("waves:rise", tmp_path, trusted=False)
    assert named_function("waves:rise", tmp_path, trusted=True).function == "rise"
    for name, said in (
        ("waves:fall", "defines no function 'fall'"),
        ("wave:rise", "wave.py: there is no such file"),
        ("../waves:rise", "cannot be read; write <module>:<function>"),
    ):
        with pytest.raises(InputError, match=said):
            named_function(name, tmp_path, trusted=True)
