"""targets.toml and protocols.toml from targets, as a study reads them."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.features import Setting
from workbench.recordings.sweep import Sweep
from workbench.recordings.targets import Group, Targets
from workbench.toml_text import toml_text

_SITE = "soma(0.5)"
_LEAST_nA = 1e-6


def write_targets(targets: Targets, out: str | Path) -> list[Path]:
    """Write a targets.toml, protocols.toml beside it, and the currents that are no steps or ramps.

    Returns
    -------
    What was written.

    Raises
    ------
    InputError
        If one of them is there already.
    """
    out = Path(out).expanduser()
    protocols = out.with_name("protocols.toml")
    if out.name == protocols.name:
        raise InputError(f"{out}: protocols.toml is written beside it; call the targets otherwise")
    currents = {f"{one.name}.csv": one for one in targets.groups if one.aims and _is_played(one)}
    files = [out, protocols, *(out.with_name(name) for name in currents)]
    for file in files:
        if file.exists():
            raise InputError(f"{file} is there already; name another --out, or remove it")
    out.parent.mkdir(parents=True, exist_ok=True)
    by = "".join(f"# {line}\n" for line in _about(targets)) + "\n"
    out.write_text(by + toml_text(targets_table(targets)), encoding="utf-8")
    protocols.write_text(by + toml_text(protocols_table(targets)), encoding="utf-8")
    for name, group in currents.items():
        out.with_name(name).write_text(_current(group.sweeps[0]), encoding="utf-8")
    return files


def targets_table(targets: Targets) -> dict[str, Any]:
    """Return the tables of targets.toml."""
    return {
        one.name: {"soma": _targets(one, targets.features.settings)}
        for one in targets.groups
        if one.aims
    }


def protocols_table(targets: Targets) -> dict[str, Any]:
    """Return the tables of protocols.toml."""
    return {
        one.name: {
            "duration_ms": one.length_ms,
            "recordings": {"soma": _SITE},
            "stimuli": _stimuli(one),
        }
        for one in targets.groups
        if one.aims
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
