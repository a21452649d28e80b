"""The nodes of a tree by their distance from its root: those of one level are solved at once."""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from workbench.engines.population.requests import Ints, pointer


class Tree(ctypes.Structure):
    """As `kernel.hpp` has it."""

    _fields_ = (
        ("levels", ctypes.c_long),
        ("starts", Ints),
        ("order", Ints),
        ("child_starts", Ints),
        ("children", Ints),
    )


@dataclass(frozen=True, eq=False)
class Levels:
    """The arrays of a tree.

    Attributes
    ----------
    starts
        (levels + 1,) where each level begins in `order`.
    order
        (nodes,) level by level from the root.
    child_starts
        (nodes + 1,) where each node's children begin in `children`.
    children
        (nodes - 1,) of each node those with the highest numbers first, as one thread would come to
        them.
    """

    starts: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]
    child_starts: npt.NDArray[np.int32]
    children: npt.NDArray[np.int32]

    @property
    def tree(self) -> Tree:
        """What the kernel is given; the arrays have to be kept alive."""
        arrays = (self.starts, self.order, self.child_starts, self.children)
        return Tree(len(self.starts) - 1, *(pointer(array, Ints) for array in arrays))

    @property
    def lengths(self) -> Mapping[str, int]:
        """How long its arrays are."""
        return {field.name: len(getattr(self, field.name)) for field in fields(self)}


def levels_of(parents: npt.NDArray[np.int32]) -> Levels:
    """Return the levels of a tree whose parents come before their children; -1 is the root's."""
    depth = np.zeros(len(parents), np.int32)
    for node, parent in enumerate(parents[1:].tolist(), 1):
        depth[node] = depth[parent] + 1
    order = np.argsort(depth, kind="stable")
    # Parents in their order, and children of one from the last to the first.
    children = np.lexsort((-np.arange(1, len(parents)), parents[1:])) + 1
    each = np.bincount(parents[1:], minlength=len(parents))
    return Levels(
        *(
            np.ascontiguousarray(array, np.int32)
            for array in (
                np.cumsum([0, *np.bincount(depth)]),
                order,
                np.cumsum([0, *each]),
                children,
            )
        )
    )
