"""The TOML tables of a study, as they may be written. Unknown keys are refused."""

import inspect
from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Annotated, Any, Literal, Union

from pydantic import Field, create_model

from workbench.engines import EngineName, Precision
from workbench.protocols import EVENTS, STIMULI, WORDS, Amount, Events, Map, Stimulus
from workbench.studies.penalty_tables import BlockTable, PenaltiesTable
from workbench.studies.sought_tables import ParameterTable
from workbench.studies.table import EFELSetting, MilliVolt, Ms, Pair, Table, amount_in
from workbench.units import unit_of

_MAP = """one number a segment for each word, of a variable in a region.

Whole traces are looked at where they are made, and not kept. `width_at_half_ms` is the time from
the first crossing upwards of half the peak above the first value to the last one downwards;
`integral` is the area above the first value."""


def _any_of(kinds: Iterable[type[Stimulus | Events]], key: str, what: str) -> Any:
    """Return the type of a table of any of some kinds, known by its `type`."""
    tables = [_table_of(kind, key, what) for kind in kinds]
    return Annotated[Union[tuple(tables)], Field(discriminator="type")]  # noqa: UP007


def _table_of(kind: type[Stimulus | Events], key: str, what: str) -> type[Table]:
    """Return the table of a kind: the fields of its value, and its `type`."""
    about = inspect.cleandoc(kind.__doc__ or "")
    keys: dict[str, Any] = {"type": (Literal[kind.kind], Field(description=f"Which {what}."))}
    for entry in fields(kind):
        amount = entry.type in (Amount, Amount | None)
        read: Any = entry.metadata.get("read", entry.type if amount else str)
        if amount and (unit := unit_of(entry.name)):
            read = Annotated[read, amount_in(unit)]
        default = ... if entry.default is MISSING else entry.default
        keys[entry.name] = (read, Field(default, description=entry.metadata["meaning"]))
    return create_model(
        f"{kind.__name__}Table",
        __base__=Table,
        __module__=__name__,
        __doc__=f"One of `{key}`: {about[:1].lower()}{about[1:]}",
        **keys,
    )


StimulusTable: Any = _any_of(STIMULI, "stimuli", "stimulus")
EventsTable: Any = _any_of(EVENTS, "events", "events")


class RecordingTable(Table):
    """One of `recordings`, if it is more than a site."""

    site: str
    """Such as `soma(0.5)` or `apical@620um`; or a placed point process, `syn`, or `syn[3]` where it
    has several points."""
    variable: str | list[str] = "v"
    """NEURON's name of a range variable, or several: `v`, `cai`, `ina`; of a placed point process,
    a RANGE variable of its own: `g`, `i`."""


def _map_table() -> type[Table]:
    """Return the table of a map: the fields of its value."""
    read = {"keep": list[Literal[tuple(WORDS)]], "window_ms": Pair | None}  # type: ignore[misc]
    keys: dict[str, Any] = {
        one.name: (
            read.get(one.name, one.type),
            Field(
                list(one.default) if isinstance(one.default, tuple) else one.default,
                description=one.metadata["meaning"],
            ),
        )
        for one in fields(Map)
    }
    return create_model(
        "MapTable", __base__=Table, __module__=__name__, __doc__=f"One of `map`: {_MAP}", **keys
    )


MapTable: Any = _map_table()


class ProtocolTable(Table):
    """One table of protocols.toml."""

    duration_ms: Ms
    """How long a run lasts."""
    stimuli: list[StimulusTable] = Field(default=[])
    """What is done to the cell."""
    events: list[EventsTable] = Field(default=[])
    """What drives the cell's placed point processes."""
    map: MapTable | list[MapTable] | None = None
    """What is kept of every segment of a region; several in a list, each with a name of its own."""
    recordings: dict[str, str | RecordingTable]
    """By a name of your own, a site, or a table. `soma = "soma(0.5)"` records `soma.v`."""
    parameters: dict[str, ParameterTable] = Field(default={})
    """Names that stimuli and events use in place of numbers or sites, with the values that they
    have unless told otherwise. A current may be one that is found on the cell: a table."""
    v_init_mV: Annotated[float | str, amount_in("mV")] | None = None
    """The voltage at which the run begins, where it is not that of the cell."""
    celsius_degC: Annotated[float | str, amount_in("degC")] | None = None
    """The temperature of the run, where it is not that of the cell."""


class AimTable(Table):
    """What targets have in common, of one recording and of two."""

    features: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    """By name: mean and standard deviation, in the feature's unit."""
    weights: dict[str, float] = Field(default={})
    """By feature: what its distance in SD is multiplied with to give its score; 1 unless given."""
    floor: dict[str, Annotated[float, Field(gt=0)]] = Field(default={})
    """By feature: the least standard deviation with which it is scored; a smaller one of `features`
    is what the recordings had."""
    n: dict[str, Annotated[int, Field(ge=1)]] = Field(default={})
    """By feature: of how many values mean and standard deviation are."""
    values: dict[str, Annotated[list[float], Field(min_length=1)]] = Field(default={})
    """By feature: these values, of which the intervals of its mean and score are."""
    source: dict[str, str | list[str]] = Field(default={})
    """By feature: where they come from, such as the sweeps."""
    window_ms: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """Where features are measured; the window of the first stimulus unless it is given."""
    threshold_mV: MilliVolt = -20.0
    """What crosses it upwards is a spike."""
    variable: str = "v"
    """Which recording of this name: `soma.v` is `v`."""
    held_out: bool | list[str] = False
    """`true`: nothing of this table is seen by a search, all is scored when a fit has ended; or the
    features of which that is so."""


class PairTable(AimTable):
    """Two recordings of one protocol in targets.toml."""

    features: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    """By its name, a feature of two recordings: mean and standard deviation, in its unit."""


class TraceTable(Table):
    """A recorded voltage that the simulated one is to follow.

    The score is the root mean square of (simulated - recorded) / `sd_mV` over the samples of the
    recording in the window, its ends included; the simulated voltage is interpolated linearly at
    their times. With `cut_spikes` samples around spikes do not count: those from `spike_before_ms`
    before to `spike_after_ms` after each upward crossing of `spike_threshold_mV`, by either
    voltage, within the window or not.
    """

    file: str
    """A CSV file beside this one. Its first line names columns such as `time_ms` and `v_mV`, with
    their units; time 0 is the begin of the run. Others may stand beside them."""
    window_ms: Pair
    """Where the voltages are compared; the recording reaches over all of it."""
    sd_mV: MilliVolt
    """Standard deviation of the recording's noise, in which the distance is told."""
    weight: float = 1.0
    """What the distance in SD is multiplied with to give the score."""
    cut_spikes: bool = False
    """Whether samples around spikes do not count."""
    spike_threshold_mV: MilliVolt = -20.0
    """With `cut_spikes`: what crosses it upwards is a spike."""
    spike_before_ms: Ms = 2.0
    """With `cut_spikes`: what is cut out before the crossing."""
    spike_after_ms: Ms = 5.0
    """With `cut_spikes`: what is cut out after the crossing."""
    held_out: bool = False
    """Whether no search sees it: it is scored when a fit has ended."""


class SpikesTable(Table):
    """Recorded spikes with which the simulated ones are to coincide, in a window.

    `coincidence` is the factor of Kistler, Gerstner and van Hemmen (1997), 1 for equal trains and 0
    for one that meets spikes by chance; `explained_variance` that of Teeter et al. (2018), of the
    trains convolved with a Gaussian. Both have a mean, 1 for a cell that does the same each time,
    and a standard deviation.
    """

    file: str
    """A CSV file beside this one, as of `trace`."""
    window_ms: Pair
    """Where spikes count; the recording reaches over all of it."""
    coincidence: Pair | None = None
    """Mean and standard deviation of the coincidence factor."""
    explained_variance: Pair | None = None
    """Mean and standard deviation of the explained variance."""
    within_ms: Ms = 4.0
    """How far two spikes may be apart that coincide."""
    sigma_ms: Ms = 10.0
    """Standard deviation of the Gaussian of the explained variance."""
    threshold_mV: MilliVolt = -20.0
    """What crosses it upwards is a spike, of either voltage."""
    weight: float = 1.0
    """What their distance in SD is multiplied with to give the score."""
    held_out: bool = False
    """Whether no search sees it: it is scored when a fit has ended."""


class TargetTable(AimTable):
    """One recording of one protocol in targets.toml."""

    features: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]] = Field(
        default={}
    )
    """By eFEL's name or ours: mean and standard deviation, in the feature's unit."""
    settings: dict[str, EFELSetting] = Field(default={})
    """Other settings of eFEL, by its names."""
    to: dict[str, PairTable] = Field(default={})
    """Features of this recording and another one of the protocol, by the other's name."""
    trace: TraceTable | None = None
    """A recorded voltage that this recording, of `v`, is to follow."""
    spikes: SpikesTable | None = None
    """Recorded spikes with which those of this recording, of `v`, are to coincide."""
    penalties: PenaltiesTable | None = None
    """What this recording, of `v`, may not do."""
    block: BlockTable | None = None
    """Alone in a table: this recording, of `v`, shows a depolarisation block."""


class CompareTable(Table):
    """One of `[[compare]]` in targets.toml: features beside one another, or a bound.

    A feature is written `<protocol>.<recording>.<feature>`, or with `.to.<recording>` before it if
    it is of two recordings. It is measured as the table of its recording, or pair, says. Of several
    values the mean is compared; against a number each counts.
    """

    what: str
    """`"A - B"` or `"A / B"`, which `target` is of; or a relation: `"A < B"`, `"A > B"`,
    `"A < 5"`, `"A - B < 5"`."""
    target: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """Mean and standard deviation of the difference or ratio."""
    sd: float | None = None
    """Of a relation: by how much it is missed where its score is 1; 0 where it is met."""
    weight: float = 1.0
    """What its distance in SD is multiplied with to give its score."""
    held_out: bool = False
    """Whether no search sees it: it is scored when a fit has ended."""


class IntegratorTable(Table):
    """`[integrator]` of study.toml."""

    engine: EngineName = "neuron"
    """Who simulates. CoreNEURON takes a fixed step only."""
    dt_ms: Ms | None = None
    """A fixed step. One of `dt_ms`, `cvode_atol` and `step_error_mV` is given; CVODE at 1e-3 if
    none is."""
    order: Literal[1, 2] = 1
    """Of a fixed step: 1 is backward Euler, 2 Crank-Nicolson, for steps up to 0.05 ms."""
    cvode_atol: float | None = None
    """CVODE's absolute tolerance."""
    step_error_mV: MilliVolt | None = None
    """Adaptive steps with this local error; 0.02 mV is right for most cells."""
    steps_per_ms: int = Field(default=200, ge=1)
    """Budget of a variable step, on average over the run; beyond it an individual has failed."""
    native: bool = False
    """Mechanisms are compiled for this processor: quicker, with other last digits."""
    precision: Precision = "double"
    """Of the population engine. `single` takes half the time; features stay within what spikes make
    of rounding."""


LARGEST_POPULATION = 1_000_000
"""Of which a search keeps some hundred MB; nobody has simulated a generation of it yet."""

MOST_GENERATIONS = 10_000_000
LONGEST_LIMIT_s = 1e7
"""Some 116 days, more than any scheduler gives a job."""


class FitTable(Table):
    """`[fit]` of study.toml: what `workbench fit` does unless told otherwise.

    A worker that takes longer than `limit_s` seconds on one individual is taken for hung: it is
    replaced and the individual run again. An individual that ends three workers counts as failed.
    """

    algorithm: str = "ibea"
    """The search: `gp`, `ibea`, `nsga2`, `truncation`, `cma`, `mo-cma`, `screened`, `random`,
    `steady-ibea`."""
    population: int = Field(default=100, ge=1, le=LARGEST_POPULATION)
    """Individuals of a generation."""
    generations: int = Field(default=100, ge=1, le=MOST_GENERATIONS)
    """How many generations."""
    seed: int = Field(default=1, ge=0, lt=2**32)
    """Of the random numbers."""
    racing: bool = False
    """Of several morphologies: an individual that cannot survive any more is not run on the rest.
    For `truncation`, which goes the same way with it."""
    options: dict[str, float] = Field(default={})
    """Of the algorithm, by name."""
    limit_s: float = Field(default=1800.0, gt=0, le=LONGEST_LIMIT_s)
    """How long a worker may take for an individual before it is taken for hung."""
    keep_segments: bool = False
    """Whether the segments are the model, such as the compartments of a paper. The check before a
    fit and `workbench calibrate` leave them as they are then."""


class ScoreTable(Table):
    """`[score]` of study.toml."""

    missing: float = 250.0
    """Score of a feature that has no value."""
    cap: float | Literal["none"] = 250.0
    """Largest score of a feature that has values; `"none"` for no limit."""
    failed: float = 500.0
    """Score of every feature where the simulation failed."""
    morphologies: Literal["mean", "worst"] = "mean"
    """What the scores on several morphologies become: their mean, or those on the morphology where
    their sum is largest."""


class FreeTable(Table):
    """`[parameters]` of study.toml: fewer free parameters than the cell has."""

    free: list[str]
    """The parameters that are free, as `<parameter>.<region>`."""
    others: str
    """The parameter set of published.toml from which all others have their values."""


class VariantTable(Table):
    """One of `[protocols]` in study.toml: a protocol of protocols.toml with other parameters."""

    like: str
    """A protocol of protocols.toml."""
    parameters: dict[str, ParameterTable]
    """What differs from it."""


class StageTable(Table):
    """One of `[[stage]]` in study.toml: a part of the fit.

    A stage begins with the best individuals of the one before. What it does not free keeps the
    value of the best of these, or that of `others` where no stage has varied it.
    """

    name: str = Field(min_length=1)
    """Of the stage."""
    free: list[str] = Field(default=["*"])
    """The parameters that it varies, as `<parameter>.<region>`; `*` stands for anything."""
    targets: list[str] = Field(default=["*"])
    """The features that count, as `<protocol>.<recording>.<feature>`; `*` stands for anything. Only
    their protocols are simulated."""
    search: str | None = None
    """A search that goes by generations, or `least-squares`; default that of `[fit]`."""
    population: int | None = Field(default=None, ge=1, le=LARGEST_POPULATION)
    """Individuals of a generation; default that of `[fit]`. `least-squares` has one, and two for
    each parameter."""
    generations: int | None = Field(default=None, ge=1, le=MOST_GENERATIONS)
    """How many; default those of `[fit]`. Of `least-squares` the most steps, default 50."""
    options: dict[str, float] = Field(default={})
    """Of the search, by name."""
    seeds: int = Field(default=1, ge=1, le=1000)
    """How many times the search is run, each time with the next seed; of `least-squares`, from how
    many rows it walks."""
    begin: int = Field(default=1, ge=1, le=1000)
    """With how many of the best of the stage before it begins."""
    others: str | None = None
    """The parameter set of published.toml that has what no stage has varied yet; default that of
    the stage before."""


class StudyTable(Table):
    """study.toml."""

    title: str
    """What the study is, in a line."""
    description: str = ""
    """The same in more words."""
    source: str = ""
    """The paper or the program that it comes from."""
    schema_version: Literal[1] = 1
    """Of these files."""
    base: str | None = None
    """Another study, a neighbouring folder or one that ships, whose files stand in for those that
    this one lacks."""
    integrator: IntegratorTable | None = None
    """How cells are simulated. Without it that is CVODE at 1e-3, but `workbench fit` begins with a
    check that finds a quicker way, exact enough."""
    fit: FitTable = FitTable()
    """How the search is run."""
    stage: list[StageTable] = Field(default=[])
    """The stages of the fit, one after the other; without any it is done at once."""
    score: ScoreTable = ScoreTable()
    """How features become scores."""
    parameters: FreeTable | None = None
    """Fewer free parameters than the cell has."""
    protocols: dict[str, VariantTable] = Field(default={})
    """Further protocols, by name."""


class PublishedTable(Table):
    """One named parameter set of published.toml.

    A set whose channels lie elsewhere than those of cell.toml names a `cell` file of its own,
    in which nothing is free.
    """

    source: str
    """Where the values stand."""
    cell: str | None = None
    """A cell file of the set's own, in which nothing is free."""
    values: dict[str, dict[str, float]] = Field(default={})
    """By region and parameter, a number for each that is free; GLOBALs under `global`."""
