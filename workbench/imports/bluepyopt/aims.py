"""The objectives of an evaluator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any

from workbench.errors import InputError
from workbench.features import STIMULUS
from workbench.imports.bluepyopt.objects import Told, check
from workbench.imports.bluepyopt.sweeps import Recorded, Sweeps, unused

_OBJECTIVES = (
    *("SingletonObjective", "SingletonWeightObjective", "WeightedSumObjective"),
    "EFeatureObjective",
)
_EFELS_mV = -20.0


@dataclass
class Aims:
    """The targets of a study; recordings that are read in several ways get a second name.

    Attributes
    ----------
    targets
        Tables of targets.toml.
    names
        The study's names of features by those of BluePyOpt's objectives.
    sums
        Names of the objectives that are weighted sums.
    """

    sweeps: Sweeps
    targets: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    sums: list[str] = field(default_factory=list)
    _limits: set[tuple[bool, float]] = field(default_factory=set)

    def read(self, objectives: Sequence[Told]) -> None:
        """Read objectives.

        Raises
        ------
        InputError
            If a study cannot say one.
        """
        for told in objectives:
            what = f"objective {told.get('name')}"
            check(self.sweeps.file, what, {**told, "own": []}, *_OBJECTIVES)
            if told["differs"]:
                raise InputError(
                    f"{self.sweeps.file}: {what} has code of its own, {told['kind']} of "
                    f"{told['features'][0]['kind']}, and scores a made-up trace otherwise than "
                    f"BluePyOpt's classes: {told['differs']}"
                )
            features = told["features"]
            weights = told.get("weights", [told.get("weight", 1.0)])
            if len(features) > 1:
                self.sums.append(told["name"])
            for feature, weight in zip(features, weights, strict=True):
                check(self.sweeps.file, what, {**feature, "own": []}, "eFELFeature")
                self.names[told["name"]] = self._feature(feature, weight, what)

    def score(self) -> dict[str, Any]:
        """Return the table `score` of a study.

        Raises
        ------
        InputError
            If the features have different ones.
        """
        if len(self._limits) != 1:
            given = "; ".join(f"{forced}, {most:g}" for forced, most in sorted(self._limits))
            raise InputError(
                f"{self.sweeps.file}: a study has one force_max_score and max_score for all "
                f"features; these have {given or 'none: there is no objective'}"
            )
        [(forced, most)] = self._limits
        return {"missing": most, "cap": most if forced else "none"}

    def renamed(self) -> Iterator[str]:
        """Yield the objectives that a study calls otherwise."""
        for theirs, ours in self.names.items():
            if theirs != ours and theirs not in self.sums:
                yield f"`{theirs}` is `{ours}`"

    def _feature(self, told: Told, weight: float, what: str) -> str:
        recorded = self._recorded(told, what)
        self._limits.add((bool(told["force_max_score"]), float(told["max_score"])))
        reading = dict(self._reading(told, recorded, what))
        feature = told["efel_feature_name"]
        locations = self.targets.setdefault(recorded.protocol, {})
        location = self._location(locations, recorded, reading, feature)
        table = locations.setdefault(location, {"features": {}, **reading})
        if None in (told["exp_mean"], told["exp_std"]):
            raise InputError(f"{self.sweeps.file}: {what} has no exp_mean or no exp_std")
        table["features"][feature] = [float(told["exp_mean"]), float(told["exp_std"])]
        if weight != 1:
            table.setdefault("weights", {})[feature] = float(weight)
        return f"{recorded.protocol}.{location}.{feature}"

    def _recorded(self, told: Told, what: str) -> Recorded:
        names = told["recording_names"]
        if list(names) != [""]:
            raise InputError(
                f"{self.sweeps.file}: {what} is of the recordings {', '.join(names.values())}; a "
                "study has eFEL's features of one recording, under the key ''"
            )
        if names[""] not in self.sweeps.recorded:
            raise InputError(
                f"{self.sweeps.file}: {what}: no protocol records {names['']}; recorded are "
                f"{', '.join(self.sweeps.recorded)}"
            )
        return self.sweeps.recorded[names[""]]

    def _reading(self, told: Told, recorded: Recorded, what: str) -> Iterator[tuple[str, Any]]:
        """Yield how a trace is read, where that is not what a study does by itself."""
        if None in (told["stim_start"], told["stim_end"]):
            raise InputError(f"{self.sweeps.file}: {what} has no stim_start or no stim_end")
        window_ms = float(told["stim_start"]), float(told["stim_end"])
        if window_ms != self.sweeps.windows_ms.get(recorded.protocol):
            yield "window_ms", list(window_ms)
        settings = self._settings(told, what)
        current_nA = settings.pop("stimulus_current", told["stimulus_current"])
        own_nA = self.sweeps.step_nA(recorded.protocol, window_ms)
        alike = own_nA is not None and current_nA is not None and isclose(current_nA, own_nA)
        if told["efel_feature_name"] in STIMULUS and not alike:
            raise InputError(
                f"{self.sweeps.file}: {what}: stimulus_current is {current_nA}, and the steps of "
                f"{recorded.protocol} are {own_nA} nA above what is before; a study takes that"
            )
        threshold_mV = settings.pop("Threshold", told["threshold"])
        if threshold_mV not in (None, _EFELS_mV):
            yield "threshold_mV", float(threshold_mV)
        if settings:
            yield "settings", settings
        if recorded.variable != "v":
            yield "variable", recorded.variable

    def _settings(self, told: Told, what: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if told["interp_step"] is not None:
            found["interp_step"] = told["interp_step"]
        for kind in ("double_settings", "int_settings", "string_settings"):
            given = told[kind] if told[kind] is not None else {}
            if not isinstance(given, Mapping):
                raise InputError(f"{self.sweeps.file}: {what}: {kind} is {given!r}, not a dict")
            found |= given
        return found

    def _location(
        self,
        locations: Mapping[str, dict[str, Any]],
        recorded: Recorded,
        reading: Mapping[str, Any],
        feature: str,
    ) -> str:
        """Return the name of a recording that is read so, which is made if there is none."""
        recordings = self.sweeps.tables[recorded.protocol]["recordings"]
        here = recordings[recorded.location]
        for name, table in locations.items():
            own = {key: one for key, one in table.items() if key not in ("features", "weights")}
            if recordings[name] == here and own == reading and feature not in table["features"]:
                return name
        if recorded.location not in locations:
            return recorded.location
        name = unused(recorded.location, recordings)
        recordings[name] = here
        return name
