"""Small problems in both families of BluePyOpt's files, with values and channels of ours."""

import json
import shutil
from pathlib import Path

from tests.unit.imports.allen_model import SWC
from workbench.resources import shipped

PARAMETERS = [
    {"param_name": "g_pas", "sectionlist": "all", "type": "section", "dist_type": "uniform",
     "value": 5e-5},
    {"param_name": "e_pas", "sectionlist": "all", "type": "section", "dist_type": "uniform",
     "value": -75},
    {"param_name": "v_init", "type": "global", "value": -75},
    {"param_name": "celsius", "type": "global", "value": 34},
    {"param_name": "ena", "sectionlist": "axonal", "type": "section", "dist_type": "uniform",
     "value": 50},
    {"param_name": "gNaTs2_tbar_NaTs2_t", "mech": "NaTs2_t", "mech_param": "gNaTs2_tbar",
     "sectionlist": "somatic", "type": "range", "dist_type": "uniform", "bounds": [0, 4]},
    {"param_name": "gNaTs2_tbar_NaTs2_t", "mech": "NaTs2_t", "mech_param": "gNaTs2_tbar",
     "sectionlist": "axonal", "type": "range", "dist_type": "uniform", "bounds": [0, 6]},
    {"param_name": "gSKv3_1bar_SKv3_1", "mech": "SKv3_1", "mech_param": "gSKv3_1bar",
     "sectionlist": "somatic", "type": "range", "dist_type": "uniform", "bounds": [0, 2]},
    {"param_name": "gIhbar_Ih", "mech": "Ih", "mech_param": "gIhbar", "sectionlist": "apical",
     "type": "range", "dist_type": "exp", "value": 8e-5,
     "dist": "(-0.8696 + 2.087*math.exp(({distance})*0.0031))*{value}"},
]  # fmt: skip
MECHANISMS = {
    "all": ["pas"],
    "somatic": ["NaTs2_t", "SKv3_1"],
    "axonal": ["NaTs2_t"],
    "apical": ["Ih"],
}
PROTOCOLS = {
    "bAP": {
        "stimuli": [{"delay": 20, "amp": 1.5, "duration": 5, "totduration": 80}],
        "extra_recordings": [
            {"type": "somadistance", "name": "dend1", "somadistance": 60, "var": "v",
             "seclist_name": "apical"}
        ],
    },
    "Step1": {
        "stimuli": [
            {"delay": 50, "amp": 0.3, "duration": 100, "totduration": 200},
            {"delay": 0, "amp": -0.02, "duration": 200, "totduration": 200},
        ]
    },
}  # fmt: skip
FEATURES = {
    "bAP": {
        "soma": {"AP_height": [30.0, 5.0], "Spikecount": [1.0, 0.1]},
        "dend1": {"AP_amplitude_from_voltagebase": [40, 10]},
    },
    "Step1": {"soma": {"Spikecount": [5, 1], "voltage_base": [-75, 1]}},
}
SET = {
    "gNaTs2_tbar_NaTs2_t.somatic": 2.0,
    "gNaTs2_tbar_NaTs2_t.axonal": 3.0,
    "gSKv3_1bar_SKv3_1.somatic": 0.5,
}
RECIPES = {
    "small": {
        "morph_path": "morphologies/",
        "morphology": "cell.swc",
        "params": "config/params/small.json",
        "protocol": "config/protocols/small.json",
        "features": "config/features/small.json",
    }
}
PARAMS = {
    "mechanisms": {
        "all": {"mech": ["pas"]},
        "somaxon": {"mech": ["NaTs2_t"]},
        "somatic": {"mech": ["SKv3_1"]},
        "alldend": {"mech": ["Ih"]},
    },
    "distributions": {"rising": {"fun": "{value}*(1 + {distance}/100)"}},
    "parameters": {
        "__comment": "numbers are fixed, pairs are free",
        "global": [{"name": "v_init", "val": -75}, {"name": "celsius", "val": 34}],
        "all": [{"name": "g_pas", "val": [1e-5, 1e-4]}, {"name": "e_pas", "val": -75}],
        "somaxon": [{"name": "ena", "val": 50}, {"name": "gNaTs2_tbar_NaTs2_t", "val": [0, 4]}],
        "somatic": [{"name": "gSKv3_1bar_SKv3_1", "val": [0, 2]}],
        "alldend": [{"name": "gIhbar_Ih", "val": 4e-5, "dist": "rising"}],
    },
}
STEPS = {
    "Step_150": {
        "type": "StepProtocol",
        "stimuli": {
            "step": {"delay": 50, "amp": 0.3, "thresh_perc": 150, "duration": 100,
                     "totduration": 200},
            "holding": {"delay": 0, "amp": -0.02, "duration": 200, "totduration": 200},
        },
    },
    "Ramp": {
        "type": "RampProtocol",
        "stimuli": {
            "ramp": {"delay": 50, "ramp_amp_start": 0.0, "ramp_amp_end": 0.4, "duration": 100,
                     "totduration": 200},
        },
    },
    "Waiting": {
        "type": "StepThresholdProtocol",
        "stimuli": {"step": {"delay": 50, "thresh_perc": 200, "duration": 9, "totduration": 99}},
    },
}  # fmt: skip
STEP_FEATURES = {
    name: {"soma.v": [{"feature": "Spikecount", "val": [5, 1], "n": 3, "strict_stim": True}]}
    for name in STEPS
}


def write_flat(folder: Path, **changed) -> Path:
    """Write a problem as BluePyOpt's L5PC example is written."""
    files = {
        "parameters": PARAMETERS, "mechanisms": MECHANISMS, "protocols": PROTOCOLS,
        "features": FEATURES,
    }  # fmt: skip
    _write(folder, {f"config/{name}.json": v for name, v in {**files, **changed}.items()})
    (folder / "morphology").mkdir()
    (folder / "morphology" / "cell.swc").write_text(SWC)
    return folder


def write_recipes(folder: Path, **changed) -> Path:
    """Write a problem as BluePyOpt's thalamocortical example is written."""
    files = {
        "recipes": RECIPES, "params/small": PARAMS, "protocols/small": STEPS,
        "features/small": STEP_FEATURES,
    }  # fmt: skip
    _write(folder, {f"config/{name}.json": v for name, v in {**files, **changed}.items()})
    (folder / "morphologies").mkdir()
    (folder / "morphologies" / "cell.swc").write_text(SWC)
    return folder


def _write(folder: Path, files) -> None:
    (folder / "mechanisms").mkdir(parents=True)
    for name in ("NaTs2_t", "SKv3_1", "Ih"):
        shutil.copy(shipped("mechanisms") / "hay_l5b" / f"{name}.mod", folder / "mechanisms")
    for name, value in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=1))
