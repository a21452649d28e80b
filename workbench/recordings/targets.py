"""Targets of a study from features of sweeps: mean and SD by protocol and amplitude."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from workbench.errors import InputError
from workbench.features import Missing, Window
from workbench.recordings.extraction import Found, SweepFeatures
from workbench.recordings.floors import floor_of
from workbench.recordings.recordings import MOST_SHOWN
from workbench.recordings.sweep import Sweep
from workbench.units import amount

Over = Literal["sweeps", "cells"]
BIN_percent = 50.0
_APART_ms = 2.0


@dataclass(frozen=True, eq=False)
class Aim:
    """A feature of a protocol: mean and SD over sweeps, or cells.

    Attributes
    ----------
    mean, sd
        In the feature's unit; the SD is that of the values at hand (divided by n).
    n
        How many values: sweeps, or cells.
    floor
        The least SD with which a study scores it.
    sweeps
        The names of those that it comes from.
    missing
        By the names of the others, why they have no value.
    values
        Those of which mean and SD are, of sweeps or of cells.
    """

    feature: str
    mean: float
    sd: float
    n: int
    floor: float
    sweeps: tuple[str, ...]
    missing: Mapping[str, str]
    values: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """Sweeps of one protocol and about one amplitude, over all cells.

    Attributes
    ----------
    name
        The protocol's in the study: `IDRest_150`, or `IDRest_200pA` of absolute amplitudes.
    amplitude_nA, holding_nA, onset_ms, duration_ms, length_ms
        Of the study's protocol: means over the sweeps; the amplitude in per cent of rheobase is
        taken times the mean rheobase of the cells.
    percent
        Mean amplitude in per cent of rheobase; None of absolute amplitudes, and of other currents.
    rest_mV
        Mean voltage before the stimulus; None if nothing is before it.
    aims
        Features with a value in one sweep or more.
    without
        Features that have none, with the reasons by sweep.
    """

    name: str
    sweeps: tuple[Sweep, ...]
    window: Window
    amplitude_nA: float
    holding_nA: float
    onset_ms: float
    duration_ms: float
    length_ms: float
    percent: float | None
    rest_mV: float | None
    aims: tuple[Aim, ...]
    without: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class Targets:
    """What sweeps say of a model: groups with their features.

    Attributes
    ----------
    done
        What was done on the way, a sentence each.
    unused
        By the names of sweeps in no group, why.
    """

    features: SweepFeatures
    groups: tuple[Group, ...]
    done: tuple[str, ...]
    unused: Mapping[str, str]

    def __repr__(self) -> str:
        lines = [f"<Targets of {len(self.groups)} protocols>"]
        lines += [
            f"  {one.name}: {len(one.sweeps)} sweeps, {len(one.aims)} features"
            for one in self.groups[:MOST_SHOWN]
        ]
        more = len(self.groups) - MOST_SHOWN
        return "\n".join([*lines, *[f"  and {more} more"] * (more > 0)])

    def rows(self) -> list[dict[str, object]]:
        """Return a row for each target."""
        return [
            {
                "protocol": group.name,
                "feature": aim.feature,
                "mean": aim.mean,
                "sd": aim.sd,
                "floor": aim.floor,
                "n": aim.n,
                "sweeps": ", ".join(aim.sweeps),
            }
            for group in self.groups
            for aim in group.aims
        ]


def targets_of(
    features: SweepFeatures,
    *,
    at: Sequence[float] | None = None,
    tolerance: float | None = None,
    at_nA: Sequence[float] | None = None,
    tolerance_nA: float | None = None,
    floors: Mapping[str, float] = MappingProxyType({}),
    over: Over = "sweeps",
    least: int = 1,
) -> Targets:
    """Return mean and SD of each feature over the sweeps of each protocol and amplitude.

    Parameters
    ----------
    at, tolerance
        Amplitudes in per cent of rheobase, and how far from one a sweep may be, its end not
        included. Without them sweeps are put to the nearest multiple of 50 %.
    at_nA, tolerance_nA
        The same in nA, in place of per cent.
    floors
        By feature, the least SD; else that of `floor_of`.
    over
        "sweeps": all of them alike; "cells": means of each cell's sweeps first.
    least
        Of how many values a target is.

    Raises
    ------
    InputError
        If no sweep is left, per cent are asked of cells without a rheobase, or a cell's sweeps are
        of several electrodes.
    """
    for name, floor in floors.items():
        amount(f"floor of {name}", floor, (0.0, 1e12))
    if over not in ("sweeps", "cells"):
        raise InputError(f"over is {over!r}, it must be 'sweeps' or 'cells'")
    if at_nA is not None and (at is not None or tolerance is not None):
        raise InputError("at and at_nA: give amplitudes in per cent of rheobase, or in nA")
    if (at_nA is None) != (tolerance_nA is None):
        raise InputError("at_nA and tolerance_nA: give both, or none")
    _check_electrodes(features)
    bins = _bins(features, at, tolerance, at_nA, tolerance_nA)
    groups = tuple(
        _group(name, sweeps, features, floors, over, least, relative=at_nA is None)
        for name, sweeps in _named(bins.sweeps).items()
    )
    if not groups:
        reasons = "; ".join(f"{name}: {why}" for name, why in list(bins.unused.items())[:5])
        raise InputError(f"no sweep is left for a target: {reasons}")
    return Targets(features, groups, features.recordings.done, bins.unused)


def _check_electrodes(features: SweepFeatures) -> None:
    """Refuse sweeps of one cell from several electrodes, of which one may be in a dendrite."""
    found: dict[str, dict[str, None]] = {}
    for one in features.recordings:
        if one.facts.electrode:
            found.setdefault(one.cell, {})[one.facts.electrode] = None
    for cell, electrodes in found.items():
        if len(electrodes) > 1:
            names = ", ".join(electrodes)
            raise InputError(
                f"{cell} was recorded by several electrodes ({names}), which are not of one place; "
                "name one: --electrode NAME (Python: load_recordings(..., electrode=NAME))"
            )


@dataclass(frozen=True)
class _Bins:
    sweeps: dict[str, list[Sweep]]
    unused: dict[str, str]


def _bins(
    features: SweepFeatures,
    at: Sequence[float] | None,
    tolerance: float | None,
    at_nA: Sequence[float] | None,
    tolerance_nA: float | None,
) -> _Bins:
    """Return sweeps by the protocol's name and the amplitude's, and why others are in none."""
    found: dict[str, list[Sweep]] = {}
    unused: dict[str, str] = {}
    ordered = sorted(features.recordings, key=lambda one: one.shape.amplitude_nA)
    for sweep in ordered:
        name = _word(sweep.protocol or sweep.shape.kind)
        percent = features.percent(sweep)
        if sweep.shape.kind == "none":
            unused[sweep.name] = "it has no stimulus"
        elif sweep.shape.kind in ("noise", "other"):
            found.setdefault(name, []).append(sweep)
        elif at_nA is not None and tolerance_nA is not None:
            near = [nA for nA in at_nA if abs(nA - sweep.shape.amplitude_nA) < tolerance_nA]
            if not near:
                unused[sweep.name] = (
                    f"its {sweep.shape.amplitude_nA:.4g} nA are not within {tolerance_nA:g} nA of "
                    f"{', '.join(f'{nA:g}' for nA in at_nA)}"
                )
            for nA in near:
                found.setdefault(f"{name}_{1e3 * nA:g}pA".replace(".", "p"), []).append(sweep)
        elif percent is None:
            unused[sweep.name] = (
                f"{sweep.cell} has no rheobase: no step makes it fire. Give it "
                f"(--rheobase {sweep.cell}=0.1), or amplitudes in nA (--at-nA)"
            )
        else:
            near = _near(percent, at, tolerance)
            if not near:
                unused[sweep.name] = (
                    f"its {percent:.4g} % of rheobase are not within {tolerance or 25:g} % of "
                    f"{', '.join(f'{one:g}' for one in at or [])}"
                )
            for one in near:
                found.setdefault(f"{name}_{one:g}".replace(".", "p"), []).append(sweep)
    return _Bins(found, unused)


def _near(percent: float, at: Sequence[float] | None, tolerance: float | None) -> list[float]:
    if at is None:
        return [BIN_percent * round(percent / BIN_percent) + 0.0]
    return [one for one in at if abs(one - percent) < (tolerance or BIN_percent / 2)]


def _word(text: str) -> str:
    """Return a text as a name that needs no quotes in TOML."""
    return "".join(letter if letter.isalnum() else "_" for letter in text) or "step"


def _named(bins: Mapping[str, Sequence[Sweep]]) -> dict[str, list[Sweep]]:
    """Return the bins, those apart in which stimuli begin or end at different times."""
    found: dict[str, list[Sweep]] = {}
    for name, sweeps in bins.items():
        parts: list[list[Sweep]] = []
        for sweep in sweeps:
            for part in parts:
                if _alike(part[0], sweep):
                    part.append(sweep)
                    break
            else:
                parts.append([sweep])
        for number, part in enumerate(parts, 1):
            found[name if number == 1 else f"{name}_{number}"] = part
    return found


def _alike(first: Sweep, second: Sweep) -> bool:
    one, other = first.shape, second.shape
    apart_ms = max(abs(one.onset_ms - other.onset_ms), abs(one.end_ms - other.end_ms))
    return one.kind == other.kind and apart_ms <= _APART_ms


def _group(
    name: str,
    sweeps: Sequence[Sweep],
    features: SweepFeatures,
    floors: Mapping[str, float],
    over: Over,
    least: int,
    *,
    relative: bool,
) -> Group:
    aims: list[Aim] = []
    without: dict[str, Mapping[str, str]] = {}
    for found in zip(*(features.of(sweep) for sweep in sweeps), strict=True):
        feature = found[0].feature
        missing = {
            one.sweep.name: one.measured.reason
            for one in found
            if isinstance(one.measured, Missing)
        }
        values = list(_values(found, over))
        if not values or len(values) < least:
            without[feature] = missing or {s.name: f"fewer than {least} values" for s in sweeps}
            continue
        mean, sd = float(np.mean(values)), float(np.std(values))
        used = tuple(one.sweep.name for one in found if one.value is not None)
        floor = floor_of(feature, mean, floors)
        aims.append(Aim(feature, mean, sd, len(values), floor, used, missing, tuple(values)))
    shapes = [one.shape for one in sweeps]
    return Group(
        name,
        tuple(sweeps),
        _window([features.windows[one.name] for one in sweeps]),
        _amplitude_nA(sweeps, features, relative),
        _mean([one.holding_nA for one in shapes]),
        _mean([one.onset_ms for one in shapes]),
        _mean([one.duration_ms for one in shapes]),
        _mean([one.duration_ms for one in sweeps]),
        _percent(sweeps, features) if relative else None,
        _rest_mV(sweeps),
        tuple(aims),
        without,
    )


def _values(found: Sequence[Found], over: Over) -> Iterator[float]:
    """Yield the values of sweeps, or the means of those of each cell."""
    by_cell: dict[str, list[float]] = {}
    for one in found:
        if (value := one.value) is not None:
            by_cell.setdefault(one.sweep.cell if over == "cells" else one.sweep.name, []).append(
                value
            )
    for values in by_cell.values():
        yield _mean(values)


def _window(windows: Sequence[Window]) -> Window:
    begin_ms, end_ms = (_mean([getattr(w, end) for w in windows]) for end in ("begin_ms", "end_ms"))
    return replace(windows[0], begin_ms=begin_ms, end_ms=end_ms)


def _percent(sweeps: Sequence[Sweep], features: SweepFeatures) -> float | None:
    steps = [one for one in sweeps if one.shape.kind in ("step", "short square", "ramp")]
    percents = [features.percent(one) for one in steps]
    known = [one for one in percents if one is not None]
    return _mean(known) if known and len(known) == len(sweeps) else None


def _rest_mV(sweeps: Sequence[Sweep]) -> float | None:
    before = [one.before() for one in sweeps]
    medians = [float(np.median(one)) for one in before if one.size]
    return _mean(medians) if medians else None


def _amplitude_nA(sweeps: Sequence[Sweep], features: SweepFeatures, relative: bool) -> float:
    """Return the amplitude of a protocol.

    Of per cent it is their mean times that of the rheobases: cells that are in one group and not in
    another would otherwise put a larger per cent below a smaller one.
    """
    percent = _percent(sweeps, features) if relative else None
    known = [nA for nA in features.rheobase_nA.values() if nA is not None]
    if percent is None or not known:
        return _mean([one.shape.amplitude_nA for one in sweeps])
    return percent * _mean(known) / 100


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
