"""The TOML tables of a study, as they may be written. Unknown keys are refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from workbench.cells import Place
from workbench.errors import InputError
from workbench.morphology import Kind, SomaModel
from workbench.units import LIMITS, quantity


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
MsAmount = Annotated[float | str, _amount_in("ms")]
NanoAmpereAmount = Annotated[float | str, _amount_in("nA")]


EFELSetting = Annotated[
    float | str, BeforeValidator(lambda given: float(given) if isinstance(given, bool) else given)
]


class Table(BaseModel):
    """A table of a study's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class RuleTable(Table):
    """`max_length_um`, or `d_lambda` with `frequency_Hz`."""

    max_length_um: MicroMeter | None = None
    d_lambda: float | None = None
    frequency_Hz: float = 100.0


class SegmentsTable(RuleTable):
    """A rule, and other rules for some regions."""

    somatic: RuleTable | None = None
    axonal: RuleTable | None = None
    basal: RuleTable | None = None
    apical: RuleTable | None = None


class ConditionsTable(Table):
    """`[conditions]` of cell.toml."""

    celsius_degC: DegC
    v_init_mV: MilliVolt
    segments: SegmentsTable = SegmentsTable(max_length_um=40.0)


class StubTable(Table):
    """Two equal cylinders in place of the axon, with diameters other than the axon's own."""

    length_um: Annotated[MicroMeter, Field(gt=0, le=LONGEST_um)] = 60.0
    diameters_um: Annotated[
        list[Annotated[float, Field(gt=0, le=LONGEST_um)]], Field(min_length=2, max_length=2)
    ]
    soma_x: float = Field(default=1.0, ge=0, le=1)


class MorphologyTable(Table):
    """`[morphology]` of cell.toml: a `name` of the catalogue or a `file`."""

    name: str | None = None
    file: str | None = None
    soma: SomaModel = "neuron"
    unit: str = "um"
    kinds: dict[str, Kind] = {}
    axon: Literal["stub", "keep", "remove"] | StubTable = "keep"


class MechanismsTable(Table):
    """`[mechanisms]` of cell.toml: folders of .mod files, and what is inserted where."""

    folders: list[str] = []
    insert: dict[str, list[str]]


class PaintTable(Table):
    """A parameter with more than a number or a pair of bounds."""

    value: float | None = None
    bounds: list[float] | None = None
    scale: Literal["linear", "log"] = "linear"
    distribution: str | None = None


class DistributionTable(Table):
    """A distribution with more than an expression."""

    expression: str | None = None
    at: Place = "centre"
    factors: dict[str, float] | None = None


class CellTable(Table):
    """cell.toml."""

    conditions: ConditionsTable
    morphology: MorphologyTable
    mechanisms: MechanismsTable
    distributions: dict[str, str | DistributionTable] = {}
    parameters: dict[str, dict[str, float | list[float] | PaintTable]]


class StepTable(Table):
    """One of `stimuli`: a constant current into a site."""

    type: Literal["step"]
    site: str
    delay_ms: MsAmount
    duration_ms: MsAmount
    amplitude_nA: NanoAmpereAmount


class TrainTable(Table):
    """One of `stimuli`: equal steps at a frequency."""

    type: Literal["train"]
    site: str
    delay_ms: MsAmount
    duration_ms: MsAmount
    amplitude_nA: NanoAmpereAmount
    frequency_Hz: Annotated[float | str, _amount_in("Hz")]
    count: float | str


class EPSPTable(Table):
    """One of `stimuli`: a current shaped like an EPSP."""

    type: Literal["epsp"]
    site: str
    delay_ms: MsAmount
    tau_rise_ms: MsAmount
    tau_decay_ms: MsAmount
    amplitude_nA: NanoAmpereAmount


StimulusTable = Annotated[StepTable | TrainTable | EPSPTable, Field(discriminator="type")]


class RecordingTable(Table):
    """One of `recordings`, if it is more than a site."""

    site: str
    variable: str | list[str] = "v"


class ProtocolTable(Table):
    """One table of protocols.toml."""

    duration_ms: Ms
    stimuli: list[StimulusTable] = []
    recordings: dict[str, str | RecordingTable]
    parameters: dict[str, float | str] = {}
    v_init_mV: Annotated[float | str, _amount_in("mV")] | None = None


class TargetTable(Table):
    """One recording of one protocol in targets.toml."""

    features: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    window_ms: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    threshold_mV: MilliVolt = -20.0
    variable: str = "v"
    settings: dict[str, EFELSetting] = {}


class IntegratorTable(Table):
    """`[integrator]` of study.toml."""

    engine: Literal["neuron", "coreneuron"] = "neuron"
    dt_ms: Ms | None = None
    order: Literal[1, 2] = 1
    cvode_atol: float | None = None
    step_error_mV: MilliVolt | None = None
    steps_per_ms: int = Field(default=200, ge=1)
    native: bool = False


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
    population: int = Field(default=100, ge=1, le=LARGEST_POPULATION)
    generations: int = Field(default=100, ge=1, le=MOST_GENERATIONS)
    seed: int = Field(default=1, ge=0, lt=2**32)
    options: dict[str, float] = {}
    limit_s: float = Field(default=1800.0, gt=0, le=LONGEST_LIMIT_s)


class ScoreTable(Table):
    """`[score]` of study.toml."""

    missing: float = 250.0
    cap: float | Literal["none"] = 250.0
    failed: float = 500.0


class FreeTable(Table):
    """`[parameters]` of study.toml: fewer free parameters than the cell has."""

    free: list[str]
    others: str


class VariantTable(Table):
    """One of `[protocols]` in study.toml: a protocol of protocols.toml with other parameters."""

    like: str
    parameters: dict[str, float | str]


class StudyTable(Table):
    """study.toml."""

    title: str
    description: str = ""
    source: str = ""
    schema_version: Literal[1] = 1
    base: str | None = None
    integrator: IntegratorTable = IntegratorTable(cvode_atol=1e-3)
    fit: FitTable = FitTable()
    score: ScoreTable = ScoreTable()
    parameters: FreeTable | None = None
    protocols: dict[str, VariantTable] = {}


class PublishedTable(Table):
    """One named parameter set of published.toml.

    A set whose channels lie elsewhere than those of cell.toml names a `cell` file of its own,
    in which nothing is free.
    """

    source: str
    cell: str | None = None
    values: dict[str, dict[str, float]] = {}
