"""The size of a search, checked, and the checks of its options."""

from dataclasses import InitVar, dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from workbench.arrays import Floats
from workbench.errors import InputError

_SEEDS = 2**32  # what numpy's legacy generator accepts


@dataclass(frozen=True, eq=False)
class Setting:
    """The size of a search and where it begins.

    Attributes
    ----------
    dimension : int
        Number of parameters d.
    objectives : int
        Number of scores k of each row, lower is better.
    population : int
        Number of rows n that every `ask` returns.
    seed : int
        0 to 2**32 - 1.
    initial : array (m, d), m <= n
        Rows of the unit cube that the first population begins with; default none. Kept as
        `first_rows`.
    bounds : array (d, 2)
        Lower and upper physical bounds of the parameters; default the unit cube. They matter to
        the genetic searches only (see `evolution`); the others are the same in any box. Kept as
        `box`.

    Raises
    ------
    InputError
        If a number or a shape is not as above.
    """

    dimension: int
    objectives: int
    population: int
    seed: int
    initial: InitVar[ArrayLike | None] = None
    bounds: InitVar[ArrayLike | None] = None
    first_rows: Floats = field(init=False, repr=False)
    box: Floats = field(init=False, repr=False)

    def __post_init__(self, initial: ArrayLike | None, bounds: ArrayLike | None) -> None:
        for name in ("dimension", "objectives", "population"):
            whole(name, getattr(self, name), least=1)
        whole("seed", self.seed, least=0, most=_SEEDS - 1)
        object.__setattr__(self, "first_rows", self._checked_initial(initial))
        object.__setattr__(self, "box", self._checked_bounds(bounds))

    def _checked_initial(self, given: ArrayLike | None) -> Floats:
        rows = np.array(() if given is None else given, dtype=float)
        if rows.size == 0:
            rows = rows.reshape(0, self.dimension)
        if rows.ndim != 2 or rows.shape[1] != self.dimension or len(rows) > self.population:
            raise InputError(
                f"initial has the shape {rows.shape}; it must have {self.dimension} columns "
                f"and at most {self.population} rows"
            )
        if not ((rows >= 0) & (rows <= 1)).all():
            raise InputError("initial holds numbers outside of [0, 1]; give rows of the unit cube")
        return locked(rows)

    def _checked_bounds(self, given: ArrayLike | None) -> Floats:
        box = np.array([[0.0, 1.0]] * self.dimension if given is None else given, dtype=float)
        if box.shape != (self.dimension, 2):
            raise InputError(
                f"bounds have the shape {box.shape}; give {self.dimension} pairs (lower, upper)"
            )
        if not (np.isfinite(box).all() and (box[:, 0] < box[:, 1]).all()):
            raise InputError("every lower bound must be finite and less than its upper bound")
        return locked(box)


def locked(array: Floats) -> Floats:
    """Return the array, made read-only."""
    array.setflags(write=False)
    return array


def whole(name: str, value: object, least: int, most: float = float("inf")) -> int:
    """Return the value if it is a whole number in [least, most]; InputError otherwise."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        given = int(value)
        if least <= given <= most:
            return given
    upper = "" if most == float("inf") else f" and at most {most}"
    raise InputError(f"{name} must be a whole number of at least {least}{upper}, not {value!r}")


def number(name: str, value: object, least: float, most: float) -> float:
    """Return the value as a float if it lies in [least, most]; InputError otherwise."""
    if isinstance(value, int | float | np.integer) and not isinstance(value, bool):
        given = float(value)
        if least <= given <= most:
            return given
    raise InputError(f"{name} must be a number from {least:g} to {most:g}, not {value!r}")
