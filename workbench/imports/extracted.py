"""Targets and protocols without a model: what other tools wrote of recordings.

Read are `features.json` and `protocols.json` as BluePyEfe writes them and as the two families of
BluePyOpt's examples have them, and what eFEL's `save_feature_to_json` wrote of traces.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.features import check_names, check_settings
from workbench.imports.bluepyopt.flat import flat_aims
from workbench.imports.bluepyopt.problem import step
from workbench.imports.bluepyopt.recipes import recipe_aims
from workbench.imports.source import Foreign, tables
from workbench.inputs import json_value
from workbench.recordings import floor_of
from workbench.toml_text import toml_text

_EFELS_mV = -20.0
_AFTER_ms = 100.0
_OF_WINDOWS = ("stim_start", "stim_end")
_APART = (*_OF_WINDOWS, "Threshold", "stimulus_current")
_STEPS = {"delay", "amp", "thresh_perc", "duration", "totduration"}


class _Feature(Foreign):
    feature: str
    val: Annotated[list[float], Field(min_length=2, max_length=2)]
    n: int | None = Field(default=None, ge=1)
    efel_settings: dict[str, Any] = Field(default_factory=dict)
    files: list[str] = Field(default_factory=list)


@dataclass
class Extracted:
    """What was read.

    Attributes
    ----------
    protocols, targets
        Tables of protocols.toml and targets.toml.
    done, left
        What was decided on the way, and what could not be said, a sentence each.
    """

    protocols: dict[str, Any] = field(default_factory=dict)
    targets: dict[str, Any] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def import_targets(
    features: str | Path,
    protocols: str | Path | None = None,
    *,
    out: str | Path,
    step: Sequence[float] | None = None,
) -> Extracted:
    """Write features that another tool extracted as a targets.toml, and protocols.toml beside it.

    Parameters
    ----------
    features
        A JSON file of BluePyEfe, of either family of BluePyOpt's examples, or of eFEL.
    protocols
        The JSON file of the protocols; eFEL has none.
    out
        The targets.toml.
    step
        For eFEL's values, when the step began and how long it lasted (ms), and its current (nA).

    Raises
    ------
    InputError
        If a file has mistakes or is none of these, or one that would be written is there already.
    """
    path, target = Path(features).expanduser(), Path(out).expanduser()
    found = _read(path, None if protocols is None else Path(protocols).expanduser(), step)
    if not found.targets:
        raise InputError(f"{path}: nothing is left for a target: {' '.join(found.left)}")
    by = "".join(f"# {line}\n" for line in (f"Written from {path.name}.", *found.done, *found.left))
    beside = target.with_name("protocols.toml")
    for file in (target, beside):
        if file.exists() or target == beside:
            raise InputError(f"{file} is there already; name another --out, or remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{by}\n{toml_text(found.targets)}", encoding="utf-8")
    beside.write_text(f"{by}\n{toml_text(found.protocols)}", encoding="utf-8")
    return found


def _read(path: Path, protocols: Path | None, given: Sequence[float] | None) -> Extracted:
    holds = json_value(path)
    if _is_of_efel(holds):
        if protocols is not None:
            raise InputError(
                f"{path} holds values of traces, of no protocol; leave {protocols} out"
            )
        return _of_efel(path, holds if isinstance(holds, list) else [holds], given)
    if not isinstance(holds, dict) or not all(isinstance(one, dict) for one in holds.values()):
        raise InputError(
            f"{path}: these are features of neither BluePyEfe, BluePyOpt's examples nor eFEL"
        )
    if protocols is None:
        raise InputError(f"{path}: its features are of protocols; name their JSON file behind it")
    if given is not None:
        raise InputError("step: the protocols' file has the stimuli; leave it out")
    locations = [one for by in holds.values() for one in by.values()]
    if any(isinstance(one, dict) for one in locations):
        return Extracted(*flat_aims(path, protocols))
    stimuli = json_value(protocols)
    if isinstance(stimuli, dict) and any("stimuli" in one for one in stimuli.values()):
        return Extracted(*recipe_aims(path, protocols))
    return _of_bluepyefe(path, protocols)


def _is_of_efel(holds: Any) -> bool:
    """Whether a file holds values by feature, of a trace or of several."""
    traces = holds if isinstance(holds, list) else [holds]
    return bool(traces) and all(
        isinstance(one, dict)
        and one
        and all(value is None or isinstance(value, int | float | list) for value in one.values())
        for one in traces
    )


def _of_efel(path: Path, traces: list[Any], given: Sequence[float] | None) -> Extracted:
    """Return mean and SD over traces of the means of their values."""
    if given is None or len(given) != 3:
        raise InputError(
            f"{path}: values of eFEL are of no protocol; give the step: --step "
            "DELAY_ms,DURATION_ms,CURRENT_nA (Python: step=(delay_ms, duration_ms, current_nA))"
        )
    delay_ms, duration_ms, current_nA = map(float, given)
    table: dict[str, Any] = {"features": {}, "floor": {}, "n": {}}
    left = []
    for name in dict.fromkeys(name for one in traces for name in one):
        check_names([name])
        means = [mean for one in traces if (mean := _mean(path, name, one.get(name))) is not None]
        if not means:
            left.append(f"{name} has no value in any trace; it is left out.")
            continue
        mean = float(np.mean(means))
        table["features"][name] = [mean, float(np.std(means))]
        table["floor"][name] = floor_of(name, mean, {})
        table["n"][name] = len(means)
    found = Extracted(left=left)
    if table["features"]:
        found.targets = {"step": {"soma": table}}
    until_ms = delay_ms + duration_ms + _AFTER_ms
    found.protocols = {"step": _protocol([step(current_nA, delay_ms, duration_ms)], until_ms)}
    found.done.append(f"The run ends {_AFTER_ms:g} ms after the step; eFEL's values do not tell.")
    return found


def _mean(path: Path, name: str, values: Any) -> float | None:
    flat = values if isinstance(values, list) else [values]
    numbers = [one for one in flat if one is not None]
    if not all(isinstance(one, int | float) for one in numbers):
        raise InputError(f"{path}: {name}: its values are {numbers[:3]}, which are no numbers")
    return float(np.mean(numbers)) if numbers else None


def _of_bluepyefe(path: Path, protocols: Path) -> Extracted:
    features: dict[str, dict[str, list[_Feature]]] = tables(
        path, dict[str, dict[str, list[_Feature]]]
    )
    pulses: dict[str, dict[str, dict[str, float | None]]] = tables(
        protocols, dict[str, dict[str, dict[str, float | None]]]
    )
    found = Extracted()
    for name, locations in features.items():
        if name not in pulses:
            raise InputError(f"{path}: {unknown('protocol', name, pulses)}")
        if why := _unsayable(pulses[name]):
            found.left.append(f"{name}: {why}. It is left out with its features.")
            continue
        for location in locations:
            if location not in ("soma", "soma.v"):
                found.left.append(f"{name}.{location}: BluePyEfe says not where that is.")
        wanted = locations.get("soma", locations.get("soma.v", []))
        groups = _alike(path, name, wanted)
        if not groups:
            continue
        main = pulses[name]["step"]
        stimuli = [_step(main), *(_step(one) for k, one in pulses[name].items() if k == "holding")]
        sites = ["soma", *(f"soma_{number}" for number in range(2, len(groups) + 1))]
        found.protocols[name] = _protocol(stimuli, main["totduration"] or 0.0, sites)
        found.targets[name] = dict(zip(sites, map(_table, groups), strict=True))
    return found


def _unsayable(pulses: Mapping[str, Mapping[str, float | None]]) -> str:
    """Return why a protocol cannot be said, or an empty text."""
    main = pulses.get("step")
    if main is None or not pulses.keys() <= {"step", "holding"}:
        return f"it has {', '.join(pulses)}; a step and a holding current are read"
    if more := main.keys() - _STEPS:
        return f"its stimulus is more than a step ({', '.join(sorted(more))})"
    known = {"delay", "amp", "duration", "totduration"}
    for what, one in pulses.items():
        if lacking := [key for key in sorted(known) if one.get(key) is None]:
            return f"its {what} has no {', '.join(lacking)}"
    return ""


def _step(pulse: Mapping[str, float | None]) -> dict[str, Any]:
    amplitude, delay, duration = (float(pulse[k] or 0.0) for k in ("amp", "delay", "duration"))
    return step(amplitude, delay, duration)


def _alike(path: Path, name: str, wanted: Iterable[_Feature]) -> list[list[_Feature]]:
    """Return features together that are measured with the same settings."""
    groups: list[list[_Feature]] = []
    for one in wanted:
        with_settings = {k: v for k, v in one.efel_settings.items() if k not in _APART}
        check_names([one.feature])
        check_settings(with_settings)
        for group in groups:
            if group[0].efel_settings == one.efel_settings:
                if any(other.feature == one.feature for other in group):
                    raise InputError(f"{path}: {name} asks for {one.feature} twice")
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _table(features: Sequence[_Feature]) -> dict[str, Any]:
    settings = features[0].efel_settings
    table: dict[str, Any] = {"threshold_mV": settings.get("Threshold", _EFELS_mV)}
    if settings.keys() >= set(_OF_WINDOWS):
        table["window_ms"] = [float(settings[key]) for key in _OF_WINDOWS]
    table["settings"] = {k: v for k, v in settings.items() if k not in _APART}
    table["features"] = {one.feature: one.val for one in features}
    table["floor"] = {one.feature: floor_of(one.feature, one.val[0], {}) for one in features}
    table["n"] = {one.feature: one.n for one in features if one.n is not None}
    table["source"] = {one.feature: one.files for one in features if one.files}
    return {key: one for key, one in table.items() if one or key == "threshold_mV"}


def _protocol(
    stimuli: Sequence[Mapping[str, Any]], duration_ms: float, sites: Sequence[str] = ("soma",)
) -> dict[str, Any]:
    return {
        "duration_ms": duration_ms,
        "recordings": dict.fromkeys(sites, "soma(0.5)"),
        "stimuli": list(stimuli),
    }
