"""The TOML tables of a study, as they may be written. Unknown keys are refused."""

import inspect
from dataclasses import MISSING, fields
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from workbench.cells import Place
from workbench.errors import InputError
from workbench.morphology import Kind, SomaModel
from workbench.protocols import STIMULI, Amount, Stimulus
from workbench.units import LIMITS, quantity, unit_of


def _in(unit: str) -> BeforeValidator:
    def convert(given: Any) -> Any:
        if not isinstance(given, str | int | float):
            return given
        try:
            return quantity(given, unit)
        except InputError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(convert)


def _amount_in(unit: str) -> BeforeValidator:
    """Let a text that is no quantity through: it names a parameter of the protocol."""

    def convert(given: Any) -> Any:
        if isinstance(given, str) and given.isidentifier():
            return given
        return _in(unit).func(given)  # type: ignore[call-arg]

    return BeforeValidator(convert)


LONGEST_um = LIMITS["um"][1]
Ms = Annotated[float, _in("ms")]
MilliVolt = Annotated[float, _in("mV")]
MicroMeter = Annotated[float, _in("um")]
DegC = Annotated[float, _in("degC")]


EFELSetting = Annotated[
    float | str, BeforeValidator(lambda given: float(given) if isinstance(given, bool) else given)
]


class Table(BaseModel):
    """A table of a study's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class RuleTable(Table):
    """`max_length_um`, or `d_lambda` with `frequency_Hz`."""

    max_length_um: MicroMeter | None = None
    """No segment is longer; every section has an odd number of them."""
    d_lambda: float | None = None
    """No segment is longer than this fraction of the space constant (Hines & Carnevale 2001)."""
    frequency_Hz: float = 100.0
    """At which `d_lambda` takes the space constant."""


class SegmentsTable(RuleTable):
    """A rule, and other rules for some regions."""

    somatic: RuleTable | None = None
    """Another rule for the soma."""
    axonal: RuleTable | None = None
    """Another rule for the axon."""
    basal: RuleTable | None = None
    """Another rule for basal dendrites."""
    apical: RuleTable | None = None
    """Another rule for apical dendrites."""


class ConditionsTable(Table):
    """`[conditions]` of cell.toml."""

    celsius_degC: DegC
    """The temperature."""
    v_init_mV: MilliVolt
    """The voltage at which every run begins."""
    segments: SegmentsTable = SegmentsTable(max_length_um=40.0)
    """Into how many segments a section is cut."""


class StubTable(Table):
    """Two equal cylinders in place of the axon, with diameters other than the axon's own."""

    length_um: Annotated[MicroMeter, Field(gt=0, le=LONGEST_um)] = 60.0
    """Of both cylinders together."""
    diameters_um: Annotated[
        list[Annotated[float, Field(gt=0, le=LONGEST_um)]], Field(min_length=2, max_length=2)
    ]
    """Of the first and of the second cylinder."""
    soma_x: float = Field(default=1.0, ge=0, le=1)
    """Where on the soma the stub is attached."""


class MorphologyTable(Table):
    """`[morphology]` of cell.toml: a `name` of the catalogue or a `file`."""

    name: str | None = None
    """A cell of the catalogue, or a generated one that ships; `workbench morphology list` has
    them."""
    file: str | None = None
    """A file beside the study: .swc, .asc, .h5, .hoc, or .toml with a table of cylinders."""
    soma: SomaModel = "neuron"
    """`neuron`: as NEURON's Import3d reads it. `sphere`, `cylinder`: one cylinder as long as wide,
    with the area of NeuroM's soma or of NEURON's reading."""
    unit: str = "um"
    """Of the lengths in the file: `"um"`, `"nm"`, `"mm"`, or a multiple such as `"8 nm"`."""
    kinds: dict[str, Kind] = {}
    """What kinds 0 and above 4 of an SWC file are, or sections of a hoc file with names of their
    own: a region, or `"parent"`."""
    axon: Literal["stub", "keep", "remove"] | StubTable = "keep"
    """`stub`: two cylinders of 30 um in its place, as BluePyOpt makes them; a table gives them
    other sizes."""


class MechanismsTable(Table):
    """`[mechanisms]` of cell.toml: folders of .mod files, and what is inserted where."""

    folders: list[str] = []
    """Folders of .mod files: beside the study, or the name of a set that ships."""
    insert: dict[str, list[str]]
    """By region, `all` too: the suffixes of the mechanisms that its sections carry."""


class PaintTable(Table):
    """A parameter with more than a number or a pair of bounds."""

    value: float | None = None
    """The parameter is fixed."""
    bounds: list[float] | None = None
    """The parameter is free between these two."""
    scale: Literal["linear", "log"] = "linear"
    """How the search sees the bounds."""
    distribution: str | None = None
    """Which of `[distributions]` spreads the value over the region."""


class DistributionTable(Table):
    """A distribution with more than an expression."""

    expression: str | None = None
    """Of `value`, `distance_um` (the path from soma(0.5)) and `max_distance_um` (that to the
    farthest end in the region), with exp, log, sqrt, abs, minimum and maximum."""
    at: Place = "centre"
    """Which point of a segment counts. `last segment's end` and `section's end` are those of
    published models."""
    factors: dict[str, float] | None = None
    """In place of an expression: by section name, what `value` is multiplied with."""


class CellTable(Table):
    """cell.toml."""

    conditions: ConditionsTable
    """Temperature, starting voltage, segments."""
    morphology: MorphologyTable
    """The shape."""
    mechanisms: MechanismsTable
    """The channels, and where they are."""
    distributions: dict[str, str | DistributionTable] = {}
    """By name, how values vary over the tree: an expression, or a table."""
    parameters: dict[str, dict[str, float | list[float] | PaintTable]]
    """By region and by NEURON's name of the parameter: a number is fixed, a pair `[low, high]` is
    free. Later regions win over earlier ones."""


def _stimulus_table(kind: type[Stimulus]) -> type[Table]:
    """Return the table of a kind of stimulus: the fields of its value, and its `type`."""
    about = inspect.cleandoc(kind.__doc__ or "")
    keys: dict[str, Any] = {"type": (Literal[kind.kind], Field(description="Which stimulus."))}
    for entry in fields(kind):
        read: Any = Amount if entry.type == Amount else str
        if unit := unit_of(entry.name):
            read = Annotated[read, _amount_in(unit)]
        default = ... if entry.default is MISSING else entry.default
        keys[entry.name] = (read, Field(default, description=entry.metadata["meaning"]))
    return create_model(
        f"{kind.__name__}Table",
        __base__=Table,
        __module__=__name__,
        __doc__=f"One of `stimuli`: {about[:1].lower()}{about[1:]}",
        **keys,
    )


StimulusTable: Any = Annotated[
    Union[tuple(map(_stimulus_table, STIMULI))],  # noqa: UP007
    Field(discriminator="type"),
]


class RecordingTable(Table):
    """One of `recordings`, if it is more than a site."""

    site: str
    """Such as `soma(0.5)` or `apical@620um`."""
    variable: str | list[str] = "v"
    """NEURON's name of a range variable, or several: `v`, `cai`, `ina`."""


class ProtocolTable(Table):
    """One table of protocols.toml."""

    duration_ms: Ms
    """How long a run lasts."""
    stimuli: list[StimulusTable] = []
    """What is done to the cell."""
    recordings: dict[str, str | RecordingTable]
    """By a name of your own, a site, or a table. `soma = "soma(0.5)"` records `soma.v`."""
    parameters: dict[str, float | str] = {}
    """Names that stimuli use in place of numbers or sites, with the values that they have unless
    told otherwise."""
    v_init_mV: Annotated[float | str, _amount_in("mV")] | None = None
    """The voltage at which the run begins, where it is not that of the cell."""


class TargetTable(Table):
    """One recording of one protocol in targets.toml."""

    features: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    """By eFEL's name or ours: mean and standard deviation, in the feature's unit."""
    window_ms: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """Where features are measured; the window of the first stimulus unless it is given."""
    threshold_mV: MilliVolt = -20.0
    """What crosses it upwards is a spike."""
    variable: str = "v"
    """Which recording of this name: `soma.v` is `v`."""
    settings: dict[str, EFELSetting] = {}
    """Other settings of eFEL, by its names."""


class IntegratorTable(Table):
    """`[integrator]` of study.toml."""

    engine: Literal["neuron", "coreneuron"] = "neuron"
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
    """The search: `ibea`, `nsga2`, `cma`, `mo-cma`, `random` or `steady-ibea`."""
    population: int = Field(default=100, ge=1, le=LARGEST_POPULATION)
    """Individuals of a generation."""
    generations: int = Field(default=100, ge=1, le=MOST_GENERATIONS)
    """How many generations."""
    seed: int = Field(default=1, ge=0, lt=2**32)
    """Of the random numbers."""
    options: dict[str, float] = {}
    """Of the algorithm, by name."""
    limit_s: float = Field(default=1800.0, gt=0, le=LONGEST_LIMIT_s)
    """How long a worker may take for an individual before it is taken for hung."""


class ScoreTable(Table):
    """`[score]` of study.toml."""

    missing: float = 250.0
    """Score of a feature that has no value."""
    cap: float | Literal["none"] = 250.0
    """Largest score of a feature that has values; `"none"` for no limit."""
    failed: float = 500.0
    """Score of every feature where the simulation failed."""


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
    parameters: dict[str, float | str]
    """What differs from it."""


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
    integrator: IntegratorTable = IntegratorTable(cvode_atol=1e-3)
    """How cells are simulated."""
    fit: FitTable = FitTable()
    """How the search is run."""
    score: ScoreTable = ScoreTable()
    """How features become scores."""
    parameters: FreeTable | None = None
    """Fewer free parameters than the cell has."""
    protocols: dict[str, VariantTable] = {}
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
    values: dict[str, dict[str, float]] = {}
    """By region and parameter, a number for each that is free."""
