"""A region with a name: in which places it is, as a text."""

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import InputError, MorphologyError, shortened, unknown
from workbench.inputs import expression
from workbench.morphology.regions.expressions import FUNCTIONS, WORDS
from workbench.morphology.section import ARRAYS, REGIONS

RESERVED = frozenset({"all", *REGIONS, *ARRAYS.values(), *WORDS, *FUNCTIONS})
"""Names that mean something else where a region's name stands."""

_PLAIN = re.compile(r"\s*\w+(\[\d+\])?\s*")


@dataclass(frozen=True)
class NamedRegion:
    """A region with a name of its own.

    Attributes
    ----------
    name
        What it is called.
    where
        The places that it holds, an expression. `docs/regions.md` has its words.
    cut
        Whether a section that the region ends inside of is cut there.

    Raises
    ------
    MorphologyError
        A name that is taken or none, or a text that is no expression.
    """

    name: str
    where: str
    cut: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or keyword.iskeyword(self.name) or self.name in RESERVED:
            taken = "" if self.name not in RESERVED else ", which means something else already"
            raise MorphologyError(
                f"a region is called {shortened(self.name)!r}{taken}; take letters, digits and _, "
                f"and none of {', '.join(sorted(RESERVED))}"
            )
        try:
            expression(self.where)
        except InputError as error:
            raise MorphologyError(refused(self.name, self.where, str(error))) from None


GivenRegion = str | Sequence[str] | Mapping[str, Any] | NamedRegion
"""An expression, a list of them, or a table of `where` and `cut`."""


def named_regions(given: Mapping[str, GivenRegion]) -> tuple[NamedRegion, ...]:
    """Return the regions that a table or a dict of them describes, in its order.

    Raises
    ------
    MorphologyError
        What cannot be used.
    """
    return tuple(_named(name, one) for name, one in given.items())


def refused(name: str, where: str, why: str) -> str:
    """Return a sentence that says why a region's expression cannot be used."""
    return f"region {name!r}: cannot use {shortened(where)!r}: {why}"


def _named(name: str, given: GivenRegion) -> NamedRegion:
    if isinstance(given, NamedRegion):
        return NamedRegion(name, given.where, given.cut)
    table = given if isinstance(given, Mapping) else {"where": given}
    for key in table:
        if key not in ("where", "cut"):
            raise MorphologyError(f"region {name!r}: {unknown('key', key, ('where', 'cut'))}")
    where, cut = table.get("where"), table.get("cut", False)
    several = [where] if isinstance(where, str) else where
    if not (
        isinstance(cut, bool)
        and isinstance(several, Sequence)
        and several
        and all(isinstance(one, str) for one in several)
    ):
        raise MorphologyError(
            f"region {name!r}: give an expression, a list of them, or both under where with "
            f"cut = true or false (given: {shortened(repr(given))})"
        )
    return NamedRegion(name, _united(several), cut)


def _united(several: Sequence[str]) -> str:
    if len(several) == 1:
        return several[0]
    return " or ".join(one if _PLAIN.fullmatch(one) else f"({one})" for one in several)
