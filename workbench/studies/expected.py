"""expected.toml: numbers that a study has to reproduce, with their source and tolerance."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from workbench.engines import Integrator, Job
from workbench.errors import StudyError
from workbench.features import Window, check_names
from workbench.protocols import Protocol
from workbench.studies.files import at, find_study, read, study_names
from workbench.studies.study import Study, integrator_from
from workbench.studies.tables import IntegratorTable, MilliVolt, Table

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class NumberTable(Table):
    """One of `[[number]]`.

    `values` are compared one by one with what the feature gives; with `index` the first of them
    is compared with that value of the feature, counted from 0.
    """

    name: str
    source: str
    params: str | None = None
    protocol: str
    parameters: dict[str, float | str] = Field(default_factory=dict)
    recording: str = "soma.v"
    feature: str
    window_ms: Pair | None = None
    threshold_mV: MilliVolt = -20.0
    index: int | None = None
    values: Annotated[list[float], Field(min_length=1)]
    tolerance: float = 0.0
    relative: float = 0.0
    integrator: IntegratorTable | None = None
    celsius_degC: float | None = None


class ExpectedTable(Table):
    """expected.toml."""

    number: list[NumberTable]


@dataclass(frozen=True)
class Expected:
    """A number, or a short list of them, that a simulation must give.

    Attributes
    ----------
    values, tolerance
        Allowed are `values` ± `tolerance`, in the feature's unit.
    index
        Which of the feature's values is meant; None for all of them, in order.
    """

    name: str
    source: str
    job: Job
    recording: str
    feature: str
    window: Window
    values: tuple[float, ...]
    tolerance: tuple[float, ...]
    index: int | None


def reproducible() -> list[str]:
    """Return the names of the studies that say what they reproduce."""
    return [name for name in study_names() if (find_study(name) / "expected.toml").is_file()]


def load_expected(study: Study) -> tuple[Expected, ...]:
    """Return the numbers of a study's expected.toml, in the order of the file.

    Raises
    ------
    StudyError
        If there is no such file or it has mistakes.
    """
    path = study.folder / "expected.toml"
    table: ExpectedTable = read(path, ExpectedTable)
    return tuple(_expected(path, study, number) for number in table.number)


def _expected(path: Path, study: Study, table: NumberTable) -> Expected:
    with at(f"{path}: {table.name}"):
        check_names([table.feature])
        protocol = study.protocol(table.protocol).with_parameters(table.parameters)
        if table.recording not in [recording.name for recording in protocol.recordings]:
            raise StudyError(f"protocol {protocol.name} has no recording {table.recording!r}")
        begin_ms, end_ms = table.window_ms or (0.0, protocol.duration_ms)
        return Expected(
            table.name,
            table.source,
            _job(study, protocol, table),
            table.recording,
            table.feature,
            Window(begin_ms, end_ms, table.threshold_mV),
            tuple(table.values),
            tuple(table.tolerance + table.relative * abs(value) for value in table.values),
            table.index,
        )


def _job(study: Study, protocol: Protocol, table: NumberTable) -> Job:
    if table.celsius_degC is not None:
        study = study.with_celsius(table.celsius_degC)
    if table.params is not None:
        study = study.with_params(table.params)
    recipe = study.problem.recipe
    if table.params is not None:
        recipe = recipe.with_values(study.values(table.params))
    integrator: Integrator = study.problem.integrator
    if table.integrator is not None:
        integrator = integrator_from(table.integrator)
    return Job(recipe, protocol, integrator)
