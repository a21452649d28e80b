"""What files of samples have in common: times, and a value at each."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.errors import StudyError


@dataclass(frozen=True, eq=False)
class SampledFile:
    """Times and values as a file has them. Two are equal if their numbers are.

    Attributes
    ----------
    name
        Of the file.
    """

    name: str

    COLUMNS: ClassVar[tuple[str, str]]
    """The attributes with times and values."""

    MOST: ClassVar[int]
    """How many samples a file may have."""

    def __post_init__(self) -> None:
        for column in self.COLUMNS:
            values = np.array(getattr(self, column), dtype=float)
            values.setflags(write=False)
            object.__setattr__(self, column, values)
        if why := self._misshapen() or self._wrong():
            raise StudyError(f"{self.name}: {why}")

    @cached_property
    def columns(self) -> tuple[Floats, Floats]:
        """Times and values."""
        times, values = (getattr(self, column) for column in self.COLUMNS)
        return times, values

    @cached_property
    def digest(self) -> str:
        """The sha256 of times and values: the name of the file, and its format, do not count."""
        times, values = self.columns
        return sha256(times.tobytes() + values.tobytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __str__(self) -> str:
        return f"{self.name} (sha256 {self.digest})"

    def _misshapen(self) -> str:
        times, values = self.columns
        if times.ndim == 1 and times.shape == values.shape and 2 <= times.size <= self.MOST:
            return ""
        first, second = self.COLUMNS
        return (
            f"{first} has shape {times.shape}, {second} {values.shape}; both must be one row of "
            f"equal length, from 2 to {self.MOST:g}"
        )

    @abstractmethod
    def _wrong(self) -> str:
        """Say what is wrong with the numbers, or nothing."""


def first_outside(values: Floats, least: float, most: float) -> int | None:
    """Return the place of the first value that does not lie between two limits, or None."""
    wrong = np.flatnonzero(~((values >= least) & (values <= most)))
    return int(wrong[0]) if wrong.size else None
