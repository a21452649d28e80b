"""A small cell as NetPyNE saves its rule, with lists by segment and a section hung by its 1 end."""

import json
from copy import deepcopy
from pathlib import Path

RULE = {
    "conds": {"cellType": "PYR"},
    "secs": {
        "apic_0": {
            "geom": {
                "pt3d": [[0, 20, 0, 3.0], [0, 60, 5, 2.2], [10, 120.5, 5, 1.0]],
                "nseg": 3,
                "Ra": 90.0,
            },
            "topol": {"parentSec": "soma", "parentX": 0.5, "childX": 0},
            "mechs": {"pas": {"g": 3e-5, "e": -68}},
        },
        "apic_1": {
            "geom": {"pt3d": [[10, 220.5, 5, 0.7], [10, 120.5, 5, 0.9]], "nseg": 3},
            "topol": {"parentSec": "apic_0", "parentX": 1.0, "childX": 1.0},
            "mechs": {
                "pas": {"g": [1e-5, 5e-5, 2e-4], "e": -68},
                "hh": {"gnabar": [0.0, 0.05, None]},
            },
        },
        "dend": {
            "geom": {"diam": 1.5, "L": 200.0, "Ra": 150.0, "cm": 1.5, "nseg": 5},
            "topol": {"parentSec": "soma", "parentX": 1.0, "childX": 0},
            "mechs": {"pas": {"g": [2e-4], "e": -70}, "dipole": {}},
        },
        "soma": {
            "geom": {"diam": 18.8, "L": 18.8, "Ra": 123.0, "cm": 1.0, "nseg": 1},
            "topol": {},
            "mechs": {"hh": {"gnabar": 0.12, "gkbar": 0.036, "gl": 0.003, "el": -70}},
            "ions": {"na": {"e": 55.0, "i": 10.0, "o": 140.0, "valence": 1}},
            "threshold": -10.0,
        },
    },
    "secLists": {"all": ["soma"], "tuft": ["apic_1"], "alldend": ["dend", "apic_0", "apic_1"]},
}
PARAMS = {
    "cellParams": {"PYR": RULE, "point": {"cellModel": "NetStim"}},
    "popParams": {"E": {"cellType": "PYR", "numCells": 1}},
    "stimSourceParams": {"I": {"type": "IClamp", "del": 1, "dur": 1, "amp": "uniform(0, 1)"}},
}
CONFIG = {"hParams": {"celsius": 20.0, "v_init": -66.0, "clamp_resist": 0.001}}


def rule(**changed):
    """Return a rule; `soma={"vinit": -70}` changes a section."""
    found = deepcopy(RULE)
    for name, more in changed.items():
        found["secs"].setdefault(name, {}).update(more)
    return found


def write_rules(folder: Path, tables=None) -> Path:
    """Write a file of network parameters into a new folder and return the folder."""
    folder.mkdir(parents=True)
    whole = {"net": {"params": PARAMS}, "simConfig": CONFIG}
    (folder / "net.json").write_text(json.dumps(tables or whole))
    return folder
