"""What an experiment measures besides features of traces: shapes, cables, functions of users."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from workbench.cells import CellRecipe
from workbench.cells.electrotonic import (
    GATES,
    Electrotonic,
    Gates,
    check_gates,
    electrotonic,
    is_passive,
    passive,
)
from workbench.engines.neuron import NeuronEngine
from workbench.engines.neuron.resting import linear_at_rest
from workbench.errors import InputError, WorkbenchError, unknown
from workbench.evaluations import Measure
from workbench.experiments.executing import executed
from workbench.experiments.recorded import compares
from workbench.features import Measured, Missing
from workbench.features.values import as_measured
from workbench.morphology import MEASURES, Morphology, locate, parse_site, shape_of, topology
from workbench.protocols import Traces

SHAPE, CELL = "morphology", "cell"

AS_NEURON: Mapping[str, Callable[[Morphology, str], float]] = {
    "area_um2": Morphology.area_um2,
    "length_um": Morphology.length_um,
}
"""Measures of all sections of a region, the soma's too, as NEURON has them."""

TEXTS: Mapping[str, Callable[[Morphology], str]] = {f"{SHAPE}.topology": topology}
"""What is no number, by its column."""


@dataclass(frozen=True)
class ShapeMeasure:
    """A measure of a cell's shape: `morphology.area_um2`, `morphology.strahler_number.apical`."""

    column: str
    measure: str
    region: str

    def of(self, morphology: Morphology) -> Measured:
        """Return it, in the unit that its name ends with."""
        if self.measure in AS_NEURON:
            value = AS_NEURON[self.measure](morphology, self.region)
        else:
            shape = shape_of(morphology, self.region)
            if not shape.indices:
                return Missing(f"{morphology.name} has no neurite of this region")
            value = MEASURES[self.measure](shape)
        return as_measured(value, self.measure)


@dataclass(frozen=True)
class CableMeasure:
    """A measure of a cell as a cable: `cell.frozen.input_MOhm(apical@620um)`."""

    column: str
    gates: Gates
    measure: str
    sites: tuple[str, ...]

    def of(self, recipe: CellRecipe, engine: NeuronEngine | None) -> Measured:
        """Return it, in the unit that its name ends with, or why the cell has none.

        `engine` is needed where there are gates.
        """
        try:
            value = CABLES[self.measure][1](_cable(recipe, engine, self.gates), *self.sites)
        except WorkbenchError as error:
            return Missing(str(error))
        return as_measured(value, self.measure)


@dataclass(frozen=True)
class FunctionMeasure:
    """A function of a user's, from the traces by name to a number.

    Attributes
    ----------
    column
        `module:function`.
    function
        Its name.
    text
        The Python text that defines it, which runs in the worker.
    """

    column: str
    function: str
    text: str

    def of(self, traces: Traces) -> Measured:
        """Return what it makes of traces; an exception of its own is a reason for no value."""
        try:
            names = executed(self.text, self.column.partition(":")[0], f"<{self.column}>")
            return as_measured(names[self.function](traces), self.column)
        except Exception as error:
            return Missing(f"{self.column}: {type(error).__name__}: {error}")


Asked = Measure | ShapeMeasure | CableMeasure | FunctionMeasure
"""Whatever has a column of numbers."""

CABLES: Mapping[str, tuple[int, Callable[..., float]]] = {
    "mean_path": (0, lambda cable: cable.mean_path),
    "input_MOhm": (1, Electrotonic.input_MOhm),
    "input_uS": (1, lambda cable, site: 1 / cable.input_MOhm(site)),
    "transfer_MOhm": (2, Electrotonic.transfer_MOhm),
    "log_attenuation": (2, Electrotonic.log_attenuation),
    "voltage_ratio": (2, lambda *pair: math.exp(-Electrotonic.log_attenuation(*pair))),
    "time_constant_ms": (0, lambda cable: cable.time_constants_ms(1)[0]),
    "second_time_constant_ms": (0, lambda cable: cable.time_constants_ms(2)[1]),
}
"""How many sites each is of, and how it is asked for; one site is `soma(0.5)` unless it is given.
`voltage_ratio` is the voltage at the second site over that at the first, where the current is."""

_SITES = r"[^(),]+(?:\([^()]*\))?"


def measure_of(name: str) -> ShapeMeasure | CableMeasure | None:
    """Return the measure of a shape or a cable that a name means; None if it means another one.

    Raises
    ------
    InputError
        If there is no such measure, region, gates or sites.
    """
    owner, _, rest = name.partition(".")
    if compares(name):
        return None
    if owner == SHAPE:
        measure, _, region = rest.partition(".")
        known = {*AS_NEURON, *MEASURES}
        if measure not in known:
            texts = [text.partition(".")[2] for text in TEXTS]
            raise InputError(unknown("measure of a morphology", measure, [*known, *texts]))
        return ShapeMeasure(name, measure, region or "all")
    gates, _, call = rest.partition(".")
    found = re.fullmatch(r"(\w+)(?:\((.*)\))?", call)
    if owner != CELL or not found or not (gates in GATES or found[1] in CABLES):
        return None
    check_gates(gates)
    measure, inside = found[1], found[2] or ""
    if measure not in CABLES:
        raise InputError(unknown("measure of a cell", measure, CABLES))
    count, sites = CABLES[measure][0], tuple(re.findall(_SITES, inside))
    if not inside and count == 1:
        sites = ("soma(0.5)",)
    if len(sites) != count:
        example = f"({','.join(('soma(0.5)', 'apical@400um')[:count])})" if count else ""
        raise InputError(
            f"measure {name!r}: {measure} is of {count or 'no'} site{'s' * (count != 1)}; write "
            f"{CELL}.{gates}.{measure}{example}"
        )
    for site in sites:
        parse_site(site)
    return CableMeasure(name, cast("Gates", gates), measure, sites)


def check_sites(measure: CableMeasure, recipe: CellRecipe) -> None:
    """Refuse a measure of sites that a cell has not."""
    for site in measure.sites:
        locate(parse_site(site), recipe.morphology)


def _cable(recipe: CellRecipe, engine: NeuronEngine | None, gates: Gates) -> Electrotonic:
    if gates == "passive" or is_passive(recipe):
        return electrotonic(recipe, passive(recipe))
    assert engine is not None
    return electrotonic(recipe, linear_at_rest(engine, recipe, gates))
