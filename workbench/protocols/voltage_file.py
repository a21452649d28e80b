"""Recorded voltages that users give in a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, StudyError, shortened
from workbench.inputs import parsing, text
from workbench.protocols.sampled_file import SampledFile, first_outside
from workbench.protocols.traces import Trace, check_units
from workbench.units import LIMITS, quantity, units

_COLUMNS = {"time": ("time", "ms"), "v": ("voltage", "mV")}
"""By the name before its unit: what a column is of, and in which unit it is kept."""


@dataclass(frozen=True, eq=False)
class VoltageFile(SampledFile):
    """A recorded voltage: the columns of a CSV file, or arrays.

    Attributes
    ----------
    t_ms, v_mV
        Times, each after the one before it, and voltages, both (n,).
    """

    t_ms: Floats
    v_mV: Floats

    COLUMNS = ("t_ms", "v_mV")
    MOST = 1_000_000
    """20 s at 50 kHz."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a CSV file with columns such as `time_ms` and `v_mV`; others may stand beside them.

        Raises
        ------
        StudyError
            If it cannot be read, a column has no unit, or it is no recorded voltage.
        """
        heading, *lines = text(path, StudyError).splitlines() or [""]
        columns = [_column(path, heading, what) for what in _COLUMNS]
        with parsing(path, "a CSV file of numbers", StudyError):
            rows = [line.split(",") for line in lines if line.strip()]
            if any(len(row) != len(heading.split(",")) for row in rows):
                raise ValueError("not all lines have as many numbers as the first has names")
            t_ms, v_mV = (np.array([float(row[i]) for row in rows]) * by for i, by in columns)
        try:
            return cls(path.name, t_ms, v_mV)
        except StudyError as error:
            raise StudyError(f"{path.parent}/{error}") from None

    def write(self, path: Path) -> None:
        """Write it as a CSV file from which it is read again bit for bit."""
        rows = zip(self.t_ms.tolist(), self.v_mV.tolist(), strict=True)
        path.write_text("time_ms,v_mV\n" + "".join(f"{t},{v}\n" for t, v in rows))

    def _wrong(self) -> str:
        t_ms, v_mV = self.t_ms, self.v_mV
        for what, values, unit in (("time", t_ms, "ms"), ("v", v_mV, "mV")):
            least, most = LIMITS[unit]
            if (at := first_outside(values, least, most)) is not None:
                return (
                    f"sample {at + 1} has the {what} {values[at]:g} {unit}, it must lie between "
                    f"{least:g} and {most:g}"
                )
        late = np.flatnonzero(np.diff(t_ms) <= 0)
        if late.size:
            first, then = t_ms[late[0]], t_ms[late[0] + 1]
            return f"the time goes from {first:.9g} to {then:.9g} ms; it must grow"
        try:
            check_units(Trace("recorded.v", t_ms, v_mV))
        except InputError as error:
            return str(error)
        return ""


def _column(path: Path, heading: str, what: str) -> tuple[int, float]:
    """Return the place of a column, and what its numbers are multiplied with."""
    dimension, unit = _COLUMNS[what]
    factors = {f"{what}_{one}": quantity(f"1 {one}", unit) for one in units()[dimension]}
    names = [word.strip() for word in heading.split(",")]
    found = [place for place, name in enumerate(names) if name in factors]
    if len(found) != 1:
        raise StudyError(
            f"{path}: the first line must name one column {' or '.join(factors)}, with its unit "
            f"(given: {shortened(repr(heading))})"
        )
    return found[0], factors[names[found[0]]]
