"""BluePyEModel's pipelines become studies, or are refused with what cannot be said."""

import copy
import json

import pytest

from tests.unit.imports.bluepyemodel_models import (
    EFE_FEATURES,
    EFE_PROTOCOLS,
    FINAL,
    FITNESS,
    LISTED,
    OLD_FEATURES,
    OLD_PROTOCOLS,
    PARAMS,
    RECIPE,
    SET,
    TIMES,
    feature,
    protocol,
    write_old,
    write_pipeline,
)
from workbench.errors import InputError
from workbench.imports import import_study
from workbench.protocols import Holding, RelativeTo, Rheobase

LEAK = """NEURON { SUFFIX lk  NONSPECIFIC_CURRENT i  GLOBAL vhalf  RANGE g }
PARAMETER { g = 1e-5 (S/cm2)  vhalf = -40 (mV) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = g * (v - vhalf) }
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def imported(folder, **given):
    return import_study("bluepyemodel", folder, out="out", **given)


def said(study):
    return (study.folder / "README.md").read_text()


def with_row(location, **row):
    params = copy.deepcopy(PARAMS)
    params["parameters"].setdefault(location, []).append(row)
    return params


def with_rows(location, *rows):
    return {**PARAMS, "parameters": {**PARAMS["parameters"], location: list(rows)}}


def with_distribution(**more):
    params = with_row("basal", name="gl_hh", val=1e-4, dist="x")
    params["distributions"]["x"] = {"fun": "{value}", **more}
    return params


@pytest.mark.parametrize("params", [PARAMS, LISTED])
def test_a_pipeline(tmp_path, params):
    study = imported(write_pipeline(tmp_path / "pipe", **{"params/small": params}))
    problem, recipe = study.problem, study.problem.recipe
    assert (recipe.celsius_degC, recipe.v_init_mV) == (6.3, -65)
    assert {one.name: (one.low, one.high) for one in problem.parameters} == {
        "constant.distribution_decay": (-0.01, 0), "g_pas.all": (1e-5, 1e-3),
        "gkbar_hh.allnoaxon": (0.01, 0.05), "gnabar_hh.axonal": (0.05, 0.3),
        "gnabar_hh.somatic": (0.05, 0.3), "gnabar_hh.apical": (0.01, 0.2),
    }  # fmt: skip
    fixed = {one.name: one.value for one in recipe.paint if one.value is not None}
    assert fixed == {
        "Ra.all": 100, "e_pas.all": -65, "gkbar_hh.axonal": 0.036, "gnabar_hh.basal": 0.05
    }  # fmt: skip
    axon = [recipe.morphology.sections[index] for index in recipe.morphology.indices("axonal")]
    assert [one.length_um for one in axon] == [30, 30]
    assert problem.integrator.dt_ms == 0.025
    assert (problem.rule.missing, problem.rule.cap) == (250, 250)
    assert "cm.myelinated: the cell has no myelin" in said(study)


def test_protocols_and_features(tmp_path):
    study = imported(write_pipeline(tmp_path / "pipe"))
    steps = {
        one.name: [(s.delay_ms, s.duration_ms, s.amplitude_nA) for s in one.stimuli]
        for one in study.protocols
        if one.name != "APThresh_300"
    }
    assert steps == {
        "IDrest_150": [(20, 60, 0.35), (0, 100, -0.02)],
        "IV_-40": [(20, 60, -0.1)],
        "HyperDepol_-40": [(10, 30, -0.1), (40, 20, 0.4)],
        "bAP_1500": [(20, 4, 2.0)],
        "sAHP_220": [(10, 20, 0.1), (30, 10, 0.5), (40, 20, 0.1)],
    }
    ramp, _ = study.protocol("APThresh_300").stimuli
    assert (ramp.kind, ramp.from_nA, ramp.to_nA, ramp.delay_ms, ramp.duration_ms) == (
        "ramp", 0, 0.6, 20, 60
    )  # fmt: skip
    by_name = {one.name: one for one in study.problem.objectives}
    assert len(by_name) == 10
    windows = {name: one.window for name, one in by_name.items()}
    assert str(windows["IDrest_150.soma.Spikecount"]) == "[20, 80]"
    # Another threshold, and a window of its own: the same recording under another name.
    assert str(windows["IDrest_150.soma_2.AP_height"]) == "[20, 50]"
    assert windows["IDrest_150.soma_2.AP_height"].threshold_mV == -30
    assert str(windows["bAP_1500.dend1.maximum_voltage"]) == "[20, 60]"
    settings = {"strict_stiminterval": True, "interp_step": 0.025}
    assert all(one.settings == settings for one in windows.values())
    assert by_name["IDrest_150.soma.mean_frequency"].weight == 2
    # An SD is at least threshold_efeature_std times the mean.
    assert by_name["IV_-40.soma.ohmic_input_resistance_vb_ssse"].std == 0.5 * 80
    sites = {str(one.site) for one in study.protocol("bAP_1500").recordings}
    assert sites == {"soma[0](0.5)", "apical@60um last"}


def test_what_waits_is_told(tmp_path):
    told = said(imported(write_pipeline(tmp_path / "pipe")))
    for sentence in (
        "SearchHoldingCurrent: a search that comes before the protocols",
        "RMPProtocol: a search",
        "Protocol sAHP_220 is one of validation: it can be simulated",
        "Protocol IDrest_250 (ThresholdBasedProtocol): its currents are in per cent",
        "Protocol SineSpec_100: what it injects is none of the steps and ramps",
        "`soma_2` is soma.v once more",
    ):
        assert sentence in told


SEARCHES = [
    feature("steady_state_voltage_stimend", "SearchHoldingCurrent", -67, 1),
    feature("bpo_threshold_current", "SearchThresholdCurrent", 0.3, 0.05, weight=2.0),
    feature("ohmic_input_resistance_vb_ssse", "RinProtocol", 80, 10),
    feature("Spikecount", "RMPProtocol", 0, 0.1),
]


def test_protocols_in_per_cent_of_a_threshold(tmp_path):
    """As soon as it is said at which voltage the cell is held."""
    local = protocol(
        "IDrest_99", {**TIMES, "thresh_perc": 99.0}, kind="LocalThresholdBasedProtocol"
    )
    sahp = protocol("sAHP_9", {"thresh_perc": 9.0, "long_amp": 0.1}, kind="ThresholdBasedProtocol")
    none = protocol("IDrest_1", TIMES, kind="ThresholdBasedProtocol")
    rising = protocol("APThresh_9", {**TIMES, "thresh_perc": 9.0}, kind="ThresholdBasedProtocol")
    changed = {"features/small": fitness(*SEARCHES, protocols=[local, sahp, none, rising])}
    study = imported(write_pipeline(tmp_path / "pipe", **changed))
    threshold = study.protocol("SearchThresholdCurrent")
    assert threshold.parameters == {
        "holding": Holding(-67.0),
        "rheobase": Rheobase("soma", most_nA=2.0),
    }
    assert threshold.window_ms() == (500, 2500)
    asked = study.protocol("IDrest_250")
    assert asked.parameters == {"holding": Holding(-67.0), "amplitude": RelativeTo(threshold, 250)}
    begin_ms, end_ms = TIMES["delay"], TIMES["delay"] + TIMES["duration"]
    assert [one.window_ms(100) for one in asked.bound().stimuli] == [(begin_ms, end_ms), (0, 100)]
    assert [one.amplitude_nA for one in asked.stimuli] == ["amplitude", "holding"]
    assert study.protocol("APThresh_9").stimuli[0].to_nA == "amplitude"
    objectives = {one.name: one for one in study.problem.objectives}
    found = {n: (one.mean, one.std) for n, one in objectives.items() if n.startswith("Search")}
    assert found == {
        "SearchThresholdCurrent.soma.holding_current": (-0.02, 0.01),
        "SearchThresholdCurrent.soma.resting_potential": (-65, 1),
        "SearchThresholdCurrent.soma.rheobase": (0.3, 0.05),
    }
    assert objectives["SearchThresholdCurrent.soma.rheobase"].weight == 2
    resistance = objectives["RinProtocol.soma.ohmic_input_resistance_vb_ssse"]
    assert str(resistance.window) == "[500, 1000]"
    assert "IDrest_250.soma.Spikecount" in objectives
    told = said(study)
    for sentence in (
        "The searches are protocols relative to the cell: it is held at -67 mV",
        "RMPProtocol: Spikecount: a study has none of a search",
        "IDrest_99 (LocalThresholdBasedProtocol): its currents are in per cent of a threshold, and "
        "it has a threshold of its own",
        "Protocol sAHP_9: its current has no amplitude in nA",
        "IDrest_1 (ThresholdBasedProtocol): its currents are in per cent of a threshold, and no "
        "thresh_perc",
    ):
        assert sentence in told


def test_without_a_word_the_axon_tapers_into_a_myelin(tmp_path):
    study = imported(write_pipeline(tmp_path / "pipe", settings={"morph_modifiers": None}))
    recipe = study.problem.recipe
    tree = recipe.morphology
    assert [tree.names[i] for i in tree.indices("myelinated")] == ["axon[10]"]
    assert tree.length_um("initial_segment") == pytest.approx(60)
    assert recipe.segment_counts[tree.index("axon[10]")] == 5
    assert {"gnabar_hh.initial_segment", "cm.myelinated"} <= {p.name for p in recipe.paint}
    assert set(study.values("small__first__1")) == set(study.problem.parameter_names)
    assert "the region `initial_segment` here" in said(study)


def test_the_axon_is_kept(tmp_path):
    study = imported(write_pipeline(tmp_path / "pipe", recipe={"morph_modifiers": []}))
    assert len(study.problem.recipe.morphology.indices("axonal")) == 3


def test_sets_of_final_json(tmp_path):
    final = {**FINAL, "small__first__3": {"emodel": "small", "parameters": {"g_pas.all": 1}}}
    study = imported(write_pipeline(tmp_path / "pipe", final=final))
    assert set(study.published) == {"small__first__1", "small__first__2"}
    assert study.values("small__first__1") == SET
    assert study.values("small__first__2")["g_pas.all"] == 2e-4
    assert "small__first__3 has other parameters than those that are free (constant" in said(study)


def test_protocols_of_the_older_form(tmp_path):
    protocols = {**OLD_PROTOCOLS, "ThresholdDetection": {"type": "RatSSCxThresholdDetection"}}
    study = imported(write_old(tmp_path / "pipe", protocols, final=None))
    assert [one.name for one in study.protocols] == ["Step_150"]
    objectives = {one.name: one for one in study.problem.objectives}
    assert set(objectives) == {"Step_150.soma.Spikecount", "Step_150.dend1.maximum_voltage"}
    assert objectives["Step_150.dend1.maximum_voltage"].weight == 3
    told = said(study)
    assert (
        "RMP: a search that comes before the protocols. What a study has of it needs the voltage "
        in told
    )
    assert "ThresholdDetection: a search" in told
    assert "Protocol Step_200 (ThresholdBasedProtocol)" in told


def test_protocols_as_bluepyefe_writes_them(tmp_path):
    """They are relative to a threshold where both searches before it are named."""
    names = {"name_rmp_protocol": ["IV", 0], "name_Rin_protocol": None, "stochasticity": True}
    study = imported(write_old(tmp_path / "pipe", EFE_PROTOCOLS, EFE_FEATURES, settings=names))
    assert [one.name for one in study.protocols] == ["IDrest_150.0", "IV_0.0"]
    assert {one.name for one in study.problem.objectives} == {
        "IDrest_150.0.soma.Spikecount", "IV_0.0.soma.maximum_voltage"
    }  # fmt: skip
    assert "RMPProtocol: a search that comes before" in said(study)
    assert "`stochasticity`: no channel" in said(study)
    waiting = write_old(tmp_path / "both", EFE_PROTOCOLS, EFE_FEATURES)
    assert import_study("bluepyemodel", waiting, out="waiting").protocols == ()


def test_what_bluepyemodel_passes_over_is_left_out(tmp_path):
    params = with_row("all", name="gkbar_hh", val=[0, 1])
    params["parameters"]["all"] = params["parameters"].pop("all")
    params["distributions"]["far"] = {"fun": "{value}*{k}", "parameters": ["k"]}
    params["parameters"]["distribution_far"] = [{"name": "k", "val": [0, 1]}]
    final = {"small__1": {"parameters": {**SET, "k.distribution_far": 0.5}}}
    study = imported(write_pipeline(tmp_path / "pipe", final=final, **{"params/small": params}))
    assert study.values("small__1") == SET
    told = said(study)
    assert "gkbar_hh.all: BluePyEModel passes over it, since gkbar_hh.allnoaxon" in told
    assert "k.distribution_far: nothing is spread so" in told


def test_groups_and_globals(tmp_path):
    params = with_row("global", name="vhalf_lk", val=[-50, -30])
    params["mechanisms"]["tree"] = {"mech": ["lk"]}
    folder = write_pipeline(
        tmp_path / "pipe",
        recipe={"multiloc_map": {"tree": ["basal", "apical", "myelinated"]}},
        final={"small__1": {"parameters": {**SET, "vhalf_lk": -44}}},
        **{"params/small": params},
    )
    (folder / "mechanisms").mkdir()
    (folder / "mechanisms" / "lk.mod").write_text(LEAK)
    study = imported(folder)
    assert study.values("small__1")["vhalf_lk"] == -44
    assert ("tree", "lk") in study.problem.recipe.inserted
    tree = study.problem.recipe.morphology
    assert tree.indices("tree") == tree.indices("basal") + tree.indices("apical")


def test_settings_in_a_file_and_those_that_efel_has_not(tmp_path):
    settings = {"efel_settings": {"Threshold": -10, "unheard_of": 1}, "morph_modifiers": []}
    recipe = {"pipeline_settings": "config/all.json", "final": "config/EM_small.json"}
    study = imported(write_pipeline(tmp_path / "pipe", recipe=recipe, all=settings))
    assert "`final` names config/EM_small.json, which was not read" in said(study)
    assert "unknown eFEL setting 'unheard_of'" in said(study)
    by_name = {one.name: one for one in study.problem.objectives}
    # None of its own: BluePyEModel then takes strict_stiminterval beside the pipeline's.
    window = by_name["IV_-40.soma_2.steady_state_voltage_stimend"].window
    assert (window.threshold_mV, dict(window.settings)) == (-10, {"strict_stiminterval": True})
    assert study.problem.integrator.atol == 1e-3


def fitness(*features, protocols=()):
    return {
        "protocols": [*FITNESS["protocols"], *protocols],
        "efeatures": [*FITNESS["efeatures"], *features],
    }


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (fitness(feature("dendrite_backpropagation_fit", "bAP_1500", 1, 1)), "several recordings"),
        (fitness(feature("AP_height", "bAP_1500", 1, 1,
                         recording={"": "soma.v", "60": "dend1.v"})), "several recordings"),
        (fitness(feature("AP_height", "bAP[60,80]_1", 1, 1)), "several protocols"),
        (fitness(feature("AP_height", "bAP_1500", None, 1)), "no mean and SD"),
        (fitness(feature("AP_height", "bAP_1500", 1, 1, recording="dend9.v")), "no such recording"),
        (fitness(feature("multiple_decay_time_constant_after_stim", "IV_-40", 1, 1)), "lists of"),
        (fitness(feature("bpo_rin", "IV_-40", 1, 1)), "what a search finds"),
        (fitness(protocols=[protocol("IDrest_9", TIMES)]), "IDrest_9: its current has no amp"),
        (fitness(protocols=[protocol("IDrest_9", {**TIMES, "amp": 1, "location": {"type": "x"}})]),
         "IDrest_9: what it injects goes into"),
        (fitness(protocols=[{**protocol("IDrest_9", {}), "stimuli": []}]), "it has 0 stimuli"),
        (fitness(protocols=[protocol("IV_9", {**TIMES, "amp": 1}, extra=[
            {"type": "somadistanceapic", "name": "IV_9.far.v", "somadistance": 9, "variable": "v",
             "seclist_name": "apical"}])]),
         "Recording IV_9.far.v (somadistanceapic)"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(tmp_path, changed, told):
    assert told in said(imported(write_pipeline(tmp_path / "pipe", **{"features/small": changed})))


def test_sites(tmp_path):
    """`ais` is the first axonal section; a section of a list is one of NEURON's array."""
    far = {"type": "somadistance", "somadistance": 20, "variable": "v"}
    extra = [
        {**far, "name": "IV_9.axon.v", "seclist_name": "axonal"},
        {"type": "CompRecording", "name": "IV_9.ais.v", "location": "ais", "variable": "v"},
        {"type": "nrnseclistcomp", "name": "IV_9.tip.v", "seclist_name": "apical", "sec_index": 0,
         "comp_x": 0.9, "variable": "v"},
    ]  # fmt: skip
    given = protocol("IV_9", {**TIMES, "amp": 1, "location": extra[2]}, extra=extra)
    changed = {"features/small": fitness(protocols=[given])}
    study = imported(write_pipeline(tmp_path / "pipe", **changed))
    one = study.protocol("IV_9")
    assert [str(r.site) for r in one.recordings] == [
        "soma[0](0.5)", "axonal@20um last", "axon[0](0.5)", "apic[0](0.9)"
    ]  # fmt: skip
    assert str(one.stimuli[0].site) == "apic[0](0.9)"
    given = write_pipeline(tmp_path / "tapers", settings={"morph_modifiers": None}, **changed)
    one = import_study("bluepyemodel", given, out="tapering").protocol("IV_9")
    sites = [str(r.site) for r in one.recordings[1:3]]
    assert sites == ["initial_segment@20um last", "axon[2](0.5)"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"recipe": {"morph_modifiers": "replace_axon"}}, "unknown modifier 'replace_axon'"),
        ({"recipe": {"morph_modifiers": ["remove_soma", "x"]}}, "one name of bluepyopt_replace"),
        ({"recipe": {"morph_modifiers": [["mine", "cut"]]}}, "a program, which is not run"),
        ({"recipe": {"params": None}}, r"small\.params: this key is missing"),
        ({"recipe": {"params": "../x.json"}}, "lies outside"),
        ({"recipe": {"morphology": [["cell", "cell.h5"]]}}, r"BluePyEModel reads \.asc and \.swc"),
        ({"recipe": {"morphology": "gone.swc"}}, r"gone\.swc"),
        ({"recipe": {"seclist_names": ["somatic"]}}, "section lists of one's own"),
        ({"recipe": {"multiloc_map": {"basal": ["apical"]}}}, r"multiloc_map\.basal"),
        ({"params/small": with_row("somaxons", name="cm", val=1)}, "unknown section list 'somaxo"),
        ({"params/small": with_row("basal", name="gl_hh", val=1, dist="falling")},
         "gl_hh.basal: unknown distribution 'falling'"),
        ({"params/small": with_rows("global", {"name": "v_init", "val": [-80, -60]},
                                    {"name": "celsius", "val": 34})}, "v_init: a global parameter"),
        ({"params/small": with_rows("global", {"name": "v_init", "val": -70})},
         "celsius is missing"),
        ({"params/small": with_row("distribution_decai", name="x", val=1)}, "did you mean 'decay'"),
        ({"params/small": with_row("distribution_decay", name="x", val=1)}, "unknown constant 'x'"),
        ({"params/small": with_distribution(soma_ref_location=0)}, "soma_ref_location is 0"),
        ({"params/small": with_distribution(parameters=["k"], fun="{value}*{k}")},
         "k has no value; give one under distribution_x"),
        ({"params/small": with_distribution(fun="__import__('os')")}, "distribution 'x'"),
        ({"params/small": {**PARAMS, "mechanisms": {"all": {"mech": ["StochKv"]}}}}, "random num"),
        ({"params/small": {**LISTED, "parameters": [
            {"name": "g", "value": 1, "location": "all", "distribution": "decay"}]}},
         "write `dist`"),
        ({"features/small": OLD_FEATURES}, "has to name a file of protocols"),
        ({"features/small": fitness(feature("AP_height", "IDrest_15", 1, 1))},
         "unknown protocol 'IDrest_15'; did you mean 'IDrest_150'"),
        ({"features/small": fitness(feature("AP_heigt", "IDrest_150", 1, 1))}, "AP_heigt"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path, given, why):
    folder = write_pipeline(tmp_path / "pipe", **given)
    with pytest.raises(InputError, match=why):
        imported(folder)
    assert not (tmp_path / "out").exists()


def test_a_link_that_leads_to_itself(tmp_path):
    folder = write_pipeline(tmp_path / "pipe")
    (folder / "morphologies" / "cell.swc").unlink()
    (folder / "morphologies" / "cell.swc").symlink_to("cell.swc")
    with pytest.raises(InputError, match=r"cell\.swc"):
        imported(folder)


def test_a_hot_spot_is_refused(tmp_path):
    params = with_row("basal", name="gl_hh", val=1, dist="step")
    params["distributions"]["step"] = {"fun": "{value}"}
    with pytest.raises(InputError, match="from the apical point"):
        imported(write_pipeline(tmp_path / "pipe", **{"params/small": params}))


def test_a_protocol_without_a_step_is_refused(tmp_path):
    protocols = {**OLD_PROTOCOLS, "Step_9": {"type": "StepProtocol"}}
    with pytest.raises(InputError, match="Step_150: it has no step"):
        imported(write_old(tmp_path / "pipe", protocols))


def test_recipes(tmp_path):
    """Those of a finished run lie below ./run as well; --model names one of several."""
    folder = write_pipeline(tmp_path / "pipe", recipes={"small": RECIPE, "other": RECIPE})
    copied = folder / "run" / "first" / "config" / "recipes.json"
    copied.parent.mkdir(parents=True)
    copied.write_text(json.dumps({"small": RECIPE}))
    with pytest.raises(InputError, match="has 2 recipes; name one with --model: small, other"):
        imported(folder)
    with pytest.raises(InputError, match="unknown recipe 'smal'; did you mean 'small'"):
        imported(folder, model="smal")
    study = imported(folder / "config" / "recipes.json", model="other")
    assert study.published == {}
    with pytest.raises(InputError, match=r"there is no recipes\.json in it"):
        imported(folder / "morphologies")
