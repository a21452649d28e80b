"""The design of an experiment: which levels of which factors are simulated together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from workbench.cells import CellRecipe
from workbench.engines import Job
from workbench.engines.opening import check
from workbench.errors import InputError, StudyError, WorkbenchError, shortened, unknown
from workbench.experiments.experiment import Condition, Experiment, Level
from workbench.experiments.measures import (
    TEXTS,
    Asked,
    CableMeasure,
    FunctionMeasure,
    ShapeMeasure,
    check_sites,
    measure_of,
)
from workbench.experiments.recorded import check_recorded_measure, recorded_measure
from workbench.features import Window
from workbench.morphology import Morphology, arguments_of, varied
from workbench.protocols import Protocol
from workbench.studies import EngineChoice, Study, cell_with_engine

CELL, PROTOCOL, ENGINE = "cell", "protocol", "engine"
SHAPES = ("morphology", "edit")
"""What stands before the arguments of a shape, see `varied`."""

OWN = (CELL, PROTOCOL, ENGINE, "status", "reason")
"""Names of columns that are no parameters."""

Levels = Sequence[Level] | Mapping[str, EngineChoice]
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Sample:
    """A cell and the study whose protocols and integrators are its own."""

    recipe: CellRecipe
    study: Study


@dataclass(frozen=True)
class Wanted:
    """What is to be measured.

    Attributes
    ----------
    measures
        `<recording>.<feature>`, such as `soma.v.AP_height`; of two recordings
        `soma.v.to.dend.attenuation`; differences and ratios of such, `A - B`, `A / B`; of a map
        `<map>.<what it keeps>.<reduction>`, such as `map.maximum.mean`; of the shape,
        `morphology.area_um2`; of the cell as a cable, `cell.frozen.input_MOhm`; `module:function`.
    window_ms
        Where; None for the window of each simulation's first stimulus.
    threshold_mV
        What crosses it upwards is a spike.
    functions
        Those of users, by their names among the measures.
    """

    measures: tuple[str, ...]
    window_ms: tuple[float, float] | None = None
    threshold_mV: float = -20.0
    functions: Mapping[str, FunctionMeasure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.measures:
            raise InputError("an experiment without measures; name some: 'soma.v.AP_height'")
        for name in self.measures:
            if self.measures.count(name) > 1:
                raise InputError(f"measure {name!r} is given twice")
            if not (name in TEXTS or name in self.functions or measure_of(name)):
                check_recorded_measure(name)

    def of(self, protocol: Protocol) -> tuple[Asked, ...]:
        """Return the measures that a cell under a protocol can have."""
        begin_ms, end_ms = self.window_ms or protocol.window_ms()
        window = Window(begin_ms, end_ms, self.threshold_mV)
        window.check_end(protocol.duration_ms)
        recorded = {recording.name for recording in protocol.recordings}
        recorded |= {f"{one.name}.{word}" for one in protocol.maps for word in one.keep}
        found: list[Asked] = []
        for name in self.measures:
            if name in TEXTS:
                continue
            other = self.functions.get(name) or measure_of(name)
            one = other or recorded_measure(name, protocol.name, window, recorded)
            if one is not None:
                found.append(one)
        return tuple(found)

    def texts_of(self, morphology: Morphology) -> dict[str, str]:
        """Return what is asked of a shape and is no number."""
        return {name: TEXTS[name](morphology) for name in self.measures if name in TEXTS}


def design(
    cells: Mapping[str, Sample],
    protocols: Sequence[str | Protocol],
    wanted: Wanted,
    factors: Mapping[str, Levels] | None = None,
    rows: Iterable[Row] | None = None,
) -> Experiment:
    """Return the experiment in which each cell is simulated under each protocol.

    With factors, under all combinations of their levels: the last factor's changes from one row to
    the next, cells and protocols come first. With rows, under the levels of each row. A parameter
    of one protocol does not bear on another protocol.

    Parameters
    ----------
    cells
        By the names that they have in the table.
    protocols
        Values, or names in each cell's study.
    wanted
        What is measured.
    factors
        By name: `<variable>.<region>` or `<parameter>.<place>`, a value of the cells;
        `<protocol>.<parameter>`, one of a protocol, its sites and `duration_ms` among them;
        `morphology.<argument>` and `edit.<edit>.<argument>`, what a cell's generator and its edits
        were given (see `varied`); `engine`, in the words of `simulate`.
    rows
        Rows of a table, each with levels by factor, `cell` and `protocol` among them if not all
        are meant; None or NaN leaves a factor as it is.

    Raises
    ------
    InputError
        If a name is unknown, a level cannot be, or nothing of a simulation is measured.
    EngineError
        If an integrator cannot run a cell.
    """
    space = _Space(dict(cells), _named(protocols), wanted)
    if factors is not None and rows is not None:
        raise InputError("an experiment has factors or rows; give one of them")
    if rows is None:
        named = {name: _levels(name, given) for name, given in (factors or {}).items()}
        conditions = space.crossed(named)
        names = list(named)
    else:
        tabled = [_row(number, row) for number, row in enumerate(rows, start=1)]
        names = [n for n in dict.fromkeys(n for row in tabled for n in row) if n not in OWN[:2]]
        conditions = space.tabled(tabled, names)
    done = tuple(conditions)
    if not done:
        raise InputError("an experiment without simulations: a factor or the table is empty")
    return Experiment((CELL, PROTOCOL, *names), wanted.measures, done)


def _named(protocols: Sequence[str | Protocol]) -> dict[str, str | Protocol]:
    given = [protocols] if isinstance(protocols, str | Protocol) else list(protocols)
    named = {one if isinstance(one, str) else one.name: one for one in given}
    if len(named) < len(given) or not named:
        raise InputError(
            f"protocols are {', '.join(map(str, named)) or 'none'}; give at least one, none twice"
        )
    return named


@dataclass(frozen=True)
class _Space:
    """What levels may choose from."""

    cells: dict[str, Sample]
    protocols: dict[str, str | Protocol]
    wanted: Wanted
    shapes: dict[Any, Morphology] = field(default_factory=dict)
    """Those that were made, by what they were made of."""

    def crossed(self, factors: Mapping[str, Mapping[Level, Any]]) -> Iterator[Condition]:
        """Yield all combinations."""
        for name in factors:
            self._check_factor(name)
        for cell, protocol in product(self.cells, self.protocols):
            bearing = [name for name in factors if self._bears(name, cell, protocol)]
            for values in product(*(factors[name].items() for name in bearing)):
                yield self._condition(cell, protocol, dict(zip(bearing, values, strict=True)))

    def tabled(
        self, rows: Sequence[Mapping[str, tuple[Level, Any]]], names: Sequence[str]
    ) -> Iterator[Condition]:
        """Yield what the rows of a table say."""
        for name in names:
            self._check_factor(name)
        for row in rows:
            cells = self._chosen(CELL, row, self.cells)
            for cell, protocol in product(cells, self._chosen(PROTOCOL, row, self.protocols)):
                bearing = {n: row[n] for n in names if n in row and self._bears(n, cell, protocol)}
                yield self._condition(cell, protocol, bearing)

    def _chosen(
        self, what: str, row: Mapping[str, tuple[Level, Any]], known: Mapping[str, Any]
    ) -> list[str]:
        if what not in row:
            return list(known)
        name = str(row[what][0])
        if name not in known:
            raise InputError(unknown(what, name, known))
        return [name]

    def _bears(self, name: str, cell: str, protocol: str) -> bool:
        owner = name.partition(".")[0]
        if owner in self.protocols:
            return owner == protocol
        return owner not in SHAPES or name in arguments_of(self._tree(cell))

    def _tree(self, cell: str) -> Morphology:
        return self.cells[cell].recipe.morphology

    def _check_factor(self, name: str) -> None:
        owner = name.partition(".")[0]
        if name == ENGINE or owner in self.protocols:
            return
        shapes = {n for cell in self.cells for n in arguments_of(self._tree(cell))}
        if owner in SHAPES and not shapes:
            raise InputError(
                f"factor {name}: no cell is generated or edited, so its shape has no arguments. "
                "Generate one (generate = 'binary-tree tips=8,length_um=1750') or edit one "
                "(edit = ['scale-lengths apical=1'])"
            )
        painted = {n for sample in self.cells.values() for n in values_of(sample.recipe)}
        if name not in painted | shapes:
            of_protocols = [f"{one}.<parameter>" for one in self.protocols]
            raise InputError(unknown("factor", name, [*painted, *shapes, *of_protocols, ENGINE]))

    def _condition(
        self, cell: str, protocol: str, given: Mapping[str, tuple[Level, Any]]
    ) -> Condition:
        """Return a simulation with these levels, each with the value that it stands for."""
        levels = {CELL: cell, PROTOCOL: protocol} | {n: level for n, (level, _) in given.items()}
        with _under(levels):
            job = self._job(cell, self.protocols[protocol], given)
            measures = self.wanted.of(job.protocol)
            if not measures:
                names = [one.name for one in job.protocol.recordings]
                names += [one.name for one in job.protocol.maps]
                raise InputError(
                    f"nothing of it is measured: it records {', '.join(names) or 'nothing'}, and "
                    f"the measures are {', '.join(self.wanted.measures)}"
                )
            check_condition(job, measures)
            texts = self.wanted.texts_of(job.recipe.morphology)
        return Condition(levels, job, measures, texts)

    def _job(self, cell: str, asked: str | Protocol, given: Mapping[str, tuple[Level, Any]]) -> Job:
        recipe, study = self.cells[cell].recipe, self.cells[cell].study
        if ENGINE in given:
            recipe, study = cell_with_engine(recipe, study, given[ENGINE][1])
        protocol = study.protocol(asked) if isinstance(asked, str) else asked
        values, parameters, shape = {}, {}, {}
        for name, (_, value) in given.items():
            owner, _, parameter = name.partition(".")
            if owner == protocol.name:
                parameters[parameter] = value
            elif owner in SHAPES:
                shape[name] = value
            elif name != ENGINE:
                values[name] = value
        if shape:
            recipe = recipe.with_morphology(self._shape(cell, shape))
        recipe = recipe.with_values(values)
        if recipe.free:
            raise StudyError(f"no value for {', '.join(recipe.free)}; give a parameter set")
        protocol = protocol.with_parameters(parameters)
        return Job(recipe, protocol, study.problem.integrator_of(protocol.name))

    def _shape(self, cell: str, given: Mapping[str, Level]) -> Morphology:
        key = (cell, *given.items())
        if key not in self.shapes:
            self.shapes[key] = varied(self._tree(cell), given)
        return self.shapes[key]


def values_of(recipe: CellRecipe) -> tuple[str, ...]:
    """Return the names of the values of a cell that may be set."""
    tied = {tie.name for tie in recipe.ties}
    return tuple(name for name in recipe.values if name not in tied)


def check_condition(job: Job, measures: Iterable[Asked]) -> None:
    """Refuse what cannot be simulated, or not be measured of it.

    Raises
    ------
    InputError, EngineError
        With what is there, what is allowed and what to do.
    """
    for one in measures:
        if isinstance(one, CableMeasure):
            check_sites(one, job.recipe)
            if job.integrator.engine == "population" and one.gates != "passive":
                raise InputError(
                    f"cell.{one.gates}.{one.measure} is of gates, which NEURON linearises; choose "
                    "engine = 'neuron', or the measure of the passive cell"
                )
        elif isinstance(one, ShapeMeasure):
            job.recipe.morphology.indices(one.region)
    check(job.recipe, [job.protocol], job.integrator)


@contextmanager
def _under(levels: Mapping[str, Level]) -> Iterator[None]:
    """Put the levels before the message of every error inside."""
    try:
        yield
    except WorkbenchError as error:
        words = ", ".join(f"{name} = {level}" for name, level in levels.items())
        raise type(error)(f"{words}: {error}") from None


def _levels(name: str, given: Any) -> dict[Level, Any]:
    """Return what each level of a factor stands for; only an engine's have names of their own."""
    if name in (CELL, PROTOCOL):
        raise InputError(f"{name} is no factor: all {name}s that are given are simulated")
    if isinstance(given, Mapping) and name == ENGINE:
        return dict(given)
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise InputError(
            f"factor {name} is {shortened(repr(given))}; give a list of numbers or texts"
        )
    levels = [_level(name, one) for one in given]
    for level in levels:
        if levels.count(level) > 1:
            raise InputError(f"factor {name} has the level {level!r} twice")
    return {level: level for level in levels}


def _row(number: int, row: Any) -> dict[str, tuple[Level, Any]]:
    if not isinstance(row, Mapping):
        raise InputError(f"row {number} is {shortened(repr(row))}; give levels by factor")
    levels = {str(n): _level(f"{n}, row {number},", v) for n, v in row.items() if not _empty(v)}
    return {name: (level, level) for name, level in levels.items()}


def _empty(given: Any) -> bool:
    return given is None or (isinstance(given, float) and np.isnan(given))


def _level(name: str, given: Any) -> Level:
    level = given.item() if isinstance(given, np.generic) else given
    if isinstance(level, bool) or not isinstance(level, int | float | str):
        raise InputError(f"{name} is {shortened(repr(given))}; a level is a number or a text")
    return level
