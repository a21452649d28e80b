"""A small network in SONATA's format whose cells are the small Allen model."""

import json
from pathlib import Path

import h5py
import numpy as np

from tests.unit.imports.allen_model import write_model

TYPES = """\
node_type_id model_type model_template model_processing dynamics_params morphology pop_name
100 biophysical ctdb:Biophys1.hoc aibs_perisomatic 123_fit.json cell.swc "layer 4"
101 point_neuron nrn:IntFire1 NULL point.json NULL points
102 biophysical hoc:Mine NULL NULL cell.swc templates
103 biophysical ctdb:Biophys1.hoc aibs_perisomatic,extracellular 123_fit.json none.swc own
"""


def config(**changed):
    tables = {
        "manifest": {
            "$BASE_DIR": "${configdir}",
            "$PARTS": "$BASE_DIR/parts",
            "$NET": "$BASE_DIR/net",
        },
        "components": {
            "morphologies_dir": "$PARTS",
            "biophysical_neuron_models_dir": "${PARTS}",
            "mechanisms_dir": "$PARTS",
        },
        "networks": {
            "nodes": [{"nodes_file": "$NET/nodes.h5", "node_types_file": "$NET/types.csv"}],
            "edges": [{"edges_file": "$NET/edges.h5", "edge_types_file": "$NET/edges.csv"}],
        },
        "run": {"tstop": 400.0, "dt": 0.025, "dL": 15},
        "conditions": {"celsius": 34.0, "v_init": -80.5},
        "inputs": {
            "pulse": {
                "input_type": "current_clamp",
                "module": "IClamp",
                "node_set": "cells",
                "amp": [0.15, 0.3],
                "delay": [50.0, 250.0],
                "duration": [100.0, 500.0],
            },
            "others": {
                "input_type": "current_clamp",
                "module": "IClamp",
                "node_set": {"population": "v1", "pop_name": ["points"]},
                "amp": 1.0,
                "delay": 0.0,
                "duration": 10.0,
            },
            "spikes": {"input_type": "spikes", "module": "h5", "node_set": [0, 1]},
        },
        "node_sets": {"cells": {"population": "v1", "node_id": [0, 3]}},
        "output": {"output_dir": "$NOWHERE"},
    }
    return {**tables, **changed}


def write_nodes(path: Path, populations) -> None:
    """Write nodes: by population the type of each, and attributes of their own by name."""
    with h5py.File(path, "w") as file:
        for name, (types, own) in populations.items():
            group = file.create_group(f"nodes/{name}")
            group["node_type_id"] = np.array(types, dtype=int)
            group["node_group_id"] = np.zeros(len(types), dtype=int)
            group["node_group_index"] = np.arange(len(types))
            attributes = group.create_group("0")
            for attribute, values in own.items():
                attributes[attribute] = values


def write_network(folder: Path, populations=None, types=TYPES, **changed) -> Path:
    """Write the network's files into a new folder and return it."""
    write_model(folder / "parts")
    (folder / "net").mkdir()
    write_nodes(folder / "net" / "nodes.h5", populations or {"v1": ([100], {})})
    (folder / "net" / "types.csv").write_text(types)
    (folder / "config.json").write_text(json.dumps(config(**changed)))
    return folder
