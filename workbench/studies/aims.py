"""What a number to reproduce is allowed to be, whatever it is a number of."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Aim:
    """A number, or a short list of them, that has to come out.

    Attributes
    ----------
    name, source
        What it is, and where it stands.
    values, tolerance
        Allowed are `values` ± `tolerance`, in its own unit.
    at_least
        Whether more than `values` is allowed too.
    any_of
        Whether one of `values` is enough.
    """

    name: str
    source: str
    values: tuple[float, ...]
    tolerance: tuple[float, ...]
    at_least: bool = False
    any_of: bool = False

    def __repr__(self) -> str:
        allowed = zip(self.values, self.tolerance, strict=True)
        values = ", ".join(f"{value:g} ± {tolerance:g}" for value, tolerance in allowed)
        return f"<{type(self).__name__} {self.name!r}: {values}; {self.source}>"

    def nearest(self, found: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return with which values, and tolerances, those that were found are compared."""
        if not self.any_of:
            return self.values, self.tolerance
        pairs = list(zip(self.values, self.tolerance, strict=True))
        value, allowed = pairs[0]
        if found:
            value, allowed = min(pairs, key=lambda pair: abs(found[0] - pair[0]) - pair[1])
        return (value,), (allowed,)
