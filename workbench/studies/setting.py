"""How finely a study is simulated: segments, integrator, and the file of a calibration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from workbench.cells import ByRegion, DLambda, MaximalLength, SegmentRule
from workbench.digests import foreign
from workbench.engines import Integrator
from workbench.errors import StudyError
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from
from workbench.studies.files import at, read
from workbench.studies.study import Study, integrator_from
from workbench.studies.table import Table
from workbench.studies.tables import IntegratorTable

CALIBRATION = "calibration.toml"
"""The file beside study.toml that a calibration writes."""


@dataclass(frozen=True)
class Setting:
    """What decides the accuracy and the cost of a simulation, the model being given."""

    segments: SegmentRule
    integrator: Integrator
    own_integrators: tuple[tuple[str, Integrator], ...] = ()
    """Of single protocols, by name."""

    def __str__(self) -> str:
        own = [f"{name}: {integrator}" for name, integrator in self.own_integrators]
        return "; ".join([str(self.segments), str(self.integrator), *own])

    def apply(self, study: Study) -> Study:
        """Return the study simulated so."""
        study = study.with_segments(self.segments)
        return study.with_integrator(self.integrator, self.own_integrators)

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the setting as the tables `segments`, `integrator` and `integrators` of TOML."""
        own = {name: _integrator(integrator) for name, integrator in self.own_integrators}
        return {
            "segments": segments_table(self.segments),
            "integrator": _integrator(self.integrator),
            **({"integrators": own} if own else {}),
        }


def exact(study: Study) -> Setting:
    """Return a study's setting with nothing approximated that its features would show.

    Segments of 10 um, of 2 um in soma and axon, where spikes begin, unless the study keeps its own;
    steps of 0.0025 mV where the population engine is to take them, else CVODE at 1e-5. On ten
    individuals of `l5pc_quick` steps of 0.001 instead of 0.005 mV change 95 % of the values by less
    than 0.02 SD, and segments of twice the length by less than 0.13.
    """
    problem = study.problem
    own = problem.recipe.segments
    if problem.integrator.engine == "population":
        steps = replace(problem.integrator, step_error_mV=0.0025, steps_per_ms=5000)
    else:
        native = problem.integrator.native
        steps = Integrator(native=native, atol=1e-5, steps_per_ms=5000)
    return Setting(own if study.fit.keep_segments else fine(10.0), steps)


def fine(dendrites_um: float) -> ByRegion:
    """Return segments of a length, and a fifth of it in soma and axon, where spikes begin."""
    spikes = MaximalLength(dendrites_um / 5)
    return ByRegion(MaximalLength(dendrites_um), (("somatic", spikes), ("axonal", spikes)))


def setting_of(study: Study) -> Setting:
    """Return how the study itself wants to be simulated."""
    problem = study.problem
    return Setting(problem.recipe.segments, problem.integrator, problem.own_integrators)


class CalibrationTable(Table):
    """calibration.toml: the setting that was chosen, and what it was measured to be worth."""

    digest_version: int = 1
    """By which rule `problem` was made; that of another one cannot be compared."""
    problem: str
    """Digest of what was calibrated; another one is refused."""
    budget_SD: float
    """How far 95 % of the feature values may be from the converged ones, in SD of the targets."""
    segments: SegmentsTable
    """The segments that were chosen."""
    integrator: IntegratorTable
    """The integrator that was chosen."""
    integrators: dict[str, IntegratorTable] = Field(default_factory=dict)
    """Those of single protocols, by name."""
    chosen: dict[str, float] = Field(default_factory=dict)
    """What the setting was measured to be worth on the sample."""
    check: dict[str, float] = Field(default_factory=dict)
    """What it was worth on individuals that had no part in choosing it."""
    measured: list[dict[str, Any]] = Field(default_factory=list)
    """Every setting that was tried, with segments, processor time in s and distances."""

    def __str__(self) -> str:
        """Say in a sentence what was measured."""
        said = [
            f"{name} 95 % of the feature values are within {numbers['quantile95_SD']:.2g} SD of "
            f"the converged ones"
            for name, numbers in (("on the sample", self.chosen), ("on others", self.check))
            if "quantile95_SD" in numbers
        ]
        return f"budget {self.budget_SD:g} SD; {'; '.join(said)}"


def calibrated(study: Study, path: Path | None = None) -> tuple[Setting, CalibrationTable] | None:
    """Return the setting of the study's calibration.toml, and all that it says, if there is one.

    Raises
    ------
    StudyError
        If the study was changed since it was calibrated, or nothing tells whether it was.
    """
    path = path or study.folder / CALIBRATION
    if not path.exists():
        return None
    table: CalibrationTable = read(path, CalibrationTable)
    again = f"Run `workbench calibrate {study.folder}` again, or delete the file"
    if why := foreign(table.digest_version):
        raise StudyError(f"{path} cannot be used: {why}. {again}")
    if table.problem != study.problem.digest:
        raise StudyError(
            f"{path} belongs to another state of the study {study.name!r}: its cell, protocols, "
            f"targets or parameters have changed. {again}"
        )
    with at(str(path)):
        return _setting(table.segments, table.integrator, table.integrators), table


def setting_from(tables: Mapping[str, Any]) -> Setting:
    """Return the setting that `Setting.tables` wrote."""
    own = {name: IntegratorTable(**one) for name, one in tables.get("integrators", {}).items()}
    segments = SegmentsTable(**tables["segments"])
    return _setting(segments, IntegratorTable(**tables["integrator"]), own)


def _setting(
    segments: SegmentsTable, integrator: IntegratorTable, own: Mapping[str, IntegratorTable]
) -> Setting:
    singles = tuple((name, integrator_from(one)) for name, one in own.items())
    return Setting(segments_from(segments), integrator_from(integrator), singles)


def segments_table(rule: SegmentRule) -> dict[str, Any]:
    """Return the table that `segments_from` reads as this rule."""
    if isinstance(rule, ByRegion):
        others = {region: segments_table(own) for region, own in rule.regions}
        return segments_table(rule.rule) | others
    if isinstance(rule, MaximalLength):
        return {"max_length_um": rule.length_um} | ({} if rule.odd else {"odd": False})
    assert isinstance(rule, DLambda)
    return {"d_lambda": rule.fraction, "frequency_Hz": rule.frequency_Hz}


def _integrator(integrator: Integrator) -> dict[str, Any]:
    table: dict[str, Any] = {"engine": integrator.engine, "native": integrator.native}
    if integrator.precision != Integrator.precision:
        table["precision"] = integrator.precision
    if integrator.steps_per_ms != Integrator.steps_per_ms:
        table["steps_per_ms"] = integrator.steps_per_ms
    if integrator.atol is not None:
        return table | {"cvode_atol": integrator.atol}
    if integrator.step_error_mV is not None:
        return table | {"step_error_mV": integrator.step_error_mV}
    return table | {"dt_ms": integrator.dt_ms, "order": integrator.order}
