"""BluePyOpt's problems in JSON become studies, or are refused with what cannot be said."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.imports.bluepyopt_models import (
    FEATURES,
    PARAMETERS,
    PARAMS,
    PROTOCOLS,
    RECIPES,
    STEP_FEATURES,
    write_flat,
    write_recipes,
)
from workbench.cells import Distribution
from workbench.errors import InputError
from workbench.exports.bluepyopt.expressions import stock_expression
from workbench.imports import import_study
from workbench.imports.bluepyopt.expressions import our_expression
from workbench.studies import load_study


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


GLOBAL_MOD = """NEURON { SUFFIX g1  NONSPECIFIC_CURRENT i  GLOBAL vhalf  RANGE g }
PARAMETER { g = 1e-5 (S/cm2)  vhalf = -40 (mV) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = g * (v - vhalf) }
"""


def painted(study):
    return {paint.name: paint.value for paint in study.problem.recipe.paint}


def test_flat_files(tmp_path):
    study = import_study("bluepyopt", write_flat(tmp_path / "small"), out="out")
    problem, recipe = study.problem, study.problem.recipe
    assert (recipe.celsius_degC, recipe.v_init_mV) == (34, -75)
    assert painted(study) == {
        "g_pas.all": 5e-5, "e_pas.all": -75, "ena.axonal": 50, "gIhbar_Ih.apical": 8e-5,
        "gNaTs2_tbar_NaTs2_t.somatic": None, "gNaTs2_tbar_NaTs2_t.axonal": None,
        "gSKv3_1bar_SKv3_1.somatic": None,
    }  # fmt: skip
    # The file interleaves two regions; a study keeps each together, in the order of the first.
    assert [(one.name, one.low, one.high) for one in problem.parameters] == [
        ("gNaTs2_tbar_NaTs2_t.somatic", 0, 4),
        ("gSKv3_1bar_SKv3_1.somatic", 0, 2),
        ("gNaTs2_tbar_NaTs2_t.axonal", 0, 6),
    ]
    [ih] = [paint.distribution for paint in recipe.paint if paint.distribution]
    np.testing.assert_allclose(
        ih.evaluate(8e-5, np.array([0.0, 100.0]), 130.0),
        8e-5 * (-0.8696 + 2.087 * np.exp(0.0031 * np.array([0.0, 100.0]))),
    )
    bap = study.protocol("bAP")
    assert [str(one.site) for one in bap.recordings] == ["soma[0](0.5)", "apical@60um last"]
    windows = {one.name: one.window for one in problem.objectives}
    assert str(windows["bAP.soma.AP_height"]) == "[20, 80]"
    assert windows["bAP.dend1.AP_amplitude_from_voltagebase"].threshold_mV == -55
    assert str(windows["Step1.soma.Spikecount"]) == "[50, 150]"
    assert [s.amplitude_nA for s in study.protocol("Step1").stimuli] == [0.3, -0.02]
    assert (problem.rule.missing, problem.rule.cap) == (250, None)
    axon = [recipe.morphology.sections[index] for index in recipe.morphology.indices("axonal")]
    assert [one.length_um for one in axon] == [30, 30]


def test_recipes(tmp_path):
    study = import_study("bluepyopt", write_recipes(tmp_path / "small"), out="out")
    assert painted(study) == {
        "g_pas.all": None, "e_pas.all": -75, "ena.somaxon": 50,
        "gNaTs2_tbar_NaTs2_t.somaxon": None, "gSKv3_1bar_SKv3_1.somatic": None,
        "gIhbar_Ih.alldend": 4e-5,
    }  # fmt: skip
    assert [protocol.name for protocol in study.protocols] == ["Step_150", "Ramp"]
    [window] = {one.window.threshold_mV for one in study.problem.objectives}
    assert window == -30
    assert all(one.window.settings["strict_stiminterval"] for one in study.problem.objectives)
    assert study.problem.rule.cap == 250
    said = (study.folder / "README.md").read_text()
    assert "Protocol Waiting (StepThresholdProtocol)" in said


def test_a_global_of_a_mechanism(tmp_path):
    params = with_parameter("global", name="vhalf_g1", val=[-50, -30])
    params["mechanisms"]["somatic"]["mech"].append("g1")
    model = write_recipes(tmp_path / "small", **{"params/small": params})
    (model / "mechanisms" / "g1.mod").write_text(GLOBAL_MOD)
    problem = import_study("bluepyopt", model, out="out").problem
    assert {one.name: (one.low, one.high) for one in problem.parameters}["vhalf_g1"] == (-50, -30)
    sets = '[first]\nsource = "here"\n[first.values.global]\nvhalf_g1 = -45\n'
    (tmp_path / "out" / "published.toml").write_text(sets)
    assert load_study(tmp_path / "out").values("first") == {"vhalf_g1": -45}


def test_one_of_several_recipes(tmp_path):
    recipes = {**RECIPES, "other": {**RECIPES["small"], "morphology": "gone.swc"}}
    model = write_recipes(tmp_path / "small", recipes=recipes)
    with pytest.raises(InputError, match="has 2 recipes; name one with --model: small, other"):
        import_study("bluepyopt", model, out="out")
    with pytest.raises(InputError, match="unknown recipe 'smal'; did you mean 'small'"):
        import_study("bluepyopt", model, out="out", model="smal")
    assert import_study("bluepyopt", model, out="out", model="small").name == "out"


def changed(tables, number, **entries):
    tables = copy.deepcopy(tables)
    tables[number] |= entries
    return tables


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"parameters": [*PARAMETERS, {**PARAMETERS[3], "param_name": "Rate_Ih"}]}, "Rate_Ih"),
        ({"parameters": changed(PARAMETERS, 2, bounds=[0, 1], value=None)}, "v_init: a global par"),
        ({"parameters": changed(PARAMETERS, 0, sectionlist="al")}, "unknown section list 'al'"),
        ({"parameters": changed(PARAMETERS, 0, typ="x")}, r"parameters\.json: 0\.typ: unknown key"),
        (
            {"parameters": changed(PARAMETERS, 8, dist="eval('1')")},
            "gIhbar_Ih.apical: distribution",
        ),
        ({"parameters": [*PARAMETERS, PARAMETERS[0]]}, "g_pas.all is set twice"),
        ({"features": {"Step9": FEATURES["Step1"]}}, "unknown protocol 'Step9'"),
        ({"features": {"Step1": {"soma": {"AP_heigt": [1, 1]}}}}, "AP_heigt"),
        ({"protocols": {**PROTOCOLS, "Step1": {"stimuli": []}}}, "Step1.stimuli"),
    ],
)
def test_flat_files_with_mistakes(tmp_path, files, said):
    model = write_flat(tmp_path / "small", **files)
    with pytest.raises(InputError, match=said):
        import_study("bluepyopt", model, out="out")
    assert not (tmp_path / "out").exists()


def with_parameter(sections, **entry):
    params = copy.deepcopy(PARAMS)
    params["parameters"].setdefault(sections, []).append(entry)
    return params


def test_the_later_one_wins_as_in_the_file(tmp_path):
    """`all` after a region overrules it in BluePyOpt, and so does it here."""
    over = {**PARAMETERS[0], "value": 1e-4}
    model = write_flat(
        tmp_path / "small", parameters=[{**over, "sectionlist": "basal"}, *PARAMETERS]
    )
    recipe = import_study("bluepyopt", model, out="out").problem.recipe
    names = [paint.name for paint in recipe.paint]
    assert names.index("g_pas.basal") < names.index("g_pas.all")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"params/small": with_parameter("somaxons", name="cm", val=[1, 2])},
         "unknown section list 'somaxons'; did you mean 'somaxon'"),
        ({"params/small": with_parameter("all", name="cm", val=1, dist="falling")},
         "unknown distribution 'falling'"),
        ({"recipes": {"small": {**RECIPES["small"], "params": "../other.json"}}}, "lies outside"),
    ],
)  # fmt: skip
def test_recipes_with_mistakes(tmp_path, files, said):
    model = write_recipes(tmp_path / "small", **files)
    with pytest.raises(InputError, match=said):
        import_study("bluepyopt", model, out="out")


def test_a_weight_of_a_feature_is_kept(tmp_path):
    feature = {**STEP_FEATURES["Ramp"]["soma.v"][0], "weight": 2}
    model = write_recipes(tmp_path / "small", **{"features/small": {"Ramp": {"soma.v": [feature]}}})
    (objective,) = import_study("bluepyopt", model, out="out").problem.objectives
    assert (objective.feature, objective.weight) == ("Spikecount", 2.0)


def test_numbers_are_put_into_a_text_without_brackets():
    """Of `{value}**2` a value of -2 makes -2**2, which is -4."""
    with pytest.raises(InputError, match=r"write \(\{value\}\) \*\*"):
        our_expression("d", "{value}**2")
    assert our_expression("d", "({value})**2 * {distance}**2") == "value ** 2 * distance_um ** 2"


def test_two_variables_of_one_place(tmp_path):
    features = {"Ramp": {place: STEP_FEATURES["Ramp"]["soma.v"] for place in ("soma.v", "soma.ik")}}
    model = write_recipes(tmp_path / "small", **{"features/small": features})
    with pytest.raises(InputError, match="features of two variables of soma"):
        import_study("bluepyopt", model, out="out")


def test_a_folder_that_holds_no_problem(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"neither a recipes\.json nor a parameters\.json"):
        import_study("bluepyopt", tmp_path / "empty")


@given(st.floats(-5, 5), st.floats(0, 500), st.sampled_from(["exp", "abs", "sqrt"]))
def test_an_expression_there_and_back(number, distance_um, function):
    ours = Distribution("d", f"value * {number!r} + {function}(distance_um / 100)")
    again = Distribution("d", our_expression("d", stock_expression(ours, 500.0)))
    places = np.array([0.0, distance_um])
    np.testing.assert_array_equal(
        again.evaluate(2.0, places, 500.0), ours.evaluate(2.0, places, 500.0)
    )
