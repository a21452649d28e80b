"""The protocols of an evaluator: what is injected, and what is recorded."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.imports.bluepyopt.objects import Told, check, site_of
from workbench.imports.bluepyopt.problem import ramp, step
from workbench.imports.bluepyopt.synapses import TRAIN, Synapses

_SWEEPS = ("SweepProtocol", "StepProtocol")
_STIMULI = ("NrnSquarePulse", "NrnRampPulse", "NrnCurrentPlayStimulus")


@dataclass(frozen=True)
class Recorded:
    """Where a study has what BluePyOpt records under a name."""

    protocol: str
    location: str
    variable: str


@dataclass
class Sweeps:
    """The protocols of a study.

    Attributes
    ----------
    synapses
        The cell's point processes.
    tables
        Of protocols.toml, by name.
    recorded
        Recordings by BluePyOpt's names.
    windows_ms
        Begin and end of each protocol's first stimulus.
    cvode
        What each protocol says of CVODE; None leaves it to the simulator.
    texts
        Files of currents, by name.
    own
        Protocols by what is their own code.
    """

    file: Path
    synapses: Synapses
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    recorded: dict[str, Recorded] = field(default_factory=dict)
    windows_ms: dict[str, tuple[float, float]] = field(default_factory=dict)
    cvode: list[bool | None] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)

    def read(self, protocols: Sequence[Told]) -> None:
        """Read protocols; one that is a sequence of others is these, one by one.

        Raises
        ------
        InputError
            If a study cannot say one.
        """
        for told in protocols:
            what = f"protocol {told.get('name')}"
            plain = {**told, "own": []}
            check(self.file, what, plain, "SequenceProtocol", *_SWEEPS)
            if told["own"]:
                code = f"{' and '.join(told['own'])} of {told['kind']}"
                self.own.setdefault(code, []).append(told["name"])
            if told["type"] == "SequenceProtocol":
                self.read(told["protocols"])
            else:
                self._sweep(told, what)

    def step_nA(self, protocol: str, window_ms: tuple[float, float]) -> float | None:
        """Return by how much steps raise the current in a window; None if there are others."""
        stimuli = self.tables[protocol]["stimuli"]
        if any(one["type"] != "step" for one in stimuli):
            return None
        base_nA, level_nA = (
            sum(
                one["amplitude_nA"]
                for one in stimuli
                if one["delay_ms"] <= t_ms < one["delay_ms"] + one["duration_ms"]
            )
            for t_ms in (0.95 * window_ms[0], sum(window_ms) / 2)
        )
        return float(level_nA - base_nA)

    def _sweep(self, told: Told, what: str) -> None:
        name, until_ms = told["name"], float(told["total_duration"])
        if name in self.tables:
            raise InputError(f"{self.file}: two protocols are called {name}; rename one")
        for one in told["stimuli"]:
            check(self.file, f"a stimulus of {what}", one, *_STIMULI, TRAIN)
        trains = [one for one in told["stimuli"] if one["type"] == TRAIN]
        events = [table for one in trains for table in self.synapses.events(one, what, until_ms)]
        pairs = [
            (one, self._stimulus(one, f"{name}_{number}", until_ms))
            for number, one in enumerate(told["stimuli"], 1)
            if one["type"] != TRAIN
        ]
        pairs = [(one, table) for one, table in pairs if table is not None]
        if pairs and (table := pairs[0][1]) and "delay_ms" in table and "duration_ms" in table:
            begin_ms = table["delay_ms"]
            self.windows_ms[name] = begin_ms, begin_ms + table["duration_ms"]
        self.cvode.append(told["cvode_active"])
        self.tables[name] = {
            "duration_ms": until_ms,
            "stimuli": [table for _, table in pairs],
            **({"events": events} if events else {}),
            "recordings": dict(self._recordings(told, what)),
        }

    def _stimulus(self, told: Told, name: str, until_ms: float) -> dict[str, Any] | None:
        """Return a stimulus, None if it begins when the run has ended."""
        site = site_of(self.file, f"stimulus {name}", told["location"])
        if told["type"] == "NrnCurrentPlayStimulus":
            return self._played(told, name, site)
        kind = "step" if told["type"] == "NrnSquarePulse" else "ramp"
        delay_ms, duration_ms = (float(told[f"{kind}_{key}"]) for key in ("delay", "duration"))
        if delay_ms >= until_ms:
            return None
        keys = ("ramp_amplitude_start", "ramp_amplitude_end", "step_amplitude")
        amplitudes_nA = [told[key] for key in keys if key in told]
        if None in amplitudes_nA:
            raise InputError(
                f"{self.file}: stimulus {name} has no amplitude; a study has no currents that wait "
                "for a threshold: give it one, or leave the protocol out"
            )
        if kind == "ramp":
            from_nA, to_nA = map(float, amplitudes_nA)
            return ramp(from_nA, to_nA, delay_ms, duration_ms, site)
        duration_ms = min(duration_ms, until_ms - delay_ms)
        return step(float(amplitudes_nA[0]), delay_ms, duration_ms, site)

    def _played(self, told: Told, name: str, site: str) -> dict[str, Any]:
        times, currents = list(told["time_points"]), list(told["current_points"])
        if times and times[0] > 0:
            # NEURON plays the first current from 0 ms on.
            times, currents = [0.0, *times], [currents[0], *currents]
        file = re.sub(r"\W+", "_", name) + ".csv"
        rows = [f"{t!r},{nA!r}" for t, nA in zip(times, currents, strict=True)]
        self.texts[file] = "\n".join(["t_ms,current_nA", *rows, ""])
        return {"type": "waveform", "site": site, "delay_ms": 0.0, "file": file}

    def _recordings(self, told: Told, what: str) -> Iterator[tuple[str, Any]]:
        taken: set[str] = set()
        for one in told["recordings"]:
            check(self.file, f"a recording of {what}", one, "CompRecording")
            site = site_of(self.file, f"recording {one['name']}", one["location"])
            location = unused(_location(told["name"], one), taken)
            taken.add(location)
            if one["name"] in self.recorded:
                raise InputError(f"{self.file}: two recordings are called {one['name']}")
            self.recorded[one["name"]] = Recorded(told["name"], location, one["variable"])
            yield (
                location,
                site
                if one["variable"] == "v"
                else {
                    "site": site,
                    "variable": one["variable"],
                },
            )


def unused(name: str, taken: set[str] | Mapping[str, Any]) -> str:
    """Return a name, with a number behind it if it is taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _location(protocol: str, told: Told) -> str:
    """Return what a recording is called: `soma` of `Step1.soma.v`."""
    name = told["name"].removesuffix(f".{told['variable']}")
    named = name.rpartition(f"{protocol}.")[2]
    if not named.isidentifier():
        named = re.sub(r"\W+", "_", str(told["location"].get("name") or "site"))
    return named if named.isidentifier() else "site"
