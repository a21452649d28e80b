"""The family of the L5PC example: parameters, mechanisms, protocols and features as flat files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.bluepyopt.problem import Painted, Problem, step
from workbench.imports.bluepyopt.tables import Distance, Exact, mechanisms_of, morphology_of
from workbench.imports.source import Source, only, tables

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
_SOMA_mV, _DENDRITE_mV = -20.0, -55.0


class _Parameter(Exact):
    param_name: str
    type: Literal["global", "section", "range"]
    sectionlist: str = ""
    dist_type: Literal["uniform", "exp"] = "uniform"
    dist: str = ""
    value: float | None = None
    bounds: Pair | None = None
    mech: str = ""
    mech_param: str = ""


class _Stimulus(Exact):
    delay: float
    amp: float
    duration: float
    totduration: float


class _Protocol(Exact):
    stimuli: Annotated[list[_Stimulus], Field(min_length=1)]
    extra_recordings: list[Distance] = Field(default_factory=list)


Features = dict[str, dict[str, dict[str, Pair]]]


def read_flat(source: Source, found: Sequence[Path]) -> Problem:
    """Return the problem of a folder with a parameters.json.

    Raises
    ------
    InputError
        If a file is missing or has mistakes.
    """
    path = only("parameters.json", found, source.folder, "name the folder of one")
    config = path.parent
    parameters: list[_Parameter] = tables(path, list[_Parameter])
    inserted: dict[str, list[str]] = tables(config / "mechanisms.json", dict[str, list[str]])
    protocols, targets, done = flat_aims(config / "features.json", config / "protocols.json")
    folder = config.parent if config.name == "config" else config
    return Problem(
        folder.resolve().name,
        path,
        morphology_of(source),
        mechanisms_of(source),
        [(sections, suffix) for sections, all_ in inserted.items() for suffix in all_],
        [_painted(path, one) for one in parameters if one.type != "global"],
        {
            one.param_name: _given(f"{path}: {one.param_name}", one)
            for one in parameters
            if one.type == "global"
        },
        protocols,
        targets,
        {"missing": 250.0, "cap": "none"},
        [
            *done,
            "There is no parameter set in the files: give one as a JSON file with --params.",
        ],
    )


def flat_aims(features: Path, protocols: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return tables of protocols.toml and targets.toml, and by which rules they were made.

    Raises
    ------
    InputError
        If a file is missing or has mistakes.
    """
    stimuli: dict[str, _Protocol] = tables(protocols, dict[str, _Protocol])
    wanted: Features = tables(features, Features)
    return (
        {name: _protocol(one) for name, one in stimuli.items()},
        _targets(features, wanted, stimuli),
        [
            "Features are measured while the first stimulus lasts, under `bAP` until the end of "
            f"the run; spikes cross {_SOMA_mV:g} mV in the soma and {_DENDRITE_mV:g} mV elsewhere: "
            "the rules of the example's evaluator."
        ],
    )


def _painted(path: Path, one: _Parameter) -> Painted:
    key = f"{path}: {one.param_name}.{one.sectionlist}"
    given = _given(key, one)
    if (one.dist_type == "exp") != bool(one.dist):
        raise InputError(f"{key}: dist_type is {one.dist_type}, and dist is {one.dist!r}")
    return Painted(
        one.param_name,
        one.sectionlist,
        None if isinstance(given, list) else given,
        (given[0], given[1]) if isinstance(given, list) else None,
        (one.dist_type, one.dist) if one.dist else None,
    )


def _given(key: str, one: _Parameter) -> float | list[float]:
    """Return the value of a parameter, or its bounds."""
    if one.value is not None and one.bounds is None:
        return one.value
    if one.bounds is not None and one.value is None:
        return one.bounds
    raise InputError(f"{key}: give either value or bounds")


def _protocol(one: _Protocol) -> dict[str, Any]:
    extra = {recording.name: recording.table() for recording in one.extra_recordings}
    return {
        "duration_ms": max(stimulus.totduration for stimulus in one.stimuli),
        "stimuli": [step(s.amp, s.delay, s.duration) for s in one.stimuli],
        "recordings": {"soma": "soma(0.5)", **extra},
    }


def _targets(path: Path, features: Features, protocols: dict[str, _Protocol]) -> dict[str, Any]:
    for name in features:
        if name not in protocols:
            raise InputError(f"{path}: {unknown('protocol', name, protocols)}")
    return {
        name: {
            location: {"features": wanted, **_reading(name, location, protocols[name])}
            for location, wanted in locations.items()
        }
        for name, locations in features.items()
    }


def _reading(name: str, location: str, protocol: _Protocol) -> dict[str, Any]:
    first = protocol.stimuli[0]
    reading: dict[str, Any] = {}
    if name == "bAP":
        reading["window_ms"] = [first.delay, first.totduration]
    if location != "soma":
        reading["threshold_mV"] = _DENDRITE_mV
    return reading
