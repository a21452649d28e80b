"""Be the child that opens a file of nodes with h5py: a damaged one may crash or hang it.

The question holds its `path` and the `id` of a node, or None. The answer tells for each population
its number of `nodes`, the `first` and `last` of their ids, and the `node` of that id (of its only
id, if none was asked for), or None: its `type`, its `attributes` by name and which of the
`dynamics_params` it has for itself. Under `refused` it says why there is no answer.
"""

import os
import resource
from typing import Any

import numpy as np

from workbench.questions import answer

LARGEST_bytes = 8 * 2**30
MOST_NODES = 50_000_000
MOST_NAMED = 1000


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return what the file holds."""
    import h5py

    try:
        with h5py.File(question["path"], "r") as file:
            nodes = _inside(file, "nodes")
            names = list(nodes)[:MOST_NAMED]
            return {
                "populations": {n: _population(_inside(nodes, n), question["id"]) for n in names}
            }
    except Exception as error:
        # h5py raises whatever a file made of it.
        return {"refused": str(error) or type(error).__name__}


def _inside(group: Any, name: str) -> Any:
    """Return what a group holds by itself: a file does not lead to another one."""
    import h5py

    if name not in group:
        raise ValueError(f"{group.name} has no {name!r}")
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{group.name}/{name} is a link, which is not followed")
    found = group[name]
    if isinstance(found, h5py.Dataset) and found.external:
        raise ValueError(f"{group.name}/{name} keeps its values in another file")
    return found


def _population(population: Any, wanted: int | None) -> dict[str, Any]:
    types = _inside(population, "node_type_id")
    count = len(types)
    if count > MOST_NODES:
        raise ValueError(f"{population.name} has {count} nodes, more than {MOST_NODES}")
    ids = _ids(population, count)
    first, last = (int(ids[0]), int(ids[-1])) if count else (0, -1)
    told: dict[str, Any] = {"nodes": count, "first": first, "last": last, "node": None}
    if wanted is None and count == 1:
        wanted = first
    for row in np.flatnonzero(ids == wanted)[:1]:
        told["node"] = _node(population, int(types[row]), int(row))
    return told


def _ids(population: Any, count: int) -> Any:
    if "node_id" not in population:
        return np.arange(count)
    ids = _inside(population, "node_id")
    if len(ids) != count:
        raise ValueError(f"{population.name} has {len(ids)} ids for {count} nodes")
    return ids[()]


def _node(population: Any, kind: int, row: int) -> dict[str, Any]:
    """Return a node by its row."""
    index = int(_inside(population, "node_group_index")[row])
    group = _inside(population, str(int(_inside(population, "node_group_id")[row])))
    attributes, own = {}, []
    for name in list(group)[:MOST_NAMED]:
        if name == "dynamics_params":
            own = list(_inside(group, name))[:MOST_NAMED]
        elif not name.startswith("@"):
            attributes[name] = _value(group, name, index)
    return {"type": kind, "attributes": attributes, "dynamics_params": own}


def _value(group: Any, name: str, index: int) -> Any:
    """Return an attribute as text or number; one of a library by the text it stands for."""
    value = _inside(group, name)[index]
    if "@library" in group and name in _inside(group, "@library"):
        value = _inside(_inside(group, "@library"), name)[int(value)]
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else value.tolist()


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = LARGEST_bytes if hard == resource.RLIM_INFINITY else min(hard, LARGEST_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    answer(reply)
