"""The TOML tables of cell.toml, as they may be written."""

import inspect
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, create_model, model_validator

from workbench.cells import PLACEMENTS, Place, RefusedError, check_tie
from workbench.errors import shortened, unknown
from workbench.morphology import REGIONS, Kind, SomaModel
from workbench.studies.edits import EditTable
from workbench.studies.table import DegC, MicroMeter, MilliVolt, Table, in_unit
from workbench.units import LIMITS, unit_of

LONGEST_um = LIMITS["um"][1]


class RuleTable(Table):
    """`max_length_um`, or `d_lambda` with `frequency_Hz`."""

    max_length_um: MicroMeter | None = None
    """No segment is longer; a section of length L has 1 + 2 int(L / max_length_um), so that one
    has its centre in the section's middle."""
    odd: bool = True
    """`false`: 1 + int(L / max_length_um) segments, even numbers too."""
    d_lambda: float | None = None
    """No segment is longer than this fraction of the space constant (Hines & Carnevale 2001)."""
    frequency_Hz: float = 100.0
    """At which `d_lambda` takes the space constant."""


class SegmentsTable(RuleTable):
    """A rule, and other rules for some regions.

    One of `[regions]` has a rule under its own name. Where two reach a section the later one wins,
    those of `[regions]` in the order in which they stand here.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, RuleTable] = Field(init=False)

    somatic: RuleTable | None = None
    """Another rule for the soma."""
    axonal: RuleTable | None = None
    """Another rule for the axon."""
    basal: RuleTable | None = None
    """Another rule for basal dendrites."""
    apical: RuleTable | None = None
    """Another rule for apical dendrites."""

    @model_validator(mode="before")
    @classmethod
    def _other_keys_are_regions(cls, given: Any) -> Any:
        if isinstance(given, dict):
            for key, value in given.items():
                if key not in cls.model_fields and not isinstance(value, dict | RuleTable):
                    raise ValueError(unknown("key", key, cls.model_fields))
        return given

    def rules(self) -> dict[str, RuleTable]:
        """Return the other rules by region, in the order in which they apply."""
        own = {region: getattr(self, region) for region in REGIONS}
        return {r: rule for r, rule in own.items() if rule is not None} | self.__pydantic_extra__


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
    """`[morphology]` of cell.toml: a `name` of the catalogue, a `file`, or `generate`.

    Several, each as `[[morphology]]`, are [fitted together](../many-morphologies.md).
    """

    label: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_\-]+$")
    """Of several: what it is called; default its name, or that of its file without the ending."""

    name: str | None = None
    """A cell of the catalogue, or a generated one that ships; `workbench morphology list` has
    them."""
    file: str | None = None
    """A file beside the study: .swc, .asc, .h5, .hoc, or .toml with a table of cylinders."""
    generate: str | None = None
    """In place of them, a generated cell in the words of `workbench morphology generate`:
    `"ball-and-stick soma_um=20,length_um=200,diameter_um=2"`."""
    soma: SomaModel = "neuron"
    """`neuron`: as NEURON's Import3d reads it. `sphere`, `cylinder`: one cylinder as long as wide,
    with the area of NeuroM's soma or of NEURON's reading."""
    unit: str = "um"
    """Of the lengths in the file: `"um"`, `"nm"`, `"mm"`, or a multiple such as `"8 nm"`."""
    kinds: dict[str, Kind] = Field(default_factory=dict)
    """What kinds 0 and above 4 of an SWC file are, or sections of a hoc file with names of their
    own: a region, or `"parent"`."""
    axon: Literal["stub", "keep", "remove"] | StubTable = "keep"
    """`stub`: two cylinders of 30 um in its place, as BluePyOpt makes them; a table gives them
    other sizes."""
    edit: list[EditTable] = Field(default_factory=list)
    """What is done to the shape, after `axon`, in this order."""


class RegionTable(Table):
    """One of `regions`: a region that may end inside of sections."""

    where: str | list[str]
    """An expression, or several that are united."""
    cut: bool = False
    """Sections are cut where the region ends inside of them; without, that is refused."""


class MechanismsTable(Table):
    """`[mechanisms]` of cell.toml: folders of .mod files, and what is inserted where."""

    folders: list[str] = Field(default_factory=list)
    """Folders of .mod files: beside the study, or the name of a set that ships."""
    insert: dict[str, list[str]]
    """By region, `all` too: the suffixes of the mechanisms that its sections carry."""
    hold: list[str] = Field(default_factory=list)
    """Reversal potentials such as `eca` that [stay as painted](../parameters.md) where NEURON would
    compute them from concentrations."""


def _arithmetic(given: str) -> str:
    try:
        check_tie(given)
    except RefusedError as error:
        raise ValueError(f"cannot use {shortened(repr(given))}: {error}") from None
    return given


Expression = Annotated[str, AfterValidator(_arithmetic)]
"""Arithmetic of other values of the cell."""


class AmountTable(Table):
    """A parameter with more than a number or a pair of bounds."""

    value: float | Expression | None = None
    """The parameter is fixed; or it is tied to others, as an expression says."""
    bounds: list[float] | None = None
    """The parameter is free between these two."""
    scale: Literal["linear", "log"] = "linear"
    """How the search sees the bounds."""


class PaintTable(AmountTable):
    """A painted parameter with more than a number or a pair of bounds."""

    distribution: str | None = None
    """Which of `[distributions]` spreads the value over the region."""
    balance_mV: float | Expression | list[float] | None = None
    """In place of a value or bounds, for a reversal potential: in each segment that with which the
    membrane [carries no current](../parameters.md) at this voltage."""
    total_uS: float | Expression | list[float] | None = None
    """In place of a value or bounds, for a conductance per area: that of the region's whole
    membrane, [in one place or spread](../parameters.md)."""
    at: str | None = None
    """With `total_uS`: the site of the segment that has all of it, such as `axonal@40um`."""

    @property
    def instead(self) -> tuple[str, float | str | list[float]] | None:
        """The key that stands in place of a value or bounds, with what it says."""
        given = (("balance_mV", self.balance_mV), ("total_uS", self.total_uS))
        return next(((name, said) for name, said in given if said is not None), None)


Given = float | Expression | list[float] | AmountTable
"""A number is fixed, a pair is free, an expression is tied to others, a table says more."""


class DistributionTable(Table):
    """A distribution with more than an expression."""

    expression: str | None = None
    """Of `value`, `distance_um` (the path from soma(0.5)) and `max_distance_um` (that to the
    farthest end in the region), with exp, log, sqrt, abs, minimum and maximum."""
    at: Place = "centre"
    """Which point of a segment counts. `last segment's end` and `section's end` are those of
    published models."""
    parameters: dict[str, Given] = Field(default_factory=dict)
    """Further names in the expression: a number is fixed, a pair `[low, high]` is free under
    `<parameter>.<distribution>`."""
    factors: dict[str, float | Annotated[list[float], Field(min_length=1)]] | None = None
    """In place of an expression: by section name, what `value` is multiplied with; a list has a
    number for each of as many equal parts of the section."""


def _placement_table() -> type[Table]:
    """Return the table of any placement, with the keys of all kinds."""
    keys: dict[str, Any] = {}
    for entry in (entry for kind in PLACEMENTS for entry in fields(kind)):  # type: ignore[arg-type]
        read = entry.metadata.get("read", entry.type)
        if read is float:
            read = Annotated[float, in_unit(unit_of(entry.name))]
        described = Field(None, description=entry.metadata["meaning"])
        keys.setdefault(entry.name, (read | None, described))
    kinds = [(inspect.getdoc(kind) or "").partition("\n")[0] for kind in PLACEMENTS]
    return create_model(
        "PlacementTable",
        __base__=Table,
        __module__=__name__,
        __doc__="\n- ".join(["One of `sites`: a placement, known by its keys.\n", *kinds]),
        **keys,
    )


PlacementTable: Any = _placement_table()


class PlaceTable(Table):
    """`[place.<name>]` of cell.toml: a point process at sites, or where a placement says."""

    mechanism: str
    """A POINT_PROCESS of the folders, or NEURON's `ExpSyn` or `Exp2Syn`."""
    site: str | None = None
    """Where it stands, such as `soma(0.5)` or `apical@400um`."""
    sites: list[str] | PlacementTable = Field(default_factory=list)
    """In place of a site: several, with one at each, or a placement."""
    weight: Given | None = None
    """Of an event: the first argument of NET_RECEIVE, in its unit. A number is fixed, a pair `[low,
    high]` is free under the name `weight.<name>`."""
    parameters: dict[str, Given] = Field(default_factory=dict)
    """By their names in the .mod file, in the units there: a number is fixed, a pair is free under
    `<parameter>.<name>`."""


class PointerTable(Table):
    """What a POINTER reads, if it is more than a voltage at a site."""

    site: str | None = None
    """Such as `soma(0.5)`, or a placed point, `syn[3]`; without one it is the mechanism's own
    segment."""
    variable: str = "v"
    """NEURON's name of a range variable there: `v`, `cai`; of a placed point, one of its own."""


class SpinesTable(Table):
    """One of `[[spines]]`: spines whose membrane counts as that of the dendrite.

    With F = (A + S) / A of a section's area A and that of its spines S, what is scaled is F times
    as large there (Holmes & Woody 1989; Rapp et al. 1992).
    """

    region: str
    """A region, `all` too, one of `[regions]`, or a section such as `apic[3]`."""
    density_per_um: float
    """Spines per length."""
    area_um2: float
    """Membrane of one spine."""
    max_diameter_um: MicroMeter | None = None
    """Sections that are as thick on average, or thicker, bear none."""
    scaled: list[str] = Field(default=["cm", "g_pas"])
    """What is scaled: `cm`, and conductances per area by NEURON's names, which are painted."""


class CellTable(Table):
    """cell.toml."""

    conditions: ConditionsTable
    """Temperature, starting voltage, segments."""
    morphology: MorphologyTable | Annotated[list[MorphologyTable], Field(min_length=1)]
    """The shape, or several."""
    regions: dict[str, str | list[str] | RegionTable] = Field(default_factory=dict)
    """By a name of your own, which stands wherever one of the four regions does: an
    [expression](../regions.md), a list of them, or a table. A region may name those before it."""
    mechanisms: MechanismsTable
    """The channels, and where they are."""
    distributions: dict[str, str | DistributionTable] = Field(default_factory=dict)
    """By name, how values vary over the tree: an expression, or a table."""
    parameters: dict[str, dict[str, float | Expression | list[float] | PaintTable]]
    """By region, or a section such as `"apic[3]"`, and by NEURON's name of the parameter: a number
    is fixed, a pair `[low, high]` is free, an expression such as `"2 * g_pas.basal"` is
    [tied](../parameters.md) to others. Where two regions reach the same segment, the later one in
    the file wins. `[parameters.global]` holds GLOBALs of mechanisms: `alpha_kmdb`."""
    place: dict[str, PlaceTable] = Field(default_factory=dict)
    """By a name of your own: synapses and other point processes."""
    pointers: dict[str, dict[str, str | PointerTable]] = Field(default_factory=dict)
    """By the name of what is placed, or the suffix of a density mechanism, and by the name of a
    [POINTER](../synapses.md): the site whose voltage it reads, or a table."""
    spines: list[SpinesTable] = Field(default_factory=list)
    """Spines that are no sections of their own."""
