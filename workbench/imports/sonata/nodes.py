"""One node of the networks: what its file says of it, and its type where it says nothing."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.errors import InputError, shortened, unknown
from workbench.imports.sonata.config import Networks
from workbench.inputs import is_file, parsing, text
from workbench.questions import ChildFailed, ask

_LIMIT_s = 60.0
_LARGEST_ID = 2**62
_NONE = {"", "NULL", "NONE", "NA", "nan"}


@dataclass(frozen=True)
class Node:
    """A node.

    Attributes
    ----------
    population, number
        Where it stands, and its id there.
    attributes
        Texts and numbers by name; those of the node itself overrule those of its type.
    own_dynamics
        Names of values of its own that overrule those of its `dynamics_params`.
    """

    population: str
    number: int
    attributes: Mapping[str, Any]
    own_dynamics: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.population}:{self.number}"

    def text(self, name: str) -> str | None:
        """Return an attribute as a text, None if there is none."""
        value = self.attributes.get(name)
        return None if value is None or str(value) in _NONE else str(value)


def find_node(config: Path, networks: Networks, asked: str | None) -> Node:
    """Return the node that was asked for; if nobody asked, the only one that there is.

    Parameters
    ----------
    asked
        `POPULATION:ID`, or `ID` where one population has it.

    Raises
    ------
    InputError
        If there is no such node or several are meant: with what there is. If files cannot be read.
    """
    population, number = _asked(asked)
    found = []
    there: dict[str, Any] = {}
    for files in networks.nodes:
        told = _populations(Path(files.nodes_file), number)
        there |= told
        for name, one in told.items():
            if one["node"] is not None and population in (None, name):
                found.append((name, one["node"], files))
    if population is not None and population not in there:
        raise InputError(f"node {asked}: {unknown('population', population, there)}")
    all_nodes = "; ".join(f"{name} has {_extent(one)}" for name, one in there.items()) or "none"
    if number is None and sum(one["nodes"] for one in there.values()) != 1:
        raise InputError(f"{config}: say which node: --node POPULATION:ID. {all_nodes}")
    if not found:
        raise InputError(f"node {asked}: there is no such node. {all_nodes}")
    if len(found) > 1:
        names = ", ".join(f"{name}:{number}" for name, *_ in found)
        raise InputError(f"node {asked}: several populations have it; name one: {names}")
    [(name, node, files)] = found
    own = tuple(node["dynamics_params"])
    attributes = _of_type(files.node_types_file, node) | node["attributes"]
    return Node(name, there[name]["first"] if number is None else number, attributes, own)


def _asked(asked: str | None) -> tuple[str | None, int | None]:
    if asked is None:
        return None, None
    population, colon, number = asked.rpartition(":")
    if not (number.isascii() and number.isdigit()) or int(number) > _LARGEST_ID:
        raise InputError(f"node {shortened(asked)}: give POPULATION:ID or ID, such as v1:0")
    return (population if colon else None), int(number)


def _extent(one: Mapping[str, Any]) -> str:
    if one["nodes"] == 0:
        return "no nodes"
    if one["nodes"] == 1:
        return f"the node {one['first']}"
    return f"{one['nodes']} nodes, {one['first']} to {one['last']}"


def _populations(path: Path, number: int | None) -> dict[str, Any]:
    """Return what a file of nodes says, read in a child."""
    if not is_file(path):
        raise InputError(f"{path}: there is no such file of nodes")
    if find_spec("h5py") is None:
        raise InputError(f"{path}: HDF5 needs h5py: pip install 'neuron-workbench[sonata]'")
    question = {"path": str(path.absolute()), "id": number}
    try:
        told = ask("workbench.imports.sonata.h5_child", question, _LIMIT_s)
    except ChildFailed as failed:
        said = str(failed).strip().splitlines()[-1]
        raise InputError(f"{path}: h5py ended without an answer ({said}); is it damaged?") from None
    if "refused" in told:
        raise InputError(f"{path} is no file of SONATA's nodes: {shortened(told['refused'], 400)}")
    found: dict[str, Any] = told["populations"]
    return found


def _of_type(file: str | None, node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a node's type."""
    if file is None:
        return {}
    path = Path(file)
    types = {row["node_type_id"]: row for row in _rows(path)}
    if (name := str(node["type"])) not in types:
        raise InputError(f"{path}: {unknown('node_type_id', name, types)}")
    return types[name]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a file of types, whose columns are parted by spaces."""
    with parsing(path, "a file of node types", says=(csv.Error,)):
        [names, *rows] = csv.reader(text(path).splitlines(), delimiter=" ", skipinitialspace=True)
        if "node_type_id" not in names:
            raise InputError(f"{path}: there is no column node_type_id; there are {names}")
        for number, row in enumerate(filter(None, rows), 2):
            if len(row) != len(names):
                raise InputError(f"{path}:{number}: {len(row)} values in {len(names)} columns")
            yield dict(zip(names, row, strict=True))
