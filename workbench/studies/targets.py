"""targets.toml as objectives: the features that a cell should have, fitted or held out."""

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import InputError, StudyError, unknown
from workbench.evaluations import check_found
from workbench.features import (
    DISTANCE,
    LIKENESS,
    Against,
    Train,
    Window,
    check_names,
    check_names_of_two,
    check_settings,
)
from workbench.fitting import BlockCheck, Objective, Penalty, Repeats
from workbench.protocols import FOUND, Protocol, VoltageFile
from workbench.studies.comparisons import compared
from workbench.studies.files import at, inside, read
from workbench.studies.penalties import block_from, penalty_from
from workbench.studies.reach import check_reach, check_recorded, window_of
from workbench.studies.tables import (
    AimTable,
    CompareTable,
    PairTable,
    SpikesTable,
    TargetTable,
    TraceTable,
)

COMPARE = "compare"
_ROUNDED = 1e-2
"""How far the mean of a target may be from that of its values: it may have been rounded."""
_File = dict[str, list[CompareTable] | dict[str, TargetTable]]


@dataclass(frozen=True)
class _Aim:
    """A target as its file has it: with the values that it comes from, and who may see it."""

    objective: Objective
    held_out: bool
    repeats: Repeats | None = None


@dataclass(frozen=True)
class Targets:
    """What a targets.toml says.

    Attributes
    ----------
    objectives, penalties, block
        What a search is told of.
    held_out
        Those that no search sees.
    repeats
        By a target's name, the values of which its mean and standard deviation are, where the file
        has them.
    """

    objectives: tuple[Objective, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    block: BlockCheck | None = None
    held_out: tuple[Objective, ...] = ()
    repeats: Mapping[str, Repeats] = field(default_factory=dict)


def targets_from(path: Path, protocols: tuple[Protocol, ...]) -> Targets:
    """Return what a targets.toml says.

    Raises
    ------
    StudyError
        If the file has mistakes, or names what the study has not.
    """
    file: _File = read(path, _File)
    by_name = {protocol.name: protocol for protocol in protocols}
    comparisons: list[CompareTable] = []
    tables: dict[str, dict[str, TargetTable]] = {}
    for name, one in file.items():
        if isinstance(one, dict):
            tables[name] = one
        elif name == COMPARE:
            comparisons += one
        else:
            raise StudyError(f"{path}: {name}: a list of tables is [[{COMPARE}]]")
    aims: list[_Aim] = []
    penalties: list[Penalty] = []
    checks: list[BlockCheck] = []
    for name, locations in tables.items():
        if name not in by_name:
            raise StudyError(f"{path}: {unknown('protocol', name, by_name)}")
        for location, table in locations.items():
            key, whole = f"{name}.{location}", table.held_out is True
            try:
                if table.block is not None:
                    checks.append(block_from(by_name[name], location, table))
                    continue
                aims += _of_one(by_name[name], location, table)
                for to, pair in table.to.items():
                    key = f"{name}.{location}.to.{to}"
                    aims += _of_two(by_name[name], location, to, pair, whole)
                if table.spikes is not None:
                    key, aside = f"{name}.{location}.spikes", whole or table.spikes.held_out
                    found = _of_spikes(by_name[name], location, table.spikes, path)
                    aims += [_Aim(one, aside) for one in found]
                if table.trace is not None:
                    key, aside = f"{name}.{location}.{DISTANCE}", whole or table.trace.held_out
                    if table.variable != "v":
                        raise StudyError(f"it is of v, and variable is {table.variable!r}")
                    trace = _of_trace(by_name[name], location, table.trace, path)
                    aims.append(_Aim(trace, aside))
                if table.penalties is not None:
                    key = f"{name}.{location}"
                    if whole:
                        raise StudyError(
                            "penalties: the recording is held out, and a search would see them; "
                            "leave them out"
                        )
                    window = window_of(by_name[name], table)
                    penalties.append(
                        penalty_from(
                            by_name[name], location, window, table.penalties, table.features
                        )
                    )
            except InputError as error:
                raise StudyError(f"{path}: {key}: {error}") from None
    unseen = {aim.objective.name for aim in aims if aim.held_out}
    for comparison in comparisons:
        with at(f"{path}: {COMPARE}: {comparison.what}"):
            objective = compared(comparison, by_name, tables)
            if not comparison.held_out:
                _check_unseen(objective, unseen, tables)
            aims.append(_Aim(objective, comparison.held_out))
    used = {(part.protocol, part.location) for aim in aims for part in aim.objective.operands}
    for name, locations in tables.items():
        for location, table in locations.items():
            if table.block is not None or "features" in table.model_fields_set:
                continue
            if (name, location) not in used:
                raise StudyError(
                    f"{path}: {name}.{location}.features: this key is missing, and [[{COMPARE}]] "
                    "names no feature of this recording"
                )
    simulated = {protocol for aim in aims for protocol in aim.objective.protocols}
    for number, check in enumerate(checks):
        if number or check.protocol.name in simulated:
            why = "there is another one" if number else "its protocol has targets"
            raise StudyError(f"{path}: {check.name}: {why}; give one protocol to the check alone")
    fitted = tuple(aim.objective for aim in aims if not aim.held_out)
    held_out = tuple(aim.objective for aim in aims if aim.held_out)
    for objective in fitted:
        if objective.name in [other.name for other in held_out]:
            raise StudyError(f"{path}: {objective.name} is a target twice, and held out once alone")
    repeats = {a.objective.name: a.repeats for a in aims if a.repeats is not None}
    return Targets(fitted, tuple(penalties), next(iter(checks), None), held_out, repeats)


def _check_unseen(
    objective: Objective, held: Set[str], tables: Mapping[str, Mapping[str, TargetTable]]
) -> None:
    """Refuse a comparison that would show a search what is held out.

    Raises
    ------
    StudyError
        With what it compares.
    """
    for part in objective.operands:
        table = tables.get(part.protocol, {}).get(part.location)
        if part.name in held or (table is not None and table.held_out is True):
            raise StudyError(
                f"it compares {part.name}, which is held out, and a search would see it: write "
                "held_out = true here as well"
            )


def _of_one(protocol: Protocol, location: str, table: TargetTable) -> Iterator[_Aim]:
    of_traces = [name for name in table.features if name not in FOUND]
    check_names(of_traces)
    check_settings(table.settings)
    window = window_of(protocol, table)
    check_reach(of_traces, window, protocol)
    return _aims(protocol, location, table, window)


def _of_two(
    protocol: Protocol, location: str, to: str, table: PairTable, whole: bool
) -> Iterator[_Aim]:
    check_names_of_two(list(table.features))
    return _aims(protocol, location, table, window_of(protocol, table), to, whole=whole)


def _of_trace(protocol: Protocol, location: str, table: TraceTable, path: Path) -> Objective:
    cut = ("spike_threshold_mV", "spike_before_ms", "spike_after_ms")
    if not table.cut_spikes and (vain := table.model_fields_set.intersection(cut)):
        raise StudyError(f"{', '.join(sorted(vain))}: only with cut_spikes = true")
    begin_ms, end_ms = table.window_ms
    window = Window(begin_ms, end_ms, table.spike_threshold_mV)
    window.check_end(protocol.duration_ms)
    recorded = VoltageFile.read(inside(path.parent / table.file, path))
    cut_ms = (table.spike_before_ms, table.spike_after_ms) if table.cut_spikes else None
    return Objective(
        protocol.name,
        location,
        DISTANCE,
        window,
        against=Against(recorded, cut_ms),
        mean=0.0,
        std=table.sd_mV,
        weight=table.weight,
    )


def _of_spikes(
    protocol: Protocol, location: str, table: SpikesTable, path: Path
) -> Iterator[Objective]:
    check_recorded(protocol, "v", location)
    begin_ms, end_ms = table.window_ms
    window = Window(begin_ms, end_ms, table.threshold_mV)
    window.check_end(protocol.duration_ms)
    recorded = VoltageFile.read(inside(path.parent / table.file, path))
    train = Train.read(recorded, window, table.within_ms, table.sigma_ms)
    asked = {name: getattr(table, name) for name in LIKENESS}
    if not any(asked.values()):
        raise StudyError(f"it asks for nothing; give {' or '.join(LIKENESS)}, [mean, SD]")
    for feature, aim in asked.items():
        if aim is not None:
            mean, std = aim
            yield Objective(
                protocol.name,
                location,
                feature,
                window,
                train=train,
                mean=mean,
                std=std,
                weight=table.weight,
            )


def _aims(
    protocol: Protocol,
    location: str,
    table: AimTable,
    window: Window,
    to: str = "",
    *,
    whole: bool = False,
) -> Iterator[_Aim]:
    """Yield the targets of features; `whole` says that all of the recording's are held out."""
    check_recorded(protocol, table.variable, location, to)
    beside = {key: getattr(table, key) for key in ("weights", "floor", "n", "values", "source")}
    held = table.held_out if isinstance(table.held_out, list) else []
    whole = whole or table.held_out is True
    for key, by_feature in {**beside, "held_out": held}.items():
        for feature in by_feature:
            if feature not in table.features:
                raise StudyError(f"{key}: {unknown('feature', feature, table.features)}")
    for feature, (mean, std) in table.features.items():
        objective = Objective(
            protocol.name,
            location,
            feature,
            window,
            table.variable,
            to,
            mean=mean,
            std=max(std, table.floor.get(feature, std)),
            weight=table.weights.get(feature, 1.0),
        )
        check_found(objective, protocol)
        yield _Aim(objective, whole or feature in held, _repeats(table, feature, mean, std))


def _repeats(table: AimTable, feature: str, mean: float, std: float) -> Repeats | None:
    """Return the values that a target comes from, if it has any and they are its own.

    Raises
    ------
    StudyError
        If there are more or fewer than `n`, or their mean is another.
    """
    values = table.values.get(feature, [])
    count = table.n.get(feature, len(values))
    if values and len(values) != count:
        raise StudyError(f"values.{feature}: there are {len(values)}, and n says {count}")
    found = math.fsum(values) / len(values) if values else mean
    if abs(found - mean) > _ROUNDED * max(abs(mean), std):
        raise StudyError(
            f"values.{feature}: their mean is {found:g}, and that of the target {mean:g}; give the "
            "values of which the target is, or none"
        )
    source = table.source.get(feature, [])
    named = (source,) if isinstance(source, str) else tuple(source)
    return Repeats(tuple(values), named) if values else None
