"""Protocols and features of a recipe, in any of the three forms that BluePyEModel reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.bluepyemodel.currents import Stimulus
from workbench.imports.bluepyemodel.recipe import Recipe
from workbench.imports.bluepyopt.tables import uncommented
from workbench.imports.source import Foreign, tables
from workbench.inputs import json_value

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]

SEARCHES = (
    "RMPProtocol", "RinProtocol", "SearchHoldingCurrent", "SearchThresholdCurrent",
    "RMP", "Rin", "RinHoldcurrent", "RinHoldCurrent", "Threshold", "ThresholdDetection", "Main",
)  # fmt: skip
"""What stands for the searches that come before all other protocols."""

_OF_REST, _OF_RESISTANCE = ("voltage_base",), ("voltage_base", "ohmic_input_resistance_vb_ssse")
_PLAIN, _THRESHOLD = "Protocol", "ThresholdBasedProtocol"
_SMALLEST_STD = 1e-3


class Recorded(Foreign):
    """A recording, with the keys of any kind of place."""

    name: str
    type: str = "CompRecording"
    location: Any = None
    variable: str = ""
    var: str = ""
    somadistance: float | None = None
    seclist_name: str = ""
    sec_index: int | None = None
    comp_x: float | None = None


class _Protocol(Foreign):
    name: str
    stimuli: list[Stimulus] | Stimulus
    recordings_from_config: list[Recorded] | None = None
    recordings: list[Recorded] | None = None
    validation: bool = False
    protocol_type: str = _THRESHOLD


class _Feature(Foreign):
    efel_feature_name: str
    protocol_name: str
    recording_name: str | dict[str, str]
    mean: float | None = None
    original_std: float | None = None
    std: float | None = None
    efeature_name: str | None = None
    efel_settings: dict[str, Any] | None = None
    threshold_efeature_std: float | None = None
    default_std_value: float = _SMALLEST_STD
    weight: float = 1.0


class _Configuration(Foreign):
    efeatures: list[_Feature] = Field(default_factory=list)
    protocols: list[_Protocol] = Field(default_factory=list)


class _OldFeature(Foreign):
    feature: str
    val: Pair
    efeature_name: str | None = None
    efel_settings: dict[str, Any] = Field(default_factory=dict)
    weight: float = 1.0


class _Hold(Foreign):
    amp: float | None = None


class _OldStimuli(Foreign):
    step: Stimulus
    holding: _Hold | None = None


class _OldProtocol(Foreign):
    type: str = ""
    stimuli: _OldStimuli | None = None
    step: Stimulus | None = None
    holding: _Hold | None = None
    extra_recordings: list[Recorded] = Field(default_factory=list)
    validation: bool = False


@dataclass(frozen=True)
class Sweep:
    """A protocol.

    Attributes
    ----------
    kind
        `Protocol` where its amplitudes are in nA; all others are relative to a threshold.
    recordings
        By the recording's name without that of the protocol.
    """

    name: str
    kind: str
    stimuli: tuple[Stimulus, ...]
    recordings: Mapping[str, Recorded]
    validation: bool = False

    @property
    def in_nA(self) -> bool:
        """Whether its amplitudes are given in nA."""
        return self.kind == _PLAIN


@dataclass(frozen=True)
class Aim:
    """A feature, with what BluePyEModel takes for its SD; settings are those of eFEL."""

    feature: str
    protocol: str
    recording: str
    mean: float | None
    std: float | None
    settings: Mapping[str, Any]
    weight: float
    name: str
    recordings: int = 1

    @property
    def of_search(self) -> bool:
        """Whether a search for rest, resistance, hold or threshold measures it."""
        return self.protocol in SEARCHES or self.protocol.split("_")[0] in SEARCHES[:4]


def read_fitness(recipe: Recipe) -> tuple[list[Sweep], list[Aim]]:
    """Return the protocols and the features of a recipe.

    Raises
    ------
    InputError
        If a file is missing or has mistakes.
    """
    found = json_value(recipe.features)
    if isinstance(found, dict) and found.keys() & {"efeatures", "protocols"}:
        sweeps, aims = _configured(recipe)
    elif recipe.protocols is None:
        raise InputError(
            f"{recipe.features} has neither efeatures nor protocols, so that the recipe "
            f"{recipe.name} has to name a file of protocols under `protocol`"
        )
    else:
        sweeps, aims = _old(recipe, recipe.protocols)
    names = {one.name for one in sweeps}
    for aim in aims:
        if not aim.of_search and "[" not in aim.protocol and aim.protocol not in names:
            raise InputError(f"{recipe.features}: {unknown('protocol', aim.protocol, names)}")
    return sweeps, aims


def _configured(recipe: Recipe) -> tuple[list[Sweep], list[Aim]]:
    file: _Configuration = tables(recipe.features, _Configuration, uncommented)
    sweeps = []
    for one in file.protocols:
        stimuli = one.stimuli if isinstance(one.stimuli, list) else [one.stimuli]
        recordings = one.recordings_from_config or one.recordings or []
        validation = one.validation or _is_named(one.name, recipe.settings.validations)
        sweeps.append(
            Sweep(
                one.name,
                one.protocol_type,
                tuple(stimuli),
                {_bare(one.name, r.name): r for r in recordings},
                validation,
            )
        )
    return sweeps, [_aim(one, recipe) for one in file.efeatures]


def _aim(one: _Feature, recipe: Recipe) -> Aim:
    several = isinstance(one.recording_name, dict)
    recordings = one.recording_name if isinstance(one.recording_name, dict) else {}
    recording = recordings.get("", "") if several else str(one.recording_name)
    own = {"strict_stiminterval": True} if one.efel_settings is None else one.efel_settings
    std = one.std if one.original_std is None else one.original_std
    return Aim(
        one.efel_feature_name,
        one.protocol_name,
        recording,
        one.mean,
        _floored(one.mean, std, one.threshold_efeature_std, one.default_std_value),
        recipe.settings.efel | own,
        one.weight,
        one.efeature_name or one.efel_feature_name,
        max(len(recordings), 1),
    )


def _floored(
    mean: float | None, std: float | None, fraction: float | None, smallest: float
) -> float | None:
    """Return an SD that is at least a fraction of the mean, as BluePyEModel has it."""
    if mean is None or std is None or fraction is None:
        return std
    return max(std, abs(fraction * mean)) if mean else (fraction or smallest)


def _old(recipe: Recipe, path: Path) -> tuple[list[Sweep], list[Aim]]:
    protocols: dict[str, _OldProtocol] = tables(path, dict[str, _OldProtocol], uncommented)
    features: dict[str, dict[str, list[_OldFeature]]] = tables(
        recipe.features, dict[str, dict[str, list[_OldFeature]]], uncommented
    )
    run = {name: one for name, one in protocols.items() if name not in SEARCHES}
    of_bluepyefe = any(one.stimuli is None for one in run.values())
    sweeps = [Sweep(name, "", (), {}) for name in protocols if name in SEARCHES]
    sweeps += [_old_sweep(recipe, path, name, one, of_bluepyefe) for name, one in run.items()]
    return sweeps, list(_old_aims(recipe, features, of_bluepyefe))


def _old_sweep(
    recipe: Recipe, path: Path, name: str, one: _OldProtocol, of_bluepyefe: bool
) -> Sweep:
    settings = recipe.settings
    if of_bluepyefe:
        given, hold = one.step, one.holding
        threshold = bool(settings.name_rmp_protocol and settings.name_Rin_protocol)
    else:
        given, hold = (
            (None, None) if one.stimuli is None else (one.stimuli.step, one.stimuli.holding)
        )
        threshold = one.type == "StepThresholdProtocol"
    if given is None:
        raise InputError(f"{path}: {name}: it has no step")
    stimulus = given.model_copy(update={"holding_current": None if hold is None else hold.amp})
    soma = Recorded(name=f"{name}.soma.v", location="soma", variable="v")
    extra = {f"{r.name}.{r.var or r.variable}": r for r in one.extra_recordings}
    validation = one.validation or _is_named(name, settings.validations)
    kind = _THRESHOLD if threshold else _PLAIN
    return Sweep(name, kind, (stimulus,), {"soma.v": soma, **extra}, validation)


def _old_aims(
    recipe: Recipe, features: Mapping[str, Mapping[str, list[_OldFeature]]], of_bluepyefe: bool
) -> Iterator[Aim]:
    settings = recipe.settings
    searched = [
        (one if isinstance(one, str) else "_".join(map(str, one)), of_it)
        for one, of_it in (
            (settings.name_rmp_protocol, _OF_REST),
            (settings.name_Rin_protocol, _OF_RESISTANCE),
        )
        if one and of_bluepyefe
    ]
    for protocol, recordings in features.items():
        for recording, wanted in recordings.items():
            for one in wanted:
                mean, std = one.val
                search = any(
                    one.feature in of_it and _is_named(protocol, [name]) for name, of_it in searched
                )
                yield Aim(
                    one.feature,
                    "RMPProtocol" if search else protocol,
                    "soma.v" if recording == "soma" else recording,
                    mean,
                    _floored(mean, std, settings.threshold_efeature_std, _SMALLEST_STD),
                    settings.efel | one.efel_settings,
                    one.weight,
                    one.efeature_name or one.feature,
                )


def _bare(protocol: str, recording: str) -> str:
    return recording.removeprefix(f"{protocol}.")


def _is_named(protocol: str, names: list[str]) -> bool:
    """Return whether a protocol is one of these: IV_0 is IV_0.0."""
    return any(_same(protocol, name) for name in names)


def _same(one: str, other: str) -> bool:
    (first, amount), (second, number) = _split(one), _split(other)
    if amount is None or number is None:
        return one == other
    return first == second and isclose(amount, number, rel_tol=1e-5, abs_tol=1e-8)


def _split(name: str) -> tuple[str, float | None]:
    """Return the parts of a name such as IDrest_150 or IV_-20_hyp."""
    parts = name.split("_")
    try:
        if parts[-1] == "hyp":
            return "_".join(parts[:-2]), float(parts[-2])
        return "_".join(parts[:-1]), float(parts[-1])
    except (ValueError, IndexError):
        return name, None
