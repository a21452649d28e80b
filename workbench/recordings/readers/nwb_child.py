"""Be the child that opens an NWB file with h5py: a damaged one may crash or hang it.

The question holds its `path` and the folder `into` which samples are written. The answer tells the
current-clamp series under `sweeps`, and the types of all `others`; or under `refused` why there is
no answer.
"""

import os
import re
import resource
from pathlib import Path
from typing import Any

import numpy as np

from workbench.questions import answer

LARGEST_bytes = 16 * 2**30
MOST_SERIES = 100_000
_CLAMPS = ("CurrentClampSeries", "IZeroClampSeries")
_OHM = re.compile(r"\s*([-+.\deE]+)\s*([GMk]?)Ohm\s*", re.IGNORECASE)
_MOhm = {"g": 1e3, "m": 1.0, "k": 1e-3, "": 1e-6}


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return what the file holds."""
    import h5py

    try:
        with h5py.File(question["path"], "r") as file:
            return _file(file, Path(question["into"]))
    except Exception as error:
        # h5py raises whatever a file made of it.
        return {"refused": str(error) or type(error).__name__}


def _file(file: Any, into: Path) -> dict[str, Any]:
    if "acquisition" not in file:
        raise ValueError("it has no group 'acquisition'")
    acquired = _groups(file["acquisition"])
    clamps = [one for one in acquired if _kind(one) in _CLAMPS]
    partners = _partners(file, clamps)
    sweeps = [
        _sweep(one, *partners.get(one.name, (None, None, None)), into / f"{number}")
        for number, one in enumerate(clamps)
    ]
    return {"sweeps": sweeps, "others": sorted({_kind(one) for one in acquired})}


def _groups(parent: Any) -> list[Any]:
    """Return the groups that a group holds by itself: a file does not lead to another one."""
    import h5py

    names = sorted(list(parent)[:MOST_SERIES], key=_numbered)
    own = [n for n in names if not isinstance(parent.get(n, getlink=True), h5py.ExternalLink)]
    return [parent[name] for name in own if isinstance(parent[name], h5py.Group)]


def _numbered(name: str) -> list[tuple[int, str]]:
    """Return a key by which `sweep_2` stands before `sweep_10`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _kind(group: Any) -> str:
    return _text(group.attrs.get("neurodata_type", ""))


def _partners(file: Any, clamps: list[Any]) -> dict[str, tuple[Any, Any, Any]]:
    """Return by the name of a response its stimulus, and which samples of either are the sweep's.

    The file's table of recordings says so; without one the number of the sweep and the electrode;
    without these the name, if both have the same.
    """
    if found := _by_table(file):
        return found
    presented = file.get("stimulus/presentation")
    stimuli = [] if presented is None else _groups(presented)
    stimuli = [one for one in stimuli if _kind(one) == "CurrentClampStimulusSeries"]
    by_number: dict[Any, list[Any]] = {}
    for one in stimuli:
        by_number.setdefault(_sweep_number(one), []).append(one)
    for one in clamps:
        number = _sweep_number(one)
        fit = by_number.get(number, []) if number is not None else []
        if len(fit) > 1:
            fit = [s for s in fit if s.get("electrode") == one.get("electrode")]
        if not fit:
            fit = [s for s in stimuli if s.name.split("/")[-1] == one.name.split("/")[-1]]
        if len(fit) == 1:
            found[one.name] = (fit[0], None, None)
    return found


def _sweep_number(group: Any) -> int | None:
    given = group.attrs.get("sweep_number")
    if given is None and "sweep_number" in group:
        given = group["sweep_number"][()]
    return None if given is None else int(given)


def _by_table(file: Any) -> dict[str, tuple[Any, Any, Any]]:
    table = file.get("general/intracellular_ephys/intracellular_recordings")
    if table is None or "responses/response" not in table or "stimuli/stimulus" not in table:
        return {}
    found = {}
    pairs = zip(table["responses/response"][()], table["stimuli/stimulus"][()], strict=True)
    for response, stimulus in pairs:
        if not response["timeseries"] or int(response["count"]) < 0:
            continue
        of = file[response["timeseries"]]
        to = file[stimulus["timeseries"]] if stimulus["timeseries"] else None
        if to is not None and _kind(to) != "CurrentClampStimulusSeries":
            to = None
        found[of.name] = (to, _range(response), _range(stimulus))
    return found


def _range(reference: Any) -> tuple[int, int] | None:
    begin, count = int(reference["idx_start"]), int(reference["count"])
    return (begin, begin + count) if count >= 0 else None


def _sweep(series: Any, stimulus: Any, here: Any, there: Any, into: Path) -> dict[str, Any]:
    described = _text(series.attrs.get("stimulus_description", ""))
    return {
        "name": series.name.split("/")[-1],
        "protocol": "" if described in ("NA", "N/A") else described,
        "response": _series(series, here, f"{into}_v"),
        "stimulus": None if stimulus is None else _series(stimulus, there, f"{into}_i"),
        "i_is_zero": _kind(series) == "IZeroClampSeries",
        "facts": _facts(series),
    }


def _series(series: Any, part: tuple[int, int] | None, into: str) -> dict[str, Any]:
    data = series["data"]
    if data.external:
        raise ValueError(f"{data.name} keeps its values in another file")
    chosen = slice(*part) if part else slice(None)
    np.save(f"{into}.npy", np.asarray(data[chosen]))
    told: dict[str, Any] = {
        "file": f"{Path(into).name}.npy",
        "unit": _text(data.attrs.get("unit", "")),
        "conversion": float(data.attrs.get("conversion", 1.0)),
        "offset": float(data.attrs.get("offset", 0.0)),
        "rate": 0.0,
        "times": "",
        "of_time": "",
    }
    if "timestamps" in series:
        np.save(f"{into}_t.npy", np.asarray(series["timestamps"][chosen]))
        told["times"] = f"{Path(into).name}_t.npy"
        told["of_time"] = _text(series["timestamps"].attrs.get("unit", ""))
    elif "starting_time" in series:
        told["rate"] = float(series["starting_time"].attrs.get("rate", 0.0))
        told["of_time"] = _text(series["starting_time"].attrs.get("unit", ""))
    return told


def _facts(series: Any) -> dict[str, float | str | None]:
    electrode = series.get("electrode")
    return {
        "bias_nA": _number(series, "bias_current", 1e9),
        "bridge_MOhm": _number(series, "bridge_balance", 1e-6),
        "seal": _in_MOhm(electrode, "seal"),
        "access": _in_MOhm(electrode, "initial_access_resistance"),
        "electrode": _linked(series, "electrode"),
    }


def _linked(group: Any, name: str) -> str:
    """Return the name of what a link leads to; a group does not know by which name it was found."""
    import h5py

    link = group.get(name, getlink=True)
    return link.path.split("/")[-1] if isinstance(link, h5py.SoftLink) else ""


def _number(group: Any, name: str, times: float) -> float | None:
    """Return a number of a series, whose unit NWB fixes: amperes, or ohms."""
    found = float(group[name][()]) if name in group else np.nan
    return found * times if np.isfinite(found) else None


def _in_MOhm(electrode: Any, name: str) -> float | None:
    """Return a resistance of the electrode, which NWB keeps as a text, if that has its unit."""
    text = _text(electrode[name][()]) if electrode is not None and name in electrode else ""
    match = _OHM.fullmatch(text.replace("\N{GREEK CAPITAL LETTER OMEGA}", "Ohm"))
    return float(match[1]) * _MOhm[match[2].lower()] if match else None


def _text(given: Any) -> str:
    if isinstance(given, bytes):
        return given.decode(errors="replace")
    return given if isinstance(given, str) else ""


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = LARGEST_bytes if hard == resource.RLIM_INFINITY else min(hard, LARGEST_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    answer(reply)
