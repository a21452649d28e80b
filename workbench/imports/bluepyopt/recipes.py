"""The family of the thalamocortical example: recipes that name params, protocols, features."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.bluepyopt.problem import Painted, Problem, ramp, step
from workbench.imports.bluepyopt.tables import (
    Distance,
    Exact,
    below,
    chosen,
    mechanisms_of,
    uncommented,
)
from workbench.imports.source import Foreign, Source, only, tables

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
_THRESHOLD_mV = -30.0


class _Recipe(Foreign):
    morph_path: str = ""
    morphology: str
    params: str
    protocol: str
    features: str


class _Mechanisms(Exact):
    mech: list[str]


class _Distribution(Exact):
    fun: str


class _Parameter(Exact):
    name: str
    val: float | Pair
    dist: str = "uniform"


class _Params(Foreign):
    mechanisms: dict[str, _Mechanisms]
    distributions: dict[str, _Distribution] = Field(default_factory=dict)
    parameters: dict[str, list[_Parameter]]


class _Step(Exact):
    delay: float
    amp: float | None = None
    thresh_perc: float | None = None
    duration: float
    totduration: float


class _Ramp(Exact):
    delay: float
    ramp_amp_start: float | None = None
    ramp_amp_end: float | None = None
    thresh_perc: float | None = None
    duration: float
    totduration: float


class _Stimuli(Exact):
    step: _Step | None = None
    ramp: _Ramp | None = None
    holding: _Step | None = None


class _Protocol(Exact):
    type: str
    stimuli: _Stimuli
    extra_recordings: list[Distance] = Field(default_factory=list)


class _Feature(Exact):
    feature: str
    val: Pair
    n: float | None = None
    fid: int | None = None
    weight: float = 1.0
    strict_stim: bool = True
    threshold: float = _THRESHOLD_mV


Features = dict[str, dict[str, list[_Feature]]]


def read_recipe(source: Source, found: Sequence[Path]) -> Problem:
    """Return the problem of one recipe of a folder.

    Raises
    ------
    InputError
        If a file is missing or has mistakes, or there is a choice.
    """
    path = only("recipes.json", found, source.folder, "name the folder of one")
    recipes: dict[str, _Recipe] = tables(path, dict[str, _Recipe], uncommented)
    name = chosen(source, path, recipes)
    recipe, top = recipes[name], path.parent.parent if path.parent.name == "config" else path.parent
    file = below(path, top, recipe.params)
    params: _Params = tables(file, _Params, uncommented)
    protocols, targets, done, waits = recipe_aims(
        below(path, top, recipe.features), below(path, top, recipe.protocol)
    )
    given = source.morphology or below(path, top, str(Path(recipe.morph_path) / recipe.morphology))
    return Problem(
        name,
        file,
        given,
        mechanisms_of(source),
        [(n, suffix) for n, one in params.mechanisms.items() for suffix in one.mech],
        [
            _painted(file, one, sections, params.distributions)
            for sections, values in params.parameters.items()
            for one in values
            if sections != "global"
        ],
        {one.name: one.val for one in params.parameters.get("global", [])},
        protocols,
        targets,
        {"missing": 250.0, "cap": 250.0},
        [
            *done,
            "There is no parameter set in the files: give one as a JSON file with --params.",
        ],
        waits,
    )


def recipe_aims(
    features: Path, protocols: Path
) -> tuple[dict[str, Any], dict[str, Any], list[str], list[str]]:
    """Return tables of protocols.toml and targets.toml, by which rules, and what waits.

    Raises
    ------
    InputError
        If a file is missing or has mistakes.
    """
    stimuli: dict[str, _Protocol] = tables(protocols, dict[str, _Protocol], uncommented)
    ready = {n: one for n, one in stimuli.items() if _is_ready(one)}
    wanted: Features = tables(features, Features, uncommented)
    for protocol in wanted:
        if protocol not in stimuli:
            raise InputError(f"{features}: {unknown('protocol', protocol, stimuli)}")
    return (
        {n: _protocol(one) for n, one in ready.items()},
        {
            n: _targets(features, n, ready[n], locations)
            for n, locations in wanted.items()
            if n in ready
        },
        [
            "Features are measured while the step or the ramp lasts, under `bAP` until the end of "
            f"the run; spikes cross {_THRESHOLD_mV:g} mV unless a feature says otherwise, and "
            "eFEL's `strict_stiminterval` is on: the rules of the example's evaluator."
        ],
        [_waits(n, one) for n, one in stimuli.items() if n not in ready],
    )


def _painted(
    path: Path, one: _Parameter, sections: str, distributions: Mapping[str, _Distribution]
) -> Painted:
    scaler = None
    if one.dist != "uniform":
        if one.dist not in distributions:
            what = unknown("distribution", one.dist, (*distributions, "uniform"))
            raise InputError(f"{path}: {one.name}.{sections}: {what}")
        scaler = (one.dist, distributions[one.dist].fun)
    if isinstance(one.val, list):
        return Painted(one.name, sections, None, (one.val[0], one.val[1]), scaler)
    return Painted(one.name, sections, one.val, None, scaler)


def _is_ready(one: _Protocol) -> bool:
    """Whether all currents of a protocol are known beforehand."""
    main, hold = one.stimuli.step or one.stimuli.ramp, one.stimuli.holding
    if one.type not in ("StepProtocol", "RampProtocol") or main is None:
        return False
    if isinstance(main, _Ramp):
        known = None not in (main.ramp_amp_start, main.ramp_amp_end)
    else:
        known = main.amp is not None
    return known and (hold is None or hold.amp is not None)


def _waits(name: str, one: _Protocol) -> str:
    return (
        f"Protocol {name} ({one.type}): its currents are relative to a threshold that a search "
        "finds first. It and its features are left out."
    )


def _protocol(one: _Protocol) -> dict[str, Any]:
    main, hold = one.stimuli.step or one.stimuli.ramp, one.stimuli.holding
    assert main is not None
    if isinstance(main, _Ramp):
        assert main.ramp_amp_start is not None
        assert main.ramp_amp_end is not None
        stimuli = [ramp(main.ramp_amp_start, main.ramp_amp_end, main.delay, main.duration)]
    else:
        assert main.amp is not None
        stimuli = [step(main.amp, main.delay, main.duration)]
    if hold is not None:
        assert hold.amp is not None
        stimuli.append(step(hold.amp, hold.delay, hold.duration))
    extra = {recording.name: recording.table() for recording in one.extra_recordings}
    return {
        "duration_ms": max(main.totduration, 0.0 if hold is None else hold.totduration),
        "stimuli": stimuli,
        "recordings": {"soma": "soma(0.5)", **extra},
    }


def _targets(
    path: Path, name: str, protocol: _Protocol, locations: Mapping[str, list[_Feature]]
) -> dict[str, Any]:
    found = {}
    for recording, features in locations.items():
        key = f"{path}: {name}.{recording}"
        location, _, variable = recording.rpartition(".")
        if location in found:
            raise InputError(f"{key}: features of two variables of {location}; leave one out")
        if len({one.feature for one in features}) < len(features):
            raise InputError(f"{key}: it asks for a feature twice")
        if len({(one.strict_stim, one.threshold) for one in features}) > 1:
            raise InputError(f"{key}: strict_stim and threshold are those of all its features")
        table: dict[str, Any] = {"features": {one.feature: one.val for one in features}}
        if numbers := {one.feature: int(one.n) for one in features if one.n}:
            table["n"] = numbers
        if weights := {one.feature: one.weight for one in features if one.weight != 1}:
            table["weights"] = weights
        table["threshold_mV"] = features[0].threshold if features else _THRESHOLD_mV
        if features and features[0].strict_stim:
            table["settings"] = {"strict_stiminterval": True}
        if variable != "v":
            table["variable"] = variable
        main = protocol.stimuli.step or protocol.stimuli.ramp
        assert main is not None
        if "bAP" in name:
            table["window_ms"] = [main.delay, main.totduration]
        found[location] = table
    return found
