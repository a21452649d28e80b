"""expected.toml: numbers that a study has to reproduce, with their source and tolerance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job
from workbench.errors import StudyError, unknown
from workbench.evaluations import Measure
from workbench.features import Window, check_names, check_settings, conduction_velocity
from workbench.inputs import parsing
from workbench.morphology import locate, parse_site
from workbench.protocols import Protocol, Recording
from workbench.resources import shipped
from workbench.studies.aims import Aim
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from
from workbench.studies.comparisons import Comparison, Term
from workbench.studies.expected_rows import ExpectedRow, RowTable, rows_from
from workbench.studies.files import at, read
from workbench.studies.reach import check_reach
from workbench.studies.study import Study, integrator_from
from workbench.studies.table import EFELSetting, MilliVolt, Pair, Table
from workbench.studies.tables import IntegratorTable
from workbench.units import ANY, LARGEST, amount

VELOCITY = conduction_velocity.__name__
Take = Annotated[int, Field(ge=0)] | Literal["mean"] | None


class ProbeTable(Table):
    """`recording` of a number, if the protocol records nothing there."""

    site: str
    """Such as `soma(0.5)` or `apical@620um`."""
    variable: str = "v"
    """NEURON's name of a range variable."""


class NumberTable(Table):
    """One of `[[number]]`: a `feature` or `what` with its `values`, or a table of `features`.

    `values` are compared one by one with what the feature gives. With `take` they are one value:
    the feature's value at that place, counted from 0, or the mean of all of them. `features` are
    numbers of their own, `<feature> = [value, tolerance]`, from one simulation and window.
    `at_least` in place of `values` is a lower bound; `any_of` lists values of which one has to be
    met, as where a cell has several stable patterns and the last digits decide on one. The feature
    `conduction_velocity` (m/s) is that from one site to the other of `between`.
    """

    name: str
    """What the number is, as the page of results calls it."""
    source: str
    """Paper, with its figure, table or page."""
    params: str | None = None
    """A parameter set of published.toml; the fixed values of cell.toml without one."""
    what: str | None = None
    """In place of protocol, recording and feature, in the words of `[[compare]]`:
    `"<protocol>.<recording>.<feature>"`, of two recordings
    `"<protocol>.<recording>.to.<recording>.<feature>"`, or `"A - B"` and `"A / B"` of the means of
    two of these."""
    variable: str = "v"
    """With `what`: which recording of this name."""
    protocol: str | None = None
    """A protocol of the study."""
    parameters: dict[str, float | str] = Field(default_factory=dict)
    """Values of the protocol's parameters; with `what`, of each protocol's."""
    recording: str | ProbeTable = "soma.v"
    """A recording of the protocol, or a table for a place that it does not record."""
    between: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    """For `conduction_velocity`: from which site the spike goes to which."""
    window_ms: Pair | None = None
    """Where the feature is measured; the whole run unless it is given."""
    threshold_mV: MilliVolt = -20.0
    """What crosses it upwards is a spike."""
    settings: dict[str, EFELSetting] = Field(default_factory=dict)
    """Other settings of eFEL, by its names."""
    feature: str | None = None
    """By eFEL's name or ours."""
    values: Annotated[list[float], Field(min_length=1)] | None = None
    """What it must be, value by value, in the feature's unit."""
    at_least: float | None = None
    """What it must reach."""
    any_of: Annotated[list[float], Field(min_length=2)] | None = None
    """Values of which it must meet one, where a cell has several stable patterns."""
    features: dict[str, Pair] = Field(default_factory=dict)
    """Several features of one simulation, each with `[value, tolerance]`."""
    take: Take = None
    """Which of the feature's values is meant, counted from 0, or their mean; all of them without
    it."""
    tolerance: float = Field(default=0.0, ge=0)
    """How far off it may be, in the feature's unit."""
    relative: float = Field(default=0.0, ge=0)
    """How much farther, as a fraction of the value."""
    integrator: IntegratorTable | None = None
    """How it is simulated, where it is not as the study says."""
    celsius_degC: float | None = None
    """Another temperature than the cell's."""
    segments: SegmentsTable | None = None
    """Other segments than the cell's."""


class ExpectedTable(Table):
    """expected.toml."""

    number: list[NumberTable] = Field(default_factory=list)
    """Numbers of the study, in the order of the page."""
    row: list[RowTable] = Field(default_factory=list)
    """Numbers of the experiment's table, in the order of the page."""


@dataclass(frozen=True)
class Route:
    """From a number's recording to another of the same simulation."""

    to: str
    distance_um: float


@dataclass(frozen=True, kw_only=True, repr=False)
class Expected(Aim):
    """A number, or a short list of them, that a simulation must give.

    Attributes
    ----------
    jobs
        What is simulated: one job, or one for each protocol of a comparison.
    measure
        What is measured of them.
    take
        Which of its values is meant, or their mean; None for all of them, in order.
    route
        Where the spike goes whose velocity is meant; None for all else.
    """

    jobs: tuple[Job, ...]
    measure: Measure
    take: Take
    route: Route | None = None

    @property
    def integrator(self) -> Integrator:
        """What integrates all of its jobs."""
        return self.jobs[0].integrator


def reproducible() -> list[str]:
    """Return the names of the studies and experiments that say what they reproduce."""
    roots = [Path("optimizations"), shipped("optimizations")]
    return sorted({path.parent.name for root in roots for path in root.glob("*/expected.toml")})


def load_expected(study: Study) -> tuple[Expected, ...]:
    """Return the numbers of a study's expected.toml, in the order of the file.

    Raises
    ------
    StudyError
        If there is no such file or it has mistakes.
    """
    path = study.folder / "expected.toml"
    numbers: list[Expected] = []
    with parsing(path, "a table of numbers", StudyError):
        for number in _table(path).number:
            with at(f"{path}: {number.name}"):
                numbers += _expected(study, number)
    return tuple(numbers)


def load_expected_rows(folder: Path) -> tuple[ExpectedRow, ...]:
    """Return the numbers of an experiment's table that an expected.toml holds.

    Raises
    ------
    StudyError
        If there is no such file or it has mistakes.
    """
    path = folder / "expected.toml"
    with parsing(path, "a table of numbers", StudyError):
        return tuple(rows_from(path, _table(path).row))


def _table(path: Path) -> ExpectedTable:
    table: ExpectedTable = read(path, ExpectedTable)
    if not table.number and not table.row:
        raise StudyError(f"{path}: it holds no number; give [[number]] or [[row]]")
    return table


def _expected(study: Study, table: NumberTable) -> Iterator[Expected]:
    named, route = list(_named(table)), None
    if table.what is not None:
        jobs, measure = _compared(study, table, table.what)
        measures = [measure]
    else:
        job, route, measures = _of_recording(study, table, [one.feature for one in named])
        jobs = (job,)
    for (name, feature, values, tolerance), measure in zip(named, measures, strict=True):
        amount("tolerance", tolerance, (0.0, LARGEST))
        values = tuple(amount(feature, value, ANY) for value in values)
        allowed = tuple(tolerance + table.relative * abs(value) for value in values)
        yield Expected(
            name=name,
            source=table.source,
            values=values,
            tolerance=allowed,
            at_least=table.at_least is not None,
            any_of=table.any_of is not None,
            jobs=jobs,
            measure=measure,
            take=table.take,
            route=route,
        )


def _of_recording(
    study: Study, table: NumberTable, features: list[str]
) -> tuple[Job, Route | None, list[Measure]]:
    """Return the simulation of a table with a protocol, and what is measured of a recording."""
    if table.protocol is None:
        raise StudyError("protocol: this key is missing")
    if "variable" in table.model_fields_set:
        raise StudyError("variable: only with what; recording names it here")
    check_names([name for name in features if name != VELOCITY])
    check_settings(table.settings)
    protocol = study.protocol(table.protocol).with_parameters(table.parameters)
    job = _job(study, protocol, table)
    route = None
    if table.between is None:
        job, recording = _recorded(job, table.recording)
    else:
        near, far = (ProbeTable(site=site) for site in table.between)
        job, recording = _recorded(job, near)
        job, to = _recorded(job, far, "far")
        route = Route(to, _distance_um(job.recipe, *table.between))
    window = _window(protocol, table)
    check_reach(features, window, protocol)
    location, _, variable = recording.rpartition(".")
    return (
        job,
        route,
        [Measure(protocol.name, location, one, window, variable) for one in features],
    )


def _compared(study: Study, table: NumberTable, what: str) -> tuple[tuple[Job, ...], Measure]:
    """Return the simulations of a table with `what`, one for each protocol, and the measure."""
    own = ("protocol", "recording", "between", "take")
    if vain := [key for key in own if key in table.model_fields_set]:
        raise StudyError(f"what names protocols and recordings, and takes no {', '.join(vain)}")
    asked = Comparison.read(what)
    if asked is None or asked.sign:
        raise StudyError(
            f"what is {what!r}; write a feature, 'A - B' or 'A / B', with blanks between. A "
            "relation, 'A > B', is 'A - B' with at_least = 0"
        )
    jobs, measures = {}, []
    for term in map(Term.read, asked.terms):
        protocol = study.protocol(term.protocol).with_parameters(table.parameters)
        jobs[protocol.name] = _job(study, protocol, table)
        measures.append(term.measure(protocol, _window(protocol, table), table.variable))
    return tuple(jobs.values()), asked.of(*measures)


def _window(protocol: Protocol, table: NumberTable) -> Window:
    begin_ms, end_ms = table.window_ms or (0.0, protocol.duration_ms)
    window = Window(begin_ms, end_ms, table.threshold_mV, table.settings)
    window.check_end(protocol.duration_ms)
    return window


class _Number(NamedTuple):
    name: str
    feature: str
    values: tuple[float, ...]
    tolerance: float


def _named(table: NumberTable) -> Iterator[_Number]:
    """Yield each number of a table."""
    if sum(map(bool, (table.what, table.feature, table.features))) != 1:
        raise StudyError("give a feature or what with its values, or a table of features")
    if (table.feature == VELOCITY) != (table.between is not None):
        raise StudyError(f"the feature {VELOCITY} and the two sites in between go together")
    if table.features:
        given = (table.values, table.at_least, table.any_of, table.tolerance or None)
        if any(one is not None for one in given):
            raise StudyError(
                "values, at_least and tolerance, or any_of, belong to a feature; in a table of "
                "features each has its own, <feature> = [value, tolerance]"
            )
        for feature, (value, tolerance) in table.features.items():
            yield _Number(f"{table.name}: {feature}", feature, (value,), tolerance)
        return
    if sum(given is not None for given in (table.values, table.at_least, table.any_of)) != 1:
        raise StudyError(
            "give either the values of the feature or at_least, what they must reach, or any_of, "
            "values of which it must meet one"
        )
    values = tuple(table.values or table.any_of or ())
    if table.at_least is not None:
        values = (table.at_least,)
    if table.take is not None and len(values) > 1 and table.any_of is None:
        raise StudyError(f"take is one value, but there are {len(values)} values")
    yield _Number(table.name, table.feature or table.what or "", values, table.tolerance)


def _recorded(job: Job, recording: str | ProbeTable, name: str = "probe") -> tuple[Job, str]:
    """Return the job with the recording, and the recording's name."""
    if isinstance(recording, str):
        names = [known.name for known in job.protocol.recordings]
        if recording not in names:
            raise StudyError(
                f"protocol {job.protocol.name} has no such recording: "
                f"{unknown('recording', recording, names)}; or give a site and a variable"
            )
        return job, recording
    site = parse_site(recording.site)
    locate(site, job.recipe.morphology)
    probe = Recording(name, site, recording.variable)
    protocol = replace(job.protocol, recordings=(*job.protocol.recordings, probe))
    return replace(job, protocol=protocol), probe.name


def _distance_um(recipe: CellRecipe, near: str, far: str) -> float:
    """Return how far the centres of the segments are apart in which two sites lie, in um."""
    centres = []
    for site in (near, far):
        section, x = locate(parse_site(site), recipe.morphology)
        count = recipe.segment_counts[section]
        centres.append((section, (min(int(x * count), count - 1) + 0.5) / count))
    (section, x), origin = centres
    return float(recipe.morphology.path_distance_um(section, x, origin))


def _job(study: Study, protocol: Protocol, table: NumberTable) -> Job:
    if table.celsius_degC is not None:
        study = study.with_celsius(table.celsius_degC)
    if table.params is not None:
        study = study.with_params(table.params)
    if table.segments is not None:
        study = study.with_segments(segments_from(table.segments))
    if study.morphologies:
        raise StudyError(f"{study.name} has several morphologies, and a number is of one")
    recipe = study.problem.recipe
    if table.params is not None:
        recipe = recipe.with_values(study.values(table.params))
    integrator: Integrator = study.problem.integrator
    if table.integrator is not None:
        integrator = integrator_from(table.integrator)
    return Job(recipe, replace(protocol, maps=()), integrator)
