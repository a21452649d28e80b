"""A biophysical node of a SONATA network as a study.

Its cell is an Allen model, built by BMTK's rules (Billeh et al. 2020, Neuron 106:388): node types
say which reconstruction, which fit and what becomes of the axon; the simulation says temperature,
segments and clamps.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import InputError, unknown
from workbench.imports.allen import Kind, allen_model
from workbench.imports.sonata.config import Config, read_config
from workbench.imports.sonata.inputs import current_clamps
from workbench.imports.sonata.nodes import Node, find_node
from workbench.imports.source import Source, only
from workbench.imports.study import Imported

_KINDS: Mapping[str, Kind] = {
    "aibs_perisomatic": "perisomatic",
    "aibs_perisomatic_directed": "perisomatic",
    "aibs_allactive": "all-active",
    "aibs_allactive_directed": "all-active",
}
_RECORDED_ONLY = {"extracellular", "set_extracellular"}
_TEMPLATES = {"ctdb:Biophys1.hoc", "ctdb:Biophys1"}
_EDGES = "The edges of the network, synapses and what spikes arrive at them, are not imported."
_TURNED = {"rotation_angle_xaxis", "rotation_angle_yaxis", "rotation_angle_zaxis", "rotations"}


def read_sonata(source: Source) -> Imported:
    """Return a node of a configuration.

    Raises
    ------
    InputError
        If files cannot be found or read, there is no such node, or the study would be another
        model.
    """
    path = source.path / "config.json" if source.path.is_dir() else source.path
    config = read_config(path)
    node = find_node(path, config.networks, source.node)
    kind = _kind(config, node)
    fit = _component(path, config, "biophysical_neuron_models_dir", node, "dynamics_params")
    swc = source.morphology or _component(path, config, "morphologies_dir", node, "morphology")
    found = allen_model(fit, swc, _mechanisms(path, source, config), kind)
    steps, left = current_clamps(config, node)
    cell = {**found.cell, "conditions": found.cell["conditions"] | _conditions(config)}
    return replace(
        found,
        tool="sonata",
        name=re.sub(r"\W", "_", str(node)),
        title=f"Node {node.number} of the population {node.population}",
        description=f"{found.title}. {found.description}",
        source=str(path.resolve()),
        cell=cell,
        protocols=_protocols(found.protocols, config, steps),
        integrator={"dt_ms": config.run.dt} if config.run.dt else found.integrator,
        done=[*_done(config, node, kind, bool(steps)), *found.done],
        unsaid=[*found.unsaid, *left, *([_EDGES] if config.networks.edges else [])],
    )


def _kind(config: Config, node: Node) -> Kind:
    """Return what becomes of a node's axon, if it is a cell that can be said."""
    if (model := node.text("model_type")) != "biophysical":
        raise InputError(f"node {node} is of model_type {model}; biophysical ones can be imported")
    template = node.text("model_template")
    if template not in _TEMPLATES:
        raise InputError(f"node {node}: model_template is {template}; {_instead(config, template)}")
    if node.own_dynamics:
        raise InputError(
            f"node {node} has values of its own beside its fit ({', '.join(node.own_dynamics)}), "
            "which are not read; write them into a fit file of its own"
        )
    asked = [one.strip() for one in (node.text("model_processing") or "").split(",")]
    told = [one for one in asked if one and one not in _RECORDED_ONLY]
    if len(told) != 1:
        raise InputError(
            f"node {node}: model_processing is {', '.join(told) or 'not given'}; one of "
            f"{', '.join(_KINDS)} says how the cell is made"
        )
    if told[0] not in _KINDS:
        raise InputError(f"node {node}: {unknown('model_processing', told[0], _KINDS)}")
    return _KINDS[told[0]]


def _instead(config: Config, template: str | None) -> str:
    if template and template.startswith("hoc:"):
        folder = config.components.templates_dir or "the folder of templates"
        return (
            f"a hoc template is a program: write a file that loads {folder}/{template[4:]}.hoc and "
            "makes the cell, and give it to workbench import hoc FILE --trust-hoc"
        )
    return f"{' or '.join(sorted(_TEMPLATES))} can be imported"


def _component(path: Path, config: Config, folder: str, node: Node, attribute: str) -> Path:
    """Return a file of a node, which lies in a folder of the configuration's."""
    where, name = getattr(config.components, folder), node.text(attribute)
    if name is None:
        raise InputError(f"node {node} has no {attribute}")
    if where is None:
        raise InputError(f"{path}: components.{folder} is missing; {attribute} is {name}")
    return _near(path, Path(where) / name, attribute)


def _near(path: Path, named: Path, what: str) -> Path:
    """Return a path that lies beside the configuration's folder or below: a model is not wider."""
    if not named.resolve().is_relative_to(path.resolve().parent.parent):
        raise InputError(
            f"{path}: {what}: {named} lies outside of {path.resolve().parent.parent}, where the "
            "model is; put its files there, or name them with --morphology and --mechanisms"
        )
    return named


def _mechanisms(path: Path, source: Source, config: Config) -> Path:
    if source.mechanisms:
        return source.mechanisms
    told, instead = config.components.mechanisms_dir, "name it with --mechanisms FOLDER"
    if told is None:
        raise InputError(f"{path}: components.mechanisms_dir is missing; {instead}")
    folder = _near(path, Path(told), "mechanisms_dir")
    if not folder.is_dir():
        raise InputError(f"{path}: mechanisms_dir: {folder} is no folder; {instead}")
    found = {file.parent for file in Source(folder).files(".mod")}
    return only("folder of .mod files", found, folder, instead)


def _conditions(config: Config) -> dict[str, Any]:
    told = config.conditions
    given = {"celsius_degC": told.celsius, "v_init_mV": told.v_init}
    segments = {"max_length_um": 2 * config.run.dL}
    return {key: value for key, value in given.items() if value is not None} | {
        "segments": segments
    }


def _protocols(
    step: Mapping[str, Any], config: Config, steps: list[dict[str, Any]]
) -> Mapping[str, Any]:
    """Return the protocol of the node's clamps; if it has none, that of an Allen cell."""
    if not steps:
        return step
    ends = [one["delay_ms"] + one["duration_ms"] for one in steps]
    until_ms = config.run.tstop or 1.2 * max(ends)
    kept = [
        one | {"duration_ms": min(one["duration_ms"], until_ms - one["delay_ms"])}
        for one in steps
        if one["delay_ms"] < until_ms
    ]
    [own] = step.values()
    return {"clamps": {**own, "duration_ms": until_ms, "parameters": {}, "stimuli": kept}}


def _done(config: Config, node: Node, kind: Kind, clamped: bool) -> Iterator[str]:
    processing = node.text("model_processing")
    fit = node.text("dynamics_params")
    yield f"{processing}: BMTK's rules for a model that is {kind}; its fit is {fit}."
    yield f"Sections are cut into 1 + 2 int(L / {2 * config.run.dL:g} um) segments (run.dL)."
    for what in ("celsius", "v_init"):
        if getattr(config.conditions, what) is None:
            yield f"The configuration has no conditions.{what}: it is the fit's."
    steps = f"Fixed steps of {config.run.dt} ms, as run.dt says."
    yield steps if config.run.dt else "CVODE at 1e-6: there is no run.dt."
    if clamped:
        yield "The protocol `clamps` has the current clamps of its inputs; it runs until run.tstop."
    else:
        yield "No current clamp of its inputs is for this node: `step` is a long square of 1 s."
    turned = _TURNED & node.attributes.keys()
    if turned or "directed" in str(processing):
        yield "A cell without extracellular fields does not know how it is turned: angles are left."
