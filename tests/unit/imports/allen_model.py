"""A small model in the form of the Allen Cell Types Database, with values and channels of ours."""

import json
import shutil
from pathlib import Path

from workbench.resources import shipped

SWC = """\
1 1 0 0 0 6 -1
2 3 6 0 0 0.5 1
3 3 90 0 0 0.4 2
4 4 0 6 0 1 1
5 4 0 130 0 0.6 4
6 2 0 -6 0 0.7 1
7 2 0 -40 0 0.5 6
8 2 20 -80 0 0.3 7
9 2 -20 -80 0 0.2 7
"""
GENES = [
    ("soma", "gNaTs2_tbar_NaTs2_t", 1.2, "NaTs2_t"),
    ("soma", "gSKv3_1bar_SKv3_1", "0.4", "SKv3_1"),
    ("soma", "g_pas", 1e-4, ""),
    ("axon", "g_pas", 2e-4, ""),
    ("dend", "g_pas", 3e-5, ""),
    ("apic", "g_pas", 4e-5, ""),
]
ACTIVE = [
    ("axon", "gNaTs2_tbar_NaTs2_t", 2.0, "NaTs2_t"),
    ("axon", "gSKv3_1bar_SKv3_1", 0.5, "SKv3_1"),
    ("apic", "gIhbar_Ih", 1e-4, "Ih"),
    ("apic", "cm", 1.5, ""),
]


def fit(genes=GENES, **changed):
    cm = [{"section": part, "cm": 1.0 + n / 10} for n, part in enumerate(("soma", "axon", "dend"))]
    tables = {
        "passive": [{"ra": 120, "e_pas": -80.5, "cm": [*cm, {"section": "apic", "cm": 2.0}]}],
        "conditions": [
            {
                "celsius": 34,
                "v_init": -80.5,
                "erev": [{"section": part, "ena": 53.0, "ek": -107.0} for part in ("soma", "axon")],
            }
        ],
        "genome": [
            dict(zip(("section", "name", "value", "mechanism"), g, strict=True)) for g in genes
        ],
        "fitting": [{"junction_potential": -14.0, "sweeps": [38]}],
    }
    return {**tables, **changed}


def write_model(folder: Path, tables=None, kind=None) -> Path:
    """Write the model's files into a new folder and return it."""
    (folder / "modfiles").mkdir(parents=True)
    for name in ("NaTs2_t", "SKv3_1", "Ih"):
        shutil.copy(shipped("mechanisms") / "hay_l5b" / f"{name}.mod", folder / "modfiles")
    (folder / "cell.swc").write_text(SWC)
    (folder / "123_fit.json").write_text(json.dumps(tables or fit()))
    if kind:
        manifest = {
            "biophys": [{"model_type": kind, "model_file": ["manifest.json", "123_fit.json"]}],
            "manifest": [
                {"key": "BASEDIR", "type": "dir", "spec": "."},
                {"key": "MORPHOLOGY", "type": "file", "spec": "cell.swc"},
                {"key": "MODFILE_DIR", "type": "dir", "spec": "modfiles"},
            ],
        }
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
