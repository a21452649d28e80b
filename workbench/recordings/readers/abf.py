"""The only door to pyabf: Axon's files of versions 1 and 2."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.inputs import check_file, parsing
from workbench.recordings.raw import Raw, converted, measured_by
from workbench.recordings.readers import LARGEST_MB, Asked

_WAVEFORMS_END = 2668
"""Of a header of version 1: bytes until behind the table of epochs."""


def read(paths: Sequence[Path], asked: Asked) -> list[Raw]:
    """Return the sweeps of a file: of each voltage channel, with its current.

    The current is the channel that recorded it, or else the command of the file's own protocol.

    Raises
    ------
    InputError
        If it cannot be read, or records no voltage.
    """
    [path] = paths
    check_file(path, largest_MB=LARGEST_MB)
    with warnings.catch_warnings(), parsing(path, "an ABF file", says=(Exception,)):
        # That the file of a stimulus is not found is said by its samples, which are no numbers.
        warnings.simplefilter("ignore")
        import pyabf

        return _sweeps(path, pyabf.ABF(str(path)), asked)


def _sweeps(path: Path, file: Any, asked: Asked) -> list[Raw]:
    units = [unit.strip() for unit in file.adcUnits]
    voltages = [n for n, unit in enumerate(units) if measured_by(unit) == "v"]
    currents = [n for n, unit in enumerate(units) if measured_by(unit) == "i"]
    if not voltages:
        raise InputError(
            f"{path}: its channels are in {', '.join(units) or 'no unit'}, none of them is a "
            "voltage; current clamp records one in mV or V"
        )
    if currents and len(currents) != len(voltages):
        raise InputError(
            f"{path}: it has {len(voltages)} channels in volts and {len(currents)} in amperes; "
            "which belong together is not known. Save it with one of each for an electrode"
        )
    many = len(voltages) > 1
    found = []
    for place, channel in enumerate(voltages):
        for sweep in file.sweepList:
            file.setSweep(sweep, channel)
            v_mV = converted(file.sweepY.copy(), "v", units[channel])
            i_nA: Floats | None
            if currents:
                file.setSweep(sweep, currents[place])
                i_nA, why = converted(file.sweepY.copy(), "i", units[currents[place]]), ""
            else:
                i_nA, why = _command(file, channel)
            name = f"{path.stem}_{sweep}" + (f"_ch{channel}" if many else "")
            cell = f"{path.stem}_ch{channel}" if many else path.stem
            protocol = "" if file.protocol in ("", "None") else file.protocol
            found.append(Raw(name, 1e3 / file.dataRate, v_mV, i_nA, protocol, cell, why))
    return found


def _command(file: Any, channel: int) -> tuple[Floats | None, str]:
    """Return the command of the file's protocol for the sweep that is set, or why there is none."""
    first = file.abfVersion["major"] == 1
    header = file._headerV1 if first else file._dacSection
    # Files of version 1 up to 1.5 have a header of 2048 bytes, and samples where others have that.
    short = first and file.dataByteStart < _WAVEFORMS_END
    if short or channel >= len(header.nWaveformEnable) or not header.nWaveformEnable[channel]:
        return None, "it has no channel in amperes, and its protocol has no command waveform"
    unit = file.dacUnits[channel].strip() if channel < len(file.dacUnits) else ""
    if measured_by(unit) != "i":
        return None, f"it has no channel in amperes, and its command is in {unit or 'no unit'}"
    command = np.asarray(file.sweepC, dtype=float)
    if command.shape != file.sweepY.shape or not np.isfinite(command).all():
        return None, "its command waveform is a file of its own, which is not beside it"
    return converted(command, "i", unit), ""
