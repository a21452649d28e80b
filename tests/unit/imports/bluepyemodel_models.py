"""A small pipeline of BluePyEModel's in each of its forms, with values of ours and NEURON's hh."""

import json
from pathlib import Path

from tests.unit.imports.allen_model import SWC

SETTINGS = {
    "efel_settings": {"strict_stiminterval": True, "Threshold": -20.0, "interp_step": 0.025},
    "max_ngen": 10,
    "morph_modifiers": ["bluepyopt_replace_axon"],
    "name_Rin_protocol": "IV_-20",
    "name_rmp_protocol": "IV_0",
    "neuron_dt": 0.025,
    "optimiser": "MO-CMA",
    "validation_protocols": ["sAHP_220"],
}
RECIPE = {
    "morph_path": "morphologies/",
    "morphology": [["small", "cell.swc"]],
    "params": "config/params/small.json",
    "features": "config/features/small.json",
    "pipeline_settings": SETTINGS,
}
PARAMS = {
    "mechanisms": {"all": {"mech": ["pas"]}, "allnoaxon": {"mech": ["hh"]},
                   "axonal": {"mech": ["hh"]}},
    "distributions": {
        "decay": {"fun": "math.exp({distance}*{constant})*{value}", "parameters": ["constant"]},
        "rising": {"fun": "{value}*(1 + {distance}/400)"},
    },
    "parameters": {
        "__comment": "numbers are fixed, pairs are free",
        "global": [{"name": "v_init", "val": -65}, {"name": "celsius", "val": 6.3}],
        "distribution_decay": [{"name": "constant", "val": [-0.01, 0]}],
        "myelinated": [{"name": "cm", "val": 0.02}],
        "all": [{"name": "Ra", "val": 100}, {"name": "g_pas", "val": [1e-5, 1e-3]},
                {"name": "e_pas", "val": -65}],
        "allnoaxon": [{"name": "gkbar_hh", "val": [0.01, 0.05]}],
        "axonal": [{"name": "gnabar_hh", "val": [0.05, 0.3]}, {"name": "gkbar_hh", "val": 0.036}],
        "somatic": [{"name": "gnabar_hh", "val": [0.05, 0.3]}],
        "basal": [{"name": "gnabar_hh", "val": 0.05, "dist": "rising"}],
        "apical": [{"name": "gnabar_hh", "val": [0.01, 0.2], "dist": "decay"}],
    },
}  # fmt: skip


def _list(parameters):
    rows = [
        {"name": one["name"], "value": one["val"], "location": location,
         **({"dist": one["dist"]} if "dist" in one else {})}
        for location, all_ in parameters.items() if location != "__comment" for one in all_
    ]  # fmt: skip
    return rows


LISTED = {
    "mechanisms": [{"name": suffix, "location": location, "stochastic": None}
                   for location, one in PARAMS["mechanisms"].items() for suffix in one["mech"]],
    "distributions": [{"name": "uniform", "function": None, "soma_ref_location": 0.5}] + [
        {"name": name, "function": one["fun"], "soma_ref_location": 0.5,
         **({"parameters": one["parameters"]} if "parameters" in one else {})}
        for name, one in PARAMS["distributions"].items()],
    "parameters": _list(PARAMS["parameters"]),
    "morphology": {"name": "small", "format": "swc"},
}  # fmt: skip


def protocol(name, stimulus, kind="Protocol", extra=(), **more):
    """Return a protocol that records the soma."""
    soma = {"type": "CompRecording", "name": f"{name}.soma.v", "location": "soma", "variable": "v"}
    return {
        "name": name, "stimuli": [stimulus], "recordings_from_config": [soma, *extra],
        "validation": False, "protocol_type": kind, "stochasticity": False, **more,
    }  # fmt: skip


def feature(name, of, mean, std, recording="soma.v", **more):
    """Return a feature as BluePyEModel keeps it."""
    return {
        "efel_feature_name": name, "protocol_name": of, "recording_name": recording,
        "threshold_efeature_std": None, "default_std_value": 0.01, "mean": mean,
        "original_std": std, "sample_size": 3, "efeature_name": name, "weight": 1.0,
        "efel_settings": dict(SETTINGS["efel_settings"]), **more,
    }  # fmt: skip


TIMES = {"delay": 20.0, "duration": 60.0, "totduration": 100.0}
DENDRITE = {"type": "somadistance", "name": "bAP_1500.dend1.v", "somadistance": 60,
            "seclist_name": "apical", "var": "v"}  # fmt: skip
FITNESS = {
    "protocols": [
        protocol("IDrest_150", {**TIMES, "amp": 0.35, "thresh_perc": 150.0,
                                "holding_current": -0.02}),
        protocol("IV_-40", {**TIMES, "amp": -0.1, "thresh_perc": None, "holding_current": None}),
        protocol("APThresh_300", {**TIMES, "amp": 0.6, "thresh_perc": 300.0,
                                  "holding_current": -0.01}),
        protocol("HyperDepol_-40", {"delay": 10.0, "tmid": 40.0, "toff": 60.0, "totduration": 90.0,
                                    "hyper_amp": -0.1, "depol_amp": 0.4, "holding_current": 0.0}),
        protocol("bAP_1500", {"delay": 20.0, "duration": 4.0, "totduration": 60.0, "amp": 2.0,
                              "holding_current": 0.0}, extra=[DENDRITE]),
        protocol("sAHP_220", {"delay": 10.0, "tmid": 30.0, "tmid2": 40.0, "toff": 60.0,
                              "totduration": 90.0, "amp": 0.5, "long_amp": 0.1,
                              "holding_current": 0.0}, validation=True),
        protocol("IDrest_250", {**TIMES, "amp": 0.5, "thresh_perc": 250.0},
                 kind="ThresholdBasedProtocol"),
        protocol("SineSpec_100", {**TIMES, "amp": 0.1}),
    ],
    "efeatures": [
        feature("Spikecount", "IDrest_150", 4, 1),
        feature("mean_frequency", "IDrest_150", 50, 10, weight=2.0),
        feature("AP_height", "IDrest_150", 30, 5,
                efel_settings={"Threshold": -30.0, "stim_start": 20.0, "stim_end": 50.0}),
        feature("voltage_base", "IDrest_150", -67, 1),
        feature("ohmic_input_resistance_vb_ssse", "IV_-40", 80, 10,
                threshold_efeature_std=0.5),
        feature("steady_state_voltage_stimend", "IV_-40", -75, 2, efel_settings=None),
        feature("time_to_first_spike", "APThresh_300", 30, 5),
        feature("sag_amplitude", "HyperDepol_-40", 1, 0.5),
        feature("maximum_voltage", "bAP_1500", 0, 10, recording="dend1.v"),
        feature("Spikecount", "bAP_1500", 1, 0.2),
        feature("Spikecount", "sAHP_220", 1, 1),
        feature("Spikecount", "IDrest_250", 8, 1),
        feature("maximum_voltage", "SineSpec_100", -60, 1),
        feature("bpo_holding_current", "SearchHoldingCurrent", -0.02, 0.01),
        feature("steady_state_voltage_stimend", "RMPProtocol", -65, 1),
    ],
}  # fmt: skip
SET = {
    "constant.distribution_decay": -0.004,
    "g_pas.all": 1e-4,
    "gkbar_hh.allnoaxon": 0.03,
    "gnabar_hh.axonal": 0.15,
    "gnabar_hh.somatic": 0.14,
    "gnabar_hh.apical": 0.1,
}
FINAL = {
    "small__first__1": {"emodel": "small", "seed": 1, "score": 12.5, "parameters": SET},
    "small__first__2": {"emodel": "small", "seed": 2, "params": {**SET, "g_pas.all": 2e-4}},
    "other__first__1": {"emodel": "other", "seed": 1, "parameters": {"g_pas.all": 1}},
}

OLD_PROTOCOLS = {
    "RMP": {"type": "StepProtocol", "stimuli": {"step": {**TIMES, "amp": 0}}},
    "Step_150": {
        "type": "StepProtocol",
        "stimuli": {"step": {**TIMES, "amp": 0.35},
                    "holding": {"delay": 0, "amp": -0.02, "duration": 100, "totduration": 100}},
        "extra_recordings": [{"type": "somadistance", "name": "dend1", "somadistance": 60,
                              "seclist_name": "apical", "var": "v"}],
    },
    "Step_200": {"type": "StepThresholdProtocol",
                 "stimuli": {"step": {**TIMES, "thresh_perc": 200}}},
}  # fmt: skip
OLD_FEATURES = {
    "RMP": {"soma.v": [{"feature": "voltage_base", "val": [-65, 1]}]},
    "Step_150": {"soma.v": [{"feature": "Spikecount", "val": [4, 1]}],
                 "dend1.v": [{"feature": "maximum_voltage", "val": [20, 0.1], "weight": 3}]},
    "Step_200": {"soma.v": [{"feature": "Spikecount", "val": [8, 1]}]},
}  # fmt: skip
EFE_PROTOCOLS = {
    "IDrest_150.0": {"step": {**TIMES, "amp": 0.35, "thresh_perc": 150},
                     "holding": {"amp": -0.02}},
    "IV_0.0": {"step": {**TIMES, "amp": 0.0}, "holding": {"amp": 0.0}},
}  # fmt: skip
EFE_FEATURES = {
    "IDrest_150.0": {"soma": [{"feature": "Spikecount", "val": [4, 1], "n": 3}]},
    "IV_0.0": {"soma": [{"feature": "voltage_base", "val": [-65, 1]},
                        {"feature": "maximum_voltage", "val": [-64, 1]}]},
}  # fmt: skip


def write_pipeline(folder: Path, recipe=None, settings=None, final=FINAL, **changed) -> Path:
    """Write a pipeline; `recipe` and `settings` change single keys, the rest are whole files."""
    whole = RECIPE | {"pipeline_settings": SETTINGS | (settings or {})} | (recipe or {})
    files = {"recipes": {"small": whole}, "params/small": PARAMS, "features/small": FITNESS}
    for name, value in {**files, **changed}.items():
        path = folder / "config" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=1))
    (folder / "morphologies").mkdir()
    (folder / "morphologies" / "cell.swc").write_text(SWC)
    if final:
        (folder / "final.json").write_text(json.dumps(final))
    return folder


def write_old(folder: Path, protocols=OLD_PROTOCOLS, features=OLD_FEATURES, **more) -> Path:
    """Write a pipeline whose protocols and features are in files of the older forms."""
    recipe = {"protocol": "config/protocols/small.json", **more.pop("recipe", {})}
    files = {"protocols/small": protocols, "features/small": features}
    return write_pipeline(folder, recipe=recipe, **files, **more)
