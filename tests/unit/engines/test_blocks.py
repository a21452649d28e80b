"""What a GPU is given: a tree by its levels, and structs in one piece of memory."""

import ctypes

import numpy as np

from workbench.engines.population.cuda.levels import levels_of
from workbench.engines.population.cuda.running import Parcel
from workbench.engines.population.requests import Ints, Shape, pointer


def test_levels_of_a_tree() -> None:
    """Two branches of the root, the first of which parts again."""
    found = levels_of(np.array([-1, 0, 1, 1, 0, 2], np.int32))
    assert found.starts.tolist() == [0, 1, 3, 5, 6]
    assert found.order.tolist() == [0, 1, 4, 2, 3, 5]
    assert found.child_starts.tolist() == [0, 2, 4, 5, 5, 5, 5]
    assert found.children.tolist() == [4, 1, 3, 2, 5]


def test_one_node_has_one_level() -> None:
    found = levels_of(np.array([-1], np.int32))
    assert found.starts.tolist() == [0, 1]
    assert found.children.size == 0


def test_a_parcel_is_read_where_it_lies() -> None:
    """With arrays that two structs share, and an empty one."""
    parents, none = np.array([-1, 0, 0], np.int32), np.zeros(0, np.int64)
    shapes = [Shape(n, 0, pointer(parents, Ints), None, pointer(parents, Ints)) for n in (3, 2)]
    lengths = [{"parents": 3, "counts": len(none), "nodes_of": n} for n in (3, 2)]
    parcel = Parcel()
    parcel.put(shapes[:1], lengths[:1])
    at = parcel.put(shapes, lengths)
    memory = ctypes.create_string_buffer(parcel.size)
    base = ctypes.addressof(memory)
    ctypes.memmove(base, parcel.moved_to(base), parcel.size)
    found = (Shape * 2).from_address(base + at)
    assert [one.nodes for one in found] == [3, 2]
    assert [one.parents[:3] for one in found] == [[-1, 0, 0]] * 2
    assert found[1].nodes_of[:2] == [-1, 0]
    places = {ctypes.addressof(one.parents.contents) for one in found}
    assert len(places) == 1
    assert base <= places.pop() < base + parcel.size
