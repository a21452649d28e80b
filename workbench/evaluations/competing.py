"""Which rows of a run are compared for being its best: of a fit in stages those of the last."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from workbench.evaluations.records import Row


@dataclass(frozen=True)
class Competing:
    """Where stages begin, and where the first individual of each generation alone competes.

    Of other stages other targets count, so their sums cannot be compared. A run that is not in
    stages is one stage.
    """

    begins: tuple[int, ...] = (0,)
    first: tuple[bool, ...] = (False,)

    @classmethod
    def told_by(cls, facts: Mapping[str, Any]) -> Self:
        """Return what the facts of a run say."""
        if not (stages := facts.get("stages")):
            return cls()
        begins = tuple(stage["begin"] for stage in stages)
        return cls(begins, tuple(stage["first"] for stage in stages))

    def stage(self, generation: int) -> int:
        """Return the number of the stage that a generation is of."""
        return bisect_right(self.begins, generation) - 1

    def takes_part(self, row: Row) -> bool:
        """Whether a row is compared with others of its stage."""
        return row.individual == 0 or not self.first[self.stage(row.generation)]
