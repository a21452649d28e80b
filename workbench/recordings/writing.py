"""targets.toml and protocols.toml from targets, as a study reads them."""

from collections.abc import Mapping
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from workbench.errors import InputError, shortened
from workbench.features import Setting
from workbench.inputs import text, toml
from workbench.morphology import parse_site
from workbench.recordings.adding import added_protocols, added_targets
from workbench.recordings.floors import floor_of
from workbench.recordings.following import Mean, mean_of
from workbench.recordings.sweep import Sweep
from workbench.recordings.targets import Group, Targets
from workbench.toml_text import toml_text

_SITE = "soma(0.5)"
SOMA = ("soma", _SITE)
"""The name of a recording, and where it is made."""

_LEAST_nA = 1e-6
SEARCH = "rheobase"
"""The protocol that seeks it, and the feature."""


def write_targets(
    targets: Targets,
    out: str | Path,
    *,
    relative: bool = False,
    recording: tuple[str, str] = SOMA,
    traces: bool = False,
    add: bool = False,
) -> list[Path]:
    """Write a targets.toml, protocols.toml beside it, and the currents that are no steps or ramps.

    Parameters
    ----------
    relative
        Whether currents are per cent of the rheobase that each individual has, and hold it where
        the cells were held; the rheobase is a target then.
    recording
        The name and the site of what was recorded. Currents go into soma(0.5).
    traces
        Whether the mean voltage of each protocol whose sweeps have no spikes is to be followed,
        besides its features, from 50 ms before its stimulus on.
    add
        Whether they are added to the targets and protocols that are there: those of another
        electrode, or of other files. Both files are written anew.

    Returns
    -------
    What was written.

    Raises
    ------
    InputError
        If one of them is there already and nothing is to be added, or amplitudes are not in per
        cent of rheobase; if what is added contradicts what is there.
    """
    out = Path(out).expanduser()
    protocols = out.with_name("protocols.toml")
    if out.name == protocols.name:
        raise InputError(f"{out}: protocols.toml is written beside it; call the targets otherwise")
    parse_site(recording[1])
    means = _means(targets, recording) if traces else {}
    tables = {
        protocols: protocols_table(targets, relative, recording),
        out: targets_table(targets, relative, recording, means),
    }
    currents = {f"{one.name}.csv": one for one in targets.groups if one.aims and _is_played(one)}
    followed = [mean.voltage.name for mean in means.values()]
    beside = [out.with_name(name) for name in (*currents, *followed)]
    for file in [*([] if add else (out, protocols)), *beside]:
        if file.exists():
            raise InputError(f"{file} is there already; name another --out, or remove it")
    about = {file: [f"# {line}" for line in _about(targets)] for file in tables}
    if add:
        tables = {file: _added(file, table, out) for file, table in tables.items()}
        about = {file: [*_heading(file), *lines] for file, lines in about.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    for file, table in tables.items():
        heading = "\n".join(dict.fromkeys(about[file]))
        file.write_text(f"{heading}\n\n{toml_text(table)}", encoding="utf-8")
    for name, group in currents.items():
        out.with_name(name).write_text(_current(group.sweeps[0]), encoding="utf-8")
    for mean in means.values():
        mean.voltage.write(out.with_name(mean.voltage.name))
    return [out, protocols, *beside]


def _means(targets: Targets, recording: tuple[str, str]) -> dict[str, Mean]:
    """Return by protocol the voltages that are to be followed."""
    found = {}
    for one in targets.groups:
        if one.aims and (mean := mean_of(one, f"{one.name}.{recording[0]}.csv")) is not None:
            found[one.name] = mean
    if not found:
        raise InputError(
            "traces: every protocol has spikes, so none is to be followed sample by sample; leave "
            "it out, or name files with subthreshold sweeps"
        )
    return found


def _added(file: Path, table: dict[str, Any], targets: Path) -> dict[str, Any]:
    there = toml(file) if file.exists() else {}
    written = text(file).splitlines() if file.exists() else []
    for line in written[len(_heading(file)) :]:
        if line.lstrip().startswith("#"):
            raise InputError(
                f"{file} has comments below its first lines ({shortened(line.strip())}), which "
                "would be lost: it is written anew. Move them to its head, or name another --out"
            )
    return (added_targets if file == targets else added_protocols)(there, table)


def _heading(file: Path) -> list[str]:
    """Return the lines of a file that say where it comes from."""
    lines = text(file).splitlines() if file.exists() else []
    return list(takewhile(lambda line: line.startswith("#"), lines))


def targets_table(
    targets: Targets,
    relative: bool = False,
    recording: tuple[str, str] = SOMA,
    means: Mapping[str, Mean] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the tables of targets.toml; words as in `write_targets`."""
    settings, (place, _) = targets.features.settings, recording
    found = {
        one.name: {place: _targets(one, settings) | _followed(means.get(one.name))}
        for one in targets.groups
        if one.aims
    }
    return {SEARCH: {"soma": _of_rheobase(targets)}, **found} if relative else found


def _followed(mean: Mean | None) -> dict[str, Any]:
    if mean is None:
        return {}
    window_ms = list(mean.window_ms)
    return {"trace": {"file": mean.voltage.name, "window_ms": window_ms, "sd_mV": mean.sd_mV}}


def protocols_table(
    targets: Targets, relative: bool = False, recording: tuple[str, str] = SOMA
) -> dict[str, Any]:
    """Return the tables of protocols.toml; words as in `write_targets`."""
    groups = [one for one in targets.groups if one.aims]
    if not relative:
        return {one.name: _protocol(one, _stimuli(one), recording) for one in groups}
    if recording != SOMA:
        raise InputError(
            f"relative: the rheobase is that of {SOMA[1]}, and this was recorded at "
            f"{recording[1]}; leave one of them out"
        )
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
        "values": {SEARCH: list(known.values())},
        "source": {SEARCH: list(known)},
    }


def _protocol(
    group: Group, stimuli: list[dict[str, Any]], recording: tuple[str, str] = SOMA
) -> dict[str, Any]:
    return {
        "duration_ms": group.length_ms,
        "recordings": dict([recording]),
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
        "values": {one.feature: list(one.values) for one in group.aims},
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
