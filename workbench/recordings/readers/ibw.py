"""The only door to igor2: Igor's binary waves, one file with the voltage, one with the current."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.inputs import check_file, parsing
from workbench.recordings.raw import Raw, converted, factor, measured_by, stated
from workbench.recordings.readers import LARGEST_MB, Asked

_CHANNEL = re.compile(r"(.*?)[_-]?ch(?:an(?:nel)?)?_?\d+[_-]?(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class _Wave:
    path: Path
    values: Floats
    step: float
    unit: str
    of_time: str


def read(paths: Sequence[Path], asked: Asked) -> list[Raw]:
    """Return the sweep of two waves, in whatever order: their units tell which is the current.

    Raises
    ------
    InputError
        If there are not two, or a unit is stated neither in them nor by the user.
    """
    if len(paths) != 2:
        raise InputError(
            f"{paths[0]}: an Igor wave is a voltage or a current, and no other of the files given "
            "is called the same but for its channel (Cell_Ch0_IDRest_107.ibw, "
            "Cell_Ch3_IDRest_107.ibw); name both as VOLTAGE.ibw+CURRENT.ibw"
        )
    waves = [_wave(path) for path in paths]
    kinds = [measured_by(wave.unit) for wave in waves]
    if kinds == ["i", "v"]:
        waves.reverse()
    elif kinds != ["v", "i"] and not (asked.units.keys() >= {"v", "i"} and not any(kinds)):
        said = " and ".join(f"{w.path.name} in {w.unit or 'no unit'}" for w in waves)
        raise InputError(
            f"{paths[0].parent}: of two waves one is in V or mV and the other in A, nA or pA; "
            f"given are {said}. Where both say nothing, name them as VOLTAGE.ibw+CURRENT.ibw and "
            "give --unit v=mV --unit i=pA"
        )
    voltage, current = waves
    if voltage.values.shape != current.values.shape or voltage.step != current.step:
        raise InputError(
            f"{voltage.path}: {voltage.values.size} samples every {voltage.step:g}, and "
            f"{current.path.name} has {current.values.size} every {current.step:g}; they must be "
            "of one sweep"
        )
    where = str(voltage.path)
    step_ms = voltage.step * factor("time", stated(where, "time", voltage.of_time, asked.units))
    cell, name, protocol = _names(voltage.path)
    return [
        Raw(
            name,
            step_ms,
            converted(voltage.values, "v", stated(where, "v", voltage.unit, asked.units)),
            converted(
                current.values, "i", stated(str(current.path), "i", current.unit, asked.units)
            ),
            protocol,
            cell,
        )
    ]


def paired(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Return waves together whose names differ in their channel alone, in the order given."""
    found: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        match = _CHANNEL.fullmatch(path.stem)
        found.setdefault(
            (path.parent, "\0".join(match.groups()) if match else path.stem), []
        ).append(path)
    return [tuple(group) for group in found.values()]


def _names(path: Path) -> tuple[str, str, str]:
    """Return cell, sweep and protocol of `B95_Ch0_IDRest_107.ibw`: B95, B95_IDRest_107, IDRest."""
    match = _CHANNEL.fullmatch(path.stem)
    if match is None:
        return "", path.stem, ""
    cell, rest = match.groups()
    return cell, "_".join(filter(None, (cell, rest))), re.sub(r"[_-]?\d*$", "", rest)


def _wave(path: Path) -> _Wave:
    from igor2 import binarywave

    # It prints the bytes of what it cannot read.
    logging.getLogger("igor2").setLevel(logging.CRITICAL + 1)
    check_file(path, largest_MB=LARGEST_MB)
    with parsing(path, "an Igor binary wave", says=(Exception,)):
        loaded = binarywave.load(str(path))
        wave = loaded["wave"]
        header, values = wave["wave_header"], np.asarray(wave["wData"])
        if values.ndim != 1 or values.dtype.kind not in "fiu":
            raise ValueError(f"it holds {values.dtype} of shape {values.shape}, not a row")
        if loaded["version"] == 5:
            step, unit, of_time = header["sfA"][0], header["dataUnits"], header["dimUnits"][0]
        else:
            step, unit, of_time = header["hsA"], header["dataUnits"], header["xUnits"]
        # A unit of more than three letters stands behind the samples.
        longer = wave.get("data_units", b""), wave.get("dimension_units", b"")
        texts = [
            _text(one) or _text(more) for one, more in zip((unit, of_time), longer, strict=True)
        ]
    return _Wave(path, values, float(step), *texts)


def _text(given: Any) -> str:
    parts = given.tolist() if isinstance(given, np.ndarray) else [given]
    data = b"".join(part for part in parts if isinstance(part, bytes))
    return data.split(b"\0")[0].decode("latin-1").strip()
