"""NWB 2 files of intracellular recordings, which h5py reads in a child process."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, shortened
from workbench.inputs import check_file
from workbench.questions import ChildFailed, ask
from workbench.recordings.raw import Raw, converted, factor, spacing_ms, stated
from workbench.recordings.readers import LARGEST_MB, Asked
from workbench.recordings.sweep import Facts
from workbench.scratch import scratch_folder

_LIMIT_s = 600.0
_FACTS = ("bias_nA", "bridge_MOhm", "seal", "access", "electrode")


def read(paths: Sequence[Path], asked: Asked) -> list[Raw]:
    """Return the current-clamp series of a file with their stimuli.

    Numbers are `data * conversion + offset` in the file's unit, as NWB has it; its `gain` is that
    of the amplifier and no part of it.

    Raises
    ------
    InputError
        If it cannot be read, holds no current clamp, or states no units.
    """
    [path] = paths
    check_file(path, largest_MB=LARGEST_MB)
    with scratch_folder() as folder:
        question = {"path": str(path.absolute()), "into": folder}
        try:
            told = ask("workbench.recordings.readers.nwb_child", question, _LIMIT_s)
        except ChildFailed as failed:
            said = str(failed).strip().splitlines()[-1]
            raise InputError(
                f"{path}: h5py ended without an answer ({said}); is it damaged?"
            ) from None
        if "refused" in told:
            raise InputError(f"{path} is no NWB file: {shortened(told['refused'], 400)}")
        if not told["sweeps"]:
            raise InputError(
                f"{path}: it holds no CurrentClampSeries (its series are "
                f"{shortened(', '.join(told['others'])) or 'none'})"
            )
        return [_raw(path, one, Path(folder), asked) for one in told["sweeps"]]


def _raw(path: Path, told: dict[str, Any], folder: Path, asked: Asked) -> Raw:
    where = f"{path}: {told['name']}"
    v_mV = _values(where, told["response"], "v", folder, asked)
    i_nA = None
    if told["stimulus"] is not None:
        i_nA = _values(where, told["stimulus"], "i", folder, asked)
    elif told["i_is_zero"]:
        i_nA = np.zeros(v_mV.size)
    if i_nA is not None and i_nA.size != v_mV.size:
        raise InputError(
            f"{where}: its voltage has {v_mV.size} samples, its stimulus {i_nA.size}; a sweep has "
            "as many of both"
        )
    why = "" if i_nA is not None else "the file links no CurrentClampStimulusSeries to it"
    return Raw(
        told["name"],
        _dt_ms(where, told["response"], folder, asked),
        v_mV,
        i_nA,
        told["protocol"],
        path.stem,
        why,
        Facts(*(told["facts"][key] for key in _FACTS)),
    )


def _values(where: str, told: dict[str, Any], what: str, folder: Path, asked: Asked) -> Floats:
    unit = stated(where, what, told["unit"], asked.units)
    numbers = np.load(folder / told["file"]).astype(float)
    return converted(numbers * told["conversion"] + told["offset"], what, unit)


def _dt_ms(where: str, told: dict[str, Any], folder: Path, asked: Asked) -> float:
    unit = stated(where, "time", told["of_time"], asked.units)
    if told["times"]:
        return spacing_ms(where, converted(np.load(folder / told["times"]), "time", unit))
    if not told["rate"] > 0:
        raise InputError(f"{where}: the file states neither a sampling rate nor times")
    return factor("time", unit) / float(told["rate"])
