"""The regions of a study that stand for groups of segments."""

import keyword
import re
from collections.abc import Sequence

from workbench.imports.neuroml.shape import Shape
from workbench.morphology import REGIONS
from workbench.morphology.regions.named import RESERVED


class Regions:
    """Names of regions by the sections that they hold; those beyond the four are collected.

    Attributes
    ----------
    table
        `[regions]` of a cell.toml.
    """

    def __init__(self, shape: Shape) -> None:
        self._tree = shape.tree
        self.table: dict[str, list[str]] = {}
        self._names = {self._tree.indices(one): one for one in (*REGIONS, "all")}

    def name(self, sections: Sequence[int], wanted: str) -> str:
        """Return the region of just these sections, a new one under a name like `wanted`."""
        held = tuple(sorted(sections))
        if held not in self._names:
            where = self._where(held)
            if wanted == "all":
                wanted = "_and_".join(where) if where[0] in REGIONS else "rest"
            self._names[held] = name = self._free(wanted)
            self.table[name] = where
        return self._names[held]

    def _where(self, held: tuple[int, ...]) -> list[str]:
        """Return the four regions that these sections are, or else the sections."""
        whole = [
            r for r in REGIONS if {*self._tree.indices(r)} <= {*held} and self._tree.indices(r)
        ]
        if sum(len(self._tree.indices(r)) for r in whole) == len(held):
            return list(whole)
        return [self._tree.names[index] for index in held]

    def _free(self, wanted: str) -> str:
        name = re.sub(r"\W|^(?=\d)", "_", wanted)
        if name in RESERVED or name == "global" or keyword.iskeyword(name):
            name += "_group"
        while name in self.table:
            name += "_"
        return name
