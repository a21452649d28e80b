"""What every search has in common: the ask/tell contract, and a state made of plain numbers."""

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.search.setting import Setting, locked

State = dict[str, NDArray[Any] | int | float | str]
"""All that a search is, as plain numbers, texts and arrays."""


class SizedSearch(ABC):
    """What is common to the searches that wait for a generation and those that do not: the size."""

    algorithm: ClassVar[str]
    least_population: ClassVar[int] = 2
    least_objectives: ClassVar[int] = 1

    def __init__(self, setting: Setting) -> None:
        for name in ("population", "objectives"):
            least = getattr(self, f"least_{name}")
            if getattr(setting, name) < least:
                raise InputError(
                    f"{self.algorithm} needs {name} of at least {least}, "
                    f"given {getattr(setting, name)}"
                )
        self.setting = setting

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.algorithm}: {self.setting}>"

    @property
    def dimension(self) -> int:
        """Number of columns of the rows asked."""
        return self.setting.dimension

    @property
    def objectives(self) -> int:
        """Number of columns of the scores told."""
        return self.setting.objectives

    @property
    def population(self) -> int:
        """Number of rows of every population, exactly."""
        return self.setting.population


class Search(SizedSearch):
    """A search over the unit cube [0, 1]^d that proposes populations and learns from their scores.

    A subclass implements `_first` and `_next`. All that it must remember from one to the other
    lies in `self._memory` as arrays, so that the state is complete by construction.

    Attributes
    ----------
    generation : int
        Number of populations told so far.
    sides : array (population, objectives)
        On which side of their targets the scores lay that are being told; see `tell`.
    """

    def __init__(self, setting: Setting, **options: float) -> None:
        super().__init__(setting)
        self.generation = 0
        self.sides = np.ones((setting.population, setting.objectives), dtype=np.int8)
        self._memory: dict[str, NDArray[Any]] = {}
        self._rows: Floats | None = None
        self._identity = _identity(self.algorithm, setting, options)

    def ask(self) -> Floats:
        """Return the rows to evaluate, shape (population, dimension), in [0, 1], read-only.

        The same rows are returned until they are told. A row may be equal to another or to one
        asked before: whoever evaluates may look it up.
        """
        if self._rows is None:
            self._rows = locked(self._first())
        return self._rows

    def tell(self, X: ArrayLike, F: ArrayLike, sides: ArrayLike | None = None) -> None:
        """Give the scores of the rows asked, and so end the generation.

        Parameters
        ----------
        X : array (population, dimension)
            The rows that `ask` returned, in the same order.
        F : array (population, objectives)
            Their scores: finite, not negative, lower is better.
        sides : array (population, objectives)
            On which side of its target each feature lies: -1 below it, 1 above, 0 where it has no
            value; by default all above. Stock's searches do not look at them.

        Raises
        ------
        ValueError
            If X are not the rows asked, or F has another shape or a score that is NaN, infinite or
            negative. The search is unchanged then.
        """
        rows, scores = np.asarray(X, dtype=float), np.array(F, dtype=float)
        _check_rows(rows, self.ask())
        check_scores(scores, (self.population, self.objectives))
        told = np.ones(scores.shape) if sides is None else np.asarray(sides, dtype=float)
        if told.shape != scores.shape or not np.isin(told, (-1.0, 0.0, 1.0)).all():
            raise ValueError(f"told sides of shape {told.shape}; {scores.shape} of -1, 0 and 1")
        self.sides = told.astype(np.int8)
        self._rows = locked(self._next(scores))
        self.generation += 1

    def beaten_above(self) -> float:
        """Return the sum of scores above which a row that is asked now changes nothing.

        Whatever its score beyond it, all rows to come are the same; infinity while none is. It is
        for searches whose survivors are the least sums (`RACING` of the registry).
        """
        raise NotImplementedError(f"{self.algorithm} has no such sum")

    def state(self) -> State:
        """Return all that the search knows, as numeric arrays, integers and one string."""
        return {
            "search": self._identity,
            "generation": self.generation,
            "asked": self.ask().copy(),
            **{name: value.copy() for name, value in self._memory.items()},
        }

    def restore(self, state: State) -> None:
        """Go on from a state, bit for bit.

        Raises
        ------
        InputError
            If the state is that of another algorithm, size, bounds or options.
        """
        if state.get("search") != self._identity:
            raise InputError(
                f"the state was stored by another search: {state.get('search')}; this one is "
                f"{self._identity}. Make the search with the stored settings, or begin a new run"
            )
        rest = {name: state[name] for name in state.keys() - {"search", "generation", "asked"}}
        self._memory = {name: np.array(value, order="C") for name, value in rest.items()}
        self._rows = locked(np.array(state["asked"], dtype=float))
        self.generation = int(state["generation"])

    @abstractmethod
    def _first(self) -> Floats:
        """Return the first population, shape (population, dimension), and fill the memory."""

    @abstractmethod
    def _next(self, scores: Floats) -> Floats:
        """Learn from the scores of the last population, renew the memory, return the next one."""


def _identity(algorithm: str, setting: Setting, options: dict[str, float]) -> str:
    """Return what must agree for a state to be continued: all but the seed and the first rows."""
    return json.dumps(
        {
            "algorithm": algorithm,
            "dimension": int(setting.dimension),
            "objectives": int(setting.objectives),
            "population": int(setting.population),
            "bounds": "unit cube" if (setting.box == (0, 1)).all() else setting.box.tolist(),
            **options,
        }
    )


def _check_rows(rows: Floats, asked: Floats) -> None:
    if rows.shape != asked.shape:
        raise ValueError(f"told rows of shape {rows.shape}, but {asked.shape} were asked")
    other = np.flatnonzero((rows != asked).any(axis=1))
    if len(other):
        raise ValueError(
            f"row {other[0]} is not the row that was asked ({len(other)} of {len(asked)} differ); "
            "each population is told once, unchanged: X = search.ask(); search.tell(X, F)"
        )


def check_scores(scores: Floats, shape: tuple[int, int]) -> None:
    """Raise ValueError if scores are not of this shape, finite and not negative."""
    if scores.shape != shape:
        raise ValueError(f"told scores of shape {scores.shape}, expected {shape}")
    bad = np.argwhere(~(np.isfinite(scores) & (scores >= 0)))
    if len(bad):
        row, column = bad[0]
        raise ValueError(
            f"the score of row {row}, objective {column}, is {scores[row, column]}; "
            "scores must be finite and not negative: give a failure a finite penalty"
        )
