"""targets.toml as objectives: the features that a cell should have."""

from collections.abc import Iterator
from dataclasses import dataclass
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
from workbench.fitting import BlockCheck, Objective, Penalty
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
_File = dict[str, list[CompareTable] | dict[str, TargetTable]]


@dataclass(frozen=True)
class Targets:
    """What a targets.toml says."""

    objectives: tuple[Objective, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    block: BlockCheck | None = None


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
    objectives: list[Objective] = []
    penalties: list[Penalty] = []
    checks: list[BlockCheck] = []
    for name, locations in tables.items():
        if name not in by_name:
            raise StudyError(f"{path}: {unknown('protocol', name, by_name)}")
        for location, table in locations.items():
            key = f"{name}.{location}"
            try:
                if table.block is not None:
                    checks.append(block_from(by_name[name], location, table))
                    continue
                objectives += _of_one(by_name[name], location, table)
                for to, pair in table.to.items():
                    key = f"{name}.{location}.to.{to}"
                    objectives += _of_two(by_name[name], location, to, pair)
                if table.spikes is not None:
                    key = f"{name}.{location}.spikes"
                    objectives += _of_spikes(by_name[name], location, table.spikes, path)
                if table.trace is not None:
                    key = f"{name}.{location}.{DISTANCE}"
                    if table.variable != "v":
                        raise StudyError(f"it is of v, and variable is {table.variable!r}")
                    objectives.append(_of_trace(by_name[name], location, table.trace, path))
                if table.penalties is not None:
                    key = f"{name}.{location}"
                    window = window_of(by_name[name], table)
                    penalties.append(
                        penalty_from(
                            by_name[name], location, window, table.penalties, table.features
                        )
                    )
            except InputError as error:
                raise StudyError(f"{path}: {key}: {error}") from None
    for comparison in comparisons:
        with at(f"{path}: {COMPARE}: {comparison.what}"):
            objectives.append(compared(comparison, by_name, tables))
    used = {(part.protocol, part.location) for one in objectives for part in one.operands}
    for name, locations in tables.items():
        for location, table in locations.items():
            if table.block is not None or "features" in table.model_fields_set:
                continue
            if (name, location) not in used:
                raise StudyError(
                    f"{path}: {name}.{location}.features: this key is missing, and [[{COMPARE}]] "
                    "names no feature of this recording"
                )
    simulated = {protocol for one in objectives for protocol in one.protocols}
    for number, check in enumerate(checks):
        if number or check.protocol.name in simulated:
            why = "there is another one" if number else "its protocol has targets"
            raise StudyError(f"{path}: {check.name}: {why}; give one protocol to the check alone")
    return Targets(tuple(objectives), tuple(penalties), next(iter(checks), None))


def _of_one(protocol: Protocol, location: str, table: TargetTable) -> Iterator[Objective]:
    of_traces = [name for name in table.features if name not in FOUND]
    check_names(of_traces)
    check_settings(table.settings)
    window = window_of(protocol, table)
    check_reach(of_traces, window, protocol)
    return _objectives(protocol, location, table, window)


def _of_two(protocol: Protocol, location: str, to: str, table: PairTable) -> Iterator[Objective]:
    check_names_of_two(list(table.features))
    return _objectives(protocol, location, table, window_of(protocol, table), to)


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


def _objectives(
    protocol: Protocol, location: str, table: AimTable, window: Window, to: str = ""
) -> Iterator[Objective]:
    check_recorded(protocol, table.variable, location, to)
    beside = {key: getattr(table, key) for key in ("weights", "floor", "n", "source")}
    for key, by_feature in beside.items():
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
        yield objective
