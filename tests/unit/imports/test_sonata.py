"""A node of a SONATA network becomes the study that its Allen model is, or is refused by name."""

import json

import h5py
import pytest

from tests.unit.imports.sonata_network import TYPES, config, write_network
from workbench.errors import InputError
from workbench.imports import import_study
from workbench.imports.sonata import nodes
from workbench.imports.sonata.h5_child import reply
from workbench.questions import ask

CELLS = {
    "v1": ([100, 101, 102, 103], {"morphology": ["cell.swc"] * 4, "rotations": [0.5] * 4}),
    "lgn": ([100, 100, 100, 100, 100], {}),
}


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_PATHS", raising=False)
    monkeypatch.setattr(nodes, "ask", lambda module, question, limit_s: reply(question))

    def written(populations=None, **changed):
        return write_network(tmp_path / "model", populations, **changed) / "config.json"

    return written


def readme(study):
    return (study.folder / "README.md").read_text()


def cell_of(study):
    lines = (study.folder / "cell.toml").read_text().splitlines()[1:]
    return [line for line in lines if not line.startswith(("max_length_um", "v_init_mV"))]


def test_it_is_the_study_of_its_allen_model(written):
    path = written()
    study = import_study("sonata", path, out="node")
    allen = import_study("allen", path.parent / "parts", out="allen")
    assert cell_of(study) == cell_of(allen)
    recipe = study.problem.recipe
    assert (recipe.celsius_degC, recipe.v_init_mV) == (34, -80.5)
    # 1 + 2 int(L / (2 dL)), by BMTK's rule, with the stub cut last.
    lengths_um = [one.length_um for one in recipe.morphology.sections]
    assert recipe.segment_counts == tuple(1 + 2 * int(length / 30) for length in lengths_um)


def test_the_clamps_of_the_node_are_a_protocol(written):
    study = import_study("sonata", written())
    [protocol] = study.protocols
    steps = [(s.delay_ms, s.duration_ms, s.amplitude_nA) for s in protocol.stimuli]
    assert (protocol.name, protocol.duration_ms) == ("clamps", 400)
    assert steps == [(50, 100, 0.15), (250, 150, 0.3)]
    assert study.problem.integrator.dt_ms == 0.025
    assert study.folder.name == "v1_0"
    said = readme(study)
    assert "'spikes' (spikes, h5) is not imported" in said
    assert "'others'" not in said
    assert "edges of the network" in said


def test_a_circuit_alone_has_what_the_fit_says(written):
    parts = config()
    for key in ("run", "conditions", "inputs"):
        del parts[key]
    path = written()
    path.write_text(json.dumps(parts))
    study = import_study("sonata", path)
    assert study.problem.recipe.v_init_mV == -80.5
    assert [one.name for one in study.protocols] == ["step"]
    assert study.problem.integrator.atol == 1e-6
    assert "no conditions.celsius: it is the fit's" in readme(study)


def test_a_configuration_in_parts(written, tmp_path):
    path = written()
    whole = config()
    circuit = {key: whole.pop(key) for key in ("manifest", "components", "networks")}
    (path.parent / "circuit.json").write_text(json.dumps(circuit))
    (path.parent / "sets.json").write_text(json.dumps(whole.pop("node_sets")))
    whole["manifest"] = {"$HERE": "./"}
    path.write_text(
        json.dumps({"network": "$HERE/circuit.json", "node_sets_file": "sets.json", **whole})
    )
    assert [one.name for one in import_study("sonata", path).protocols] == ["clamps"]


def test_a_node_overrules_its_type(written):
    study = import_study("sonata", written(CELLS), node="v1:3")
    assert study.problem.recipe.morphology.source == "cell.swc"
    assert "does not know how it is turned" in readme(study)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (None, r"say which node: .* lgn has 5 nodes, 0 to 4; v1 has 4 nodes, 0 to 3"),
        ("7", "node 7: there is no such node"),
        ("0", "several populations have it; name one: lgn:0, v1:0"),
        ("v11:0", "unknown population 'v11'; did you mean 'v1'"),
        ("first", "node first: give POPULATION:ID or ID"),
        ("v1:1", "v1:1 is of model_type point_neuron"),
        ("v1:2", r"model_template is hoc:Mine; .*workbench import hoc FILE --trust-hoc"),
    ],
)
def test_which_node(written, node, said):
    with pytest.raises(InputError, match=said):
        import_study("sonata", written(CELLS), node=node)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("aibs_perisomatic 123", "aibs_perisomatik 123", "did you mean 'aibs_perisomatic'"),
        ("aibs_perisomatic 123", "NULL 123", "model_processing is not given"),
        ("123_fit.json", "../../../fit.json", "lies outside of"),
        ("123_fit.json", "NULL", "node v1:0 has no dynamics_params"),
        ("node_type_id", "type_id", "there is no column node_type_id"),
        ("100 bio", "99 bio", "unknown node_type_id '100'"),
        (' "layer 4"', "", r"types\.csv:2: 6 values in 7 columns"),
    ],
)
def test_types_that_cannot_be_said(written, tmp_path, old, new, said):
    assert old in TYPES
    with pytest.raises(InputError, match=said):
        import_study("sonata", written(types=TYPES.replace(old, new, 1)), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"manifest": {"$A": "$B", "$B": "$A"}}, "A, B name one another"),
        ({"manifest": {"$BASE_DIR": "."}}, "unknown variable 'PARTS'"),
        ({"manifest": [1]}, "manifest is a table of texts"),
        ({"networks": {}}, "networks.nodes: this key is missing"),
        ({"run": {"dt": 0}}, "run.dt: must be greater than 0"),
        ({"components": {}}, "components.biophysical_neuron_models_dir is missing"),
        ({"node_sets": {"cells": "cell", "cell": "cells"}}, "unknown node_set 'cells'"),
        ({"node_sets": {}}, "inputs: pulse: unknown node_set 'cells'"),
    ],
)
def test_configurations_that_cannot_be_read(written, changed, said):
    with pytest.raises(InputError, match=said):
        import_study("sonata", written(**changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amp": "much"}, "pulse: amp is 'much'; give a number or a list"),
        ({"amp": [1.0]}, "amp, delay and duration are lists of one length"),
        ({"node_set": 3}, "node_set is a name, a list of ids or a table"),
        ({"section_index": 0.5}, "section_index is 0.5"),
        ({"section_name": "tuft"}, "tuft"),
    ],
)
def test_clamps_that_cannot_be_said(written, changed, said):
    inputs = config()["inputs"]
    inputs["pulse"] |= changed
    with pytest.raises(InputError, match=said):
        import_study("sonata", written(inputs=inputs))


def test_dynamics_of_its_own_are_refused(written):
    path = written({"v1": ([100], {"dynamics_params/g_pas": [1e-4]})})
    with pytest.raises(InputError, match=r"values of its own beside its fit \(g_pas\)"):
        import_study("sonata", path)


def test_files_of_nodes_that_are_none(written, tmp_path, monkeypatch):
    path = written()
    monkeypatch.setattr(nodes, "ask", ask)
    file_of_nodes = path.parent / "net" / "nodes.h5"
    (tmp_path / "other.h5").write_bytes(file_of_nodes.read_bytes())
    file_of_nodes.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500))
    with pytest.raises(InputError, match=r"nodes\.h5 is no file of SONATA's nodes"):
        import_study("sonata", path)
    with h5py.File(file_of_nodes, "w") as file:
        file["nodes"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "nodes")
    with pytest.raises(InputError, match="is a link, which is not followed"):
        import_study("sonata", path)
    file_of_nodes.unlink()
    with pytest.raises(InputError, match="there is no such file of nodes"):
        import_study("sonata", path)
