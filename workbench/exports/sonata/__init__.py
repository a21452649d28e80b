"""A model as a SONATA network of one node, whose template is hoc: BMTK runs it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from workbench.cells import OnPlaced
from workbench.exports.driving import amounts_of
from workbench.exports.hoc.cell import cell_text, template_of
from workbench.exports.model import Model
from workbench.exports.obstacles import of_neuron
from workbench.protocols import Protocol, Recording, Step

__all__ = ["MODIFIABLE", "of_sonata", "write_sonata"]

COMPONENTS = {"templates_dir": "hoc_templates", "mechanisms_dir": "mechanisms"}
MODIFIABLE = "components/mechanisms/modfiles"
"""Where BMTK looks for .mod files."""

POPULATION = "cell"


def write_sonata(model: Model, out: Path) -> None:
    """Write a model as a SONATA network of one node into a folder."""
    templates = out / "components" / COMPONENTS["templates_dir"]
    templates.mkdir(parents=True)
    (templates / f"{template_of(model)}.hoc").write_text(cell_text(model), encoding="utf-8")
    (out / "network").mkdir()
    _nodes(model, out / "network")
    _write(out / "circuit_config.json", _circuit())
    for protocol in model.protocols:
        _write(out / f"simulation_{protocol.name}.json", _simulation(model, protocol))
    asked = {
        protocol.name: {one.name: _recorded(model, one) for one in protocol.recordings}
        for protocol in model.protocols
    }
    _write(out / "recordings.json", asked)
    shutil.copyfile(Path(__file__).with_name("run_bionet.py"), out / "run_bionet.py")


def of_sonata(model: Model) -> Iterator[str]:
    """Yield what SONATA, as BMTK runs it, cannot say."""
    yield from of_neuron(model)
    if model.recipe.placed:
        names = ", ".join(one.name for one in model.recipe.placed)
        yield f"placed {names}: point processes are edges of a network there, and this is one node"
    for protocol in model.protocols:
        for stimulus in protocol.stimuli:
            if not isinstance(stimulus, Step):
                yield f"protocol {protocol.name}: {stimulus.kind}: BMTK's inputs are steps"
        if model.integrators[protocol.name].order == 2:
            yield f"protocol {protocol.name}: steps of second order: BMTK has backward Euler alone"


def _nodes(model: Model, folder: Path) -> None:
    with h5py.File(folder / "nodes.h5", "w") as file:
        file.attrs["magic"] = 0x0A7A
        file.attrs["version"] = [0, 1]
        nodes = file.create_group(f"nodes/{POPULATION}")
        nodes["node_id"] = [0]
        nodes["node_type_id"] = [100]
        nodes["node_group_id"] = [0]
        nodes["node_group_index"] = [0]
        group = nodes.create_group("0")
        for name in ("x", "y", "z"):
            group[name] = [0.0]
    columns = {
        "node_type_id": "100",
        "pop_name": model.name,
        "model_type": "biophysical",
        "model_template": f"hoc:{template_of(model)}",
    }
    (folder / "node_types.csv").write_text(
        f"{' '.join(columns)}\n{' '.join(columns.values())}\n", encoding="utf-8"
    )


def _circuit() -> dict[str, Any]:
    return {
        "manifest": {"$BASE_DIR": "${configdir}", "$COMPONENTS": "$BASE_DIR/components"},
        "components": {name: f"$COMPONENTS/{folder}" for name, folder in COMPONENTS.items()},
        "networks": {
            "nodes": [
                {
                    "nodes_file": "$BASE_DIR/network/nodes.h5",
                    "node_types_file": "$BASE_DIR/network/node_types.csv",
                }
            ],
            "edges": [],
        },
    }


def _simulation(model: Model, protocol: Protocol) -> dict[str, Any]:
    steps = [_input(model, one) for one in protocol.stimuli if isinstance(one, Step)]
    run = {
        "tstop": protocol.duration_ms,
        "dt": model.integrators[protocol.name].dt_ms,
        # The template has cut the sections; BMTK would do so again, in segments of 40 um at most.
        "dL": None,
        "spike_threshold": -15.0,
        "nsteps_block": 5000,
    }
    return {
        "manifest": {"$BASE_DIR": "${configdir}", "$OUTPUT_DIR": f"$BASE_DIR/{protocol.name}"},
        "run": run,
        "target_simulator": "NEURON",
        "conditions": {
            "celsius": model.celsius_degC(protocol),
            "v_init": model.v_init_mV(protocol),
        },
        "inputs": {f"step_{number}": one for number, one in enumerate(steps)},
        "output": {"output_dir": "$OUTPUT_DIR", "log_file": "log.txt", "spikes_file": "spikes.h5"},
        "reports": {},
        "network": "$BASE_DIR/circuit_config.json",
    }


def _input(model: Model, step: Step) -> dict[str, Any]:
    assert not isinstance(step.site, str)
    section, x = model.place(step.site)
    array, _, number = section.rstrip("]").partition("[")
    amounts = amounts_of(step)
    return {
        "input_type": "current_clamp",
        "module": "IClamp",
        "node_set": "all",
        "amp": amounts["amplitude_nA"],
        "delay": amounts["delay_ms"],
        "duration": amounts["duration_ms"],
        "section_name": array,
        "section_index": int(number),
        "section_dist": x,
    }


def _recorded(model: Model, recording: Recording) -> list[Any]:
    assert not isinstance(recording.site, OnPlaced)
    section, x = model.place(recording.site)
    array, _, number = section.rstrip("]").partition("[")
    return [array, int(number), x, recording.variable]


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
