"""Configurations of circuits and simulations, their manifests filled in.

The format is that of SONATA 0.1 (Dai et al. 2020, PLoS Comput Biol 16:e1007696): `$NAME` and
`${NAME}` are variables of the manifest, `network` and `simulation` may name files with a part each,
and paths are relative to the file that they stand in.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.source import Foreign, tables
from workbench.inputs import json_value

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_ASKED = {"network", "simulation", "networks", "components", "conditions", "run", "inputs"}
_ASKED |= {"node_sets", "node_sets_file"}
_PATHS = ("_file", "_dir")


class NodeFiles(Foreign):
    """Where the nodes of a network stand."""

    nodes_file: str
    node_types_file: str | None = None


class Networks(Foreign):
    """The files of all networks."""

    nodes: list[NodeFiles]
    edges: list[Any] = Field(default_factory=list)


class Components(Foreign):
    """The folders of what nodes are made of."""

    morphologies_dir: str | None = None
    biophysical_neuron_models_dir: str | None = None
    mechanisms_dir: str | None = None
    templates_dir: str | None = None


class Conditions(Foreign):
    """What holds for all cells."""

    celsius: float | None = None
    v_init: float | None = None


class Run(Foreign):
    """How long is simulated, ms, with which steps, ms and um."""

    tstop: float | None = Field(default=None, gt=0)
    dt: float | None = Field(default=None, gt=0)
    dL: float = Field(default=20.0, gt=0)


class Config(Foreign):
    """What is asked of a configuration."""

    networks: Networks
    components: Components = Components()
    conditions: Conditions = Conditions()
    run: Run = Run()
    inputs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    node_sets: dict[str, Any] = Field(default_factory=dict)


def read_config(path: Path) -> Config:
    """Return a configuration with the parts that it names, and whole paths.

    Raises
    ------
    InputError
        If a file cannot be read or is none, or names a variable that no manifest has.
    """
    found: Config = tables(path, Config, lambda written: _whole(path, written))
    return found


def _whole(path: Path, written: Any) -> dict[str, Any]:
    """Return the tables of a configuration with those of the files that it names."""
    whole = _filled_in(path, written)
    for key in ("network", "simulation"):
        if isinstance(named := whole.pop(key, None), str):
            part = path.parent / named
            whole |= _filled_in(part, json_value(part))
    sets = whole.pop("node_sets_file", None)
    if isinstance(sets, str):
        whole = {"node_sets": json_value(Path(sets)), **whole}
    return whole


def _filled_in(path: Path, written: Any) -> dict[str, Any]:
    if not isinstance(written, dict):
        raise InputError(f"{path} is no configuration of SONATA's: it holds no tables")
    folder = path.resolve().parent
    given = written.get("manifest", {})
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise InputError(f"{path}: manifest is a table of texts")
    variables = {"configdir": str(folder)}
    left = {key.removeprefix("$"): value for key, value in given.items()}
    while left:
        ready = [key for key in left if not _names(left[key]) & left.keys()]
        if not ready:
            raise InputError(f"{path}: manifest: {', '.join(sorted(left))} name one another")
        variables |= {key: _filled(path, left[key], variables) for key in ready}
        left = {key: value for key, value in left.items() if key not in ready}
    return {
        key: _inside(path, folder, key, value, variables)
        for key, value in written.items()
        if key in _ASKED
    }


def _names(text: str) -> set[str]:
    return {one[1] or one[2] for one in _VARIABLE.finditer(text)}


def _filled(path: Path, text: str, variables: Mapping[str, str]) -> str:
    for name in sorted(_names(text)):
        if name not in variables:
            raise InputError(f"{path}: {text}: {unknown('variable', name, variables)}")
    return _VARIABLE.sub(lambda one: variables[one[1] or one[2]], text)


def _inside(path: Path, folder: Path, key: str, value: Any, variables: Mapping[str, str]) -> Any:
    """Return what lies below a key, variables filled in and paths whole."""
    if isinstance(value, dict):
        return {k: _inside(path, folder, k, one, variables) for k, one in value.items()}
    if isinstance(value, list):
        return [_inside(path, folder, key, one, variables) for one in value]
    if not isinstance(value, str):
        return value
    text = _filled(path, value, variables)
    return str(folder / text) if key.endswith(_PATHS) else text
