"""Currents that users give in a file."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from workbench.arrays import Floats
from workbench.errors import StudyError, shortened, unknown
from workbench.inputs import content, parsing, text
from workbench.protocols.sampled_file import SampledFile, first_outside
from workbench.units import LIMITS

SHORTEST_ms = 1e-3
"""Between two samples, but where it jumps: integrators follow every one of them."""

BEND = 0.1
"""Of the steepest slope: who knows a current in the middle of steps has to end one there."""

_TOLD = (KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What numpy and zipfile raise for an archive besides ValueError."""


@dataclass(frozen=True, eq=False)
class CurrentFile(SampledFile):
    """A current as a file has it: columns, or arrays, `t_ms` and `current_nA`.

    Attributes
    ----------
    t_ms, current_nA
        Times, none before the one above it, and currents, each (n,). Two of one time are a jump.
    """

    t_ms: Floats
    current_nA: Floats

    COLUMNS = ("t_ms", "current_nA")
    KINDS: ClassVar[tuple[str, ...]] = (".csv", ".npz")
    MOST = 2_000_000

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a CSV or NPZ file.

        Raises
        ------
        StudyError
            If it cannot be read, or is no current.
        """
        if path.suffix not in cls.KINDS:
            raise StudyError(f"{path}: {unknown('format', path.suffix, cls.KINDS)}")
        t_ms, current_nA = _arrays(path) if path.suffix == ".npz" else _columns(path)
        try:
            return cls(path.name, t_ms, current_nA)
        except StudyError as error:
            raise StudyError(f"{path.parent}/{error}") from None

    @cached_property
    def shortest_ms(self) -> float:
        """The shortest interval between two samples that are no jump."""
        apart_ms = np.diff(self.t_ms)
        return float(apart_ms[apart_ms > 0].min())

    @cached_property
    def bends_ms(self) -> Floats:
        """Times of samples at which the slope changes by more than `BEND`."""
        apart_ms = np.diff(self.t_ms)
        slopes = np.diff(self.current_nA) / np.where(apart_ms > 0, apart_ms, np.inf)
        bends = np.abs(np.diff(slopes)) > BEND * np.abs(slopes).max()
        return np.asarray(self.t_ms[1:-1][bends])

    def _wrong(self) -> str:
        t_ms = self.t_ms
        for name, values in zip(self.COLUMNS, self.columns, strict=True):
            least, most = (0.0, LIMITS["ms"][1]) if name == "t_ms" else LIMITS["nA"]
            if (at := first_outside(values, least, most)) is not None:
                return f"{name}[{at}] is {values[at]:g}, it must lie between {least:g} and {most:g}"
        apart_ms = np.diff(t_ms)
        near = np.flatnonzero((apart_ms != 0) & ~(apart_ms >= SHORTEST_ms * (1 - 1e-6)))
        if near.size:
            return (
                f"t_ms goes from {t_ms[near[0]]:.9g} to {t_ms[near[0] + 1]:.9g} ms; it must grow "
                f"by {SHORTEST_ms:g} ms or more, or stay where the current jumps"
            )
        if t_ms[-1] == t_ms[0] or np.any((apart_ms[1:] == 0) & (apart_ms[:-1] == 0)):
            return "more than two samples have one time; two are a jump"
        return ""


def _columns(path: Path) -> tuple[Floats, Floats]:
    heading, *lines = text(path, StudyError).splitlines() or [""]
    if tuple(word.strip() for word in heading.split(",")) != CurrentFile.COLUMNS:
        given = shortened(repr(heading))
        raise StudyError(
            f"{path}: the first line must be {','.join(CurrentFile.COLUMNS)} (given: {given})"
        )
    with parsing(path, "a CSV file of two numbers a line", StudyError):
        rows = [[float(word) for word in line.split(",")] for line in lines if line.strip()]
        t_ms, current_nA = np.array(rows, dtype=float).reshape(-1, len(CurrentFile.COLUMNS)).T
    return t_ms, current_nA


def _arrays(path: Path) -> tuple[Floats, Floats]:
    data = io.BytesIO(content(path, StudyError))
    with (
        parsing(path, f"an NPZ file of {' and '.join(CurrentFile.COLUMNS)}", StudyError, _TOLD),
        np.load(data, allow_pickle=False) as file,
    ):
        for packed in file.zip.infolist():
            if packed.file_size > 16 * CurrentFile.MOST:
                raise ValueError(f"{packed.filename} has {packed.file_size / 1e6:.0f} MB")
        t_ms, current_nA = (np.asarray(file[name], dtype=float) for name in CurrentFile.COLUMNS)
        return t_ms, current_nA
