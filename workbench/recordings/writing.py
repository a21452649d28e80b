"""targets.toml and protocols.toml from targets, as a study reads them."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.features import Setting
from workbench.recordings.floors import floor_of
from workbench.recordings.sweep import Sweep
from workbench.recordings.targets import Group, Targets
from workbench.toml_text import toml_text

_SITE = "soma(0.5)"
_LEAST_nA = 1e-6
SEARCH = "rheobase"
"""The protocol that seeks it, and the feature."""


def write_targets(targets: Targets, out: str | Path, *, relative: bool = False) -> list[Path]:
    """Write a targets.toml, protocols.toml beside it, and the currents that are no steps or ramps.

    Parameters
    ----------
    relative
        Whether currents are per cent of the rheobase that each individual has, and hold it where
        the cells were held; the rheobase is a target then.

    Returns
    -------
    What was written.

    Raises
    ------
    InputError
        If one of them is there already, or amplitudes are not in per cent of rheobase.
    """
    out = Path(out).expanduser()
    protocols = out.with_name("protocols.toml")
    if out.name == protocols.name:
        raise InputError(f"{out}: protocols.toml is written beside it; call the targets otherwise")
    tables = {protocols: protocols_table(targets, relative), out: targets_table(targets, relative)}
    currents = {f"{one.name}.csv": one for one in targets.groups if one.aims and _is_played(one)}
    files = [out, protocols, *(out.with_name(name) for name in currents)]
    for file in files:
        if file.exists():
            raise InputError(f"{file} is there already; name another --out, or remove it")
    out.parent.mkdir(parents=True, exist_ok=True)
    by = "".join(f"# {line}\n" for line in _about(targets)) + "\n"
    for file, table in tables.items():
        file.write_text(by + toml_text(table), encoding="utf-8")
    for name, group in currents.items():
        out.with_name(name).write_text(_current(group.sweeps[0]), encoding="utf-8")
    return files


def targets_table(targets: Targets, relative: bool = False) -> dict[str, Any]:
    """Return the tables of targets.toml; `relative` as in `write_targets`."""
    settings = targets.features.settings
    found = {one.name: {"soma": _targets(one, settings)} for one in targets.groups if one.aims}
    return {SEARCH: {"soma": _of_rheobase(targets)}, **found} if relative else found


def protocols_table(targets: Targets, relative: bool = False) -> dict[str, Any]:
    """Return the tables of protocols.toml; `relative` as in `write_targets`."""
    groups = [one for one in targets.groups if one.aims]
    if not relative:
        return {one.name: _protocol(one, _stimuli(one)) for one in groups}
    steps = [one for one in groups if one.percent is not None and one.rest_mV is not None]
    if not steps or any(one.name == SEARCH for one in groups):
        raise InputError(
            "relative: there is no step in per cent of a rheobase, with something recorded before "
            f"it, or a protocol is called {SEARCH}; leave relative out"
        )
    first = min(steps, key=lambda one: abs((one.percent or 0.0) - 100))
    return {
        SEARCH: _relative(first, {"to_fire": "soma"}),
        **{
            one.name: _relative(one, {"percent_of_rheobase": one.percent})
            if one in steps
            else _protocol(one, _stimuli(one))
            for one in groups
        },
    }


def _of_rheobase(targets: Targets) -> dict[str, Any]:
    known = {cell: nA for cell, nA in targets.features.rheobase_nA.items() if nA is not None}
    mean_nA, sd_nA = float(np.mean(list(known.values()))), float(np.std(list(known.values())))
    return {
        "features": {SEARCH: [mean_nA, sd_nA]},
        "floor": {SEARCH: floor_of(SEARCH, mean_nA, {})},
        "n": {SEARCH: len(known)},
        "source": {SEARCH: list(known)},
    }


def _protocol(group: Group, stimuli: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "duration_ms": group.length_ms,
        "recordings": {"soma": _SITE},
        "stimuli": stimuli,
    }


def _relative(group: Group, amplitude: dict[str, Any]) -> dict[str, Any]:
    """Return a protocol whose currents are found on each individual."""
    main = _stimuli(group)[0]
    if main["type"] == "ramp":
        main["to_nA"] = "amplitude"
    else:
        main["amplitude_nA"] = "amplitude"
    whole = {"site": _SITE, "delay_ms": 0.0, "duration_ms": group.length_ms}
    return {
        **_protocol(group, [main, {"type": "step", **whole, "amplitude_nA": "holding"}]),
        "parameters": {"amplitude": amplitude, "holding": {"to_mV": group.rest_mV}},
    }


def _about(targets: Targets) -> list[str]:
    rheobase = ", ".join(
        f"{cell} {'none' if nA is None else f'{nA:.6g} nA'}"
        for cell, nA in targets.features.rheobase_nA.items()
    )
    return [
        f"Written by `workbench features` of version {version('neuron-workbench')}.",
        f"Rheobase: {rheobase}.",
        *(f"{one[0].upper()}{one[1:]}." for one in targets.done),
    ]


def _targets(group: Group, settings: Mapping[str, Setting]) -> dict[str, Any]:
    window = group.window
    return {
        "window_ms": [window.begin_ms, window.end_ms],
        "threshold_mV": window.threshold_mV,
        "settings": dict(settings),
        "features": {one.feature: [one.mean, one.sd] for one in group.aims},
        "floor": {one.feature: one.floor for one in group.aims},
        "n": {one.feature: one.n for one in group.aims},
        "source": {one.feature: list(one.sweeps) for one in group.aims},
    }


def _is_played(group: Group) -> bool:
    return group.sweeps[0].shape.kind in ("noise", "other")


def _stimuli(group: Group) -> list[dict[str, Any]]:
    """Return the stimulus, and the holding current as a step over all of the run."""
    if _is_played(group):
        return [
            {"type": "waveform", "site": _SITE, "delay_ms": 0.0, "file": f"{group.name}.csv"},
        ]
    times = {"site": _SITE, "delay_ms": group.onset_ms, "duration_ms": group.duration_ms}
    if group.sweeps[0].shape.kind == "ramp":
        stimuli = [{"type": "ramp", **times, "from_nA": 0.0, "to_nA": group.amplitude_nA}]
    else:
        stimuli = [{"type": "step", **times, "amplitude_nA": group.amplitude_nA}]
    if abs(group.holding_nA) >= _LEAST_nA:
        whole = {"site": _SITE, "delay_ms": 0.0, "duration_ms": group.length_ms}
        stimuli.append({"type": "step", **whole, "amplitude_nA": group.holding_nA})
    return stimuli


def _current(sweep: Sweep) -> str:
    rows = np.column_stack([sweep.t_ms, sweep.i_nA]).tolist()
    return "t_ms,current_nA\n" + "".join(f"{t:.12g},{i:.9g}\n" for t, i in rows)
