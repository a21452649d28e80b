"""What cells of one frame share: nodes, membranes, and where their numbers go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.cells import WEIGHT, CellRecipe, Linear, Network
from workbench.cells.paint import Paint
from workbench.engines.population.balancing import Told, balance
from workbench.engines.population.computing import Computed
from workbench.engines.population.equations import Equations, UntranslatedError
from workbench.engines.population.kernel import write_membrane
from workbench.engines.population.membrane import Membrane, default_of
from workbench.mechanisms import MechanismSet, combine
from workbench.nmodl import parse

_BUILT_IN = Path(__file__).with_name("builtin")
_CELSIUS = "celsius"
_SIZES = ("area", "diam")

Painted = Mapping[tuple[int, str], float | Floats]
"""The values of a cell by section and variable; of a section all at once, or one a segment."""


@dataclass(frozen=True, eq=False)
class Patch:
    """The segments of one membrane, or the points of one point process.

    Attributes
    ----------
    membrane
        Their mechanisms.
    sections
        In which sections they are, all segments of each.
    nodes
        (segments,) their nodes.
    starts
        Where each section's segments begin among them.
    points
        (points,) under which name each is placed, and its number there; of a membrane nothing.
    """

    membrane: Membrane
    sections: tuple[int, ...]
    nodes: npt.NDArray[np.int32]
    starts: tuple[int, ...]
    points: tuple[tuple[str, int], ...] = ()


class Frame:
    """The structure of cells that differ in numbers alone.

    Raises
    ------
    UntranslatedError
        If a mechanism, or anything else of the cell, is not computed by this engine.
    """

    def __init__(self, recipe: CellRecipe) -> None:
        self.recipe = recipe
        self._counts = recipe.segment_counts
        tree = recipe.morphology
        ones = tuple(np.zeros(count) for count in self._counts)
        cm = tuple(np.ones(count) for count in self._counts)
        self.network = Network(tree, Linear(ones, cm, (1.0,) * len(tree)))
        self._equations = _equations(recipe.mechanisms, recipe.suffixes)
        suffixes: dict[int, list[str]] = {section: [] for section in range(len(tree))}
        for region, suffix in recipe.inserted:
            for section in tree.indices(region):
                if suffix not in suffixes[section]:
                    suffixes[section].append(suffix)
        together: dict[tuple[str, ...], list[int]] = {}
        for section, found in suffixes.items():
            if found:
                together.setdefault(tuple(found), []).append(section)
        mechanisms = dict.fromkeys(one.mechanism for one in recipe.placed)
        self.patches = (
            *(self._patch(*each) for each in together.items()),
            *(self._points(mechanism) for mechanism in mechanisms),
        )
        self._told: _Told | None = None
        self._computed: dict[int, Computed] = {}

    @cached_property
    def text(self) -> str:
        """The membranes in C++."""
        return "\n".join(write_membrane(p.membrane, n) for n, p in enumerate(self.patches))

    def check(self) -> None:
        """Refuse mechanisms that this engine does not compute.

        Raises
        ------
        EngineError
            With file and line.
        """
        assert self.text

    @cached_property
    def areas_1e_2um2(self) -> Floats:
        """(segments,) areas, patch by patch, in the unit that makes nA of mA/cm2; of points 1."""
        capacitance_nF = self.network.capacitance_nF
        return np.concatenate(
            [
                np.ones(len(patch.nodes)) if patch.points else 1e3 * capacitance_nF[patch.nodes]
                for patch in self.patches
            ]
        )

    @cached_property
    def points(self) -> Mapping[tuple[str, int], tuple[int, int]]:
        """Of each point, by its name and number: the number of its patch, and its own there."""
        return {
            point: (number, place)
            for number, patch in enumerate(self.patches)
            for place, point in enumerate(patch.points)
        }

    def _patch(self, suffixes: tuple[str, ...], sections: Sequence[int]) -> Patch:
        rows = [self.network.rows[section][1:-1] for section in sections]
        sizes = [len(row) for row in rows]
        return Patch(
            self._membrane(suffixes, sections),
            tuple(sections),
            np.concatenate(rows).astype(np.int32),
            tuple(np.cumsum([0, *sizes[:-1]]).tolist()),
        )

    def _points(self, mechanism: str) -> Patch:
        placed = [one for one in self.recipe.placed if one.mechanism == mechanism]
        at = {
            (one.name, number): self.network.node(*point)
            for one in placed
            for number, point in enumerate(one.points(self.recipe.morphology))
        }
        equations = (self._equations[mechanism],)
        told = dict.fromkeys(name for one in placed for name in one.values if name != WEIGHT)
        own = [f"{name}_{mechanism}" for name in told]
        if "area" in equations[0].file.tree.names:
            own.append("area")
        shared = (_CELSIUS, *self._globals(equations))
        nodes = np.array([*at.values()], np.int32)
        return Patch(Membrane(equations, {}, shared, tuple(own)), (), nodes, (), (*at,))

    def _membrane(self, suffixes: tuple[str, ...], sections: Sequence[int]) -> Membrane:
        equations = tuple(self._equations[suffix] for suffix in suffixes)
        pool = combine(self.recipe.mechanisms)
        charges = {
            ion.name: ion.charge or _KNOWN_CHARGES.get(ion.name, 0.0)
            for one in pool.values()
            for ion in one.ions
            if ion.charge or ion.name in _KNOWN_CHARGES
        }
        shared, own = [_CELSIUS, *self._globals(equations)], list[str]()
        for name in _variables(equations):
            paints = [self._painted_last(name, section) for section in sections]
            if all(paint is None for paint in paints):
                continue
            even = len({id(paint) for paint in paints}) == 1 and self._is_even(paints[0])
            (shared if even else own).append(name)
        own += [n for n in _SIZES if any(n in one.file.tree.names for one in equations)]
        return Membrane(equations, charges, tuple(shared), tuple(own), self.recipe.held)

    def _globals(self, equations: Iterable[Equations]) -> list[str]:
        names = {
            f"{name}_{one.suffix}"
            for one in equations
            for name in one.parameters
            if one.is_global(name)
        }
        return sorted(names.intersection(self.recipe.global_values))

    def _painted_last(self, variable: str, section: int) -> Paint | None:
        indices = self.recipe.morphology.indices
        painted = (
            paint
            for paint in reversed(self.recipe.paint)
            if paint.variable == variable and section in indices(paint.region)
        )
        return next(painted, None)

    def _is_even(self, paint: Paint | None) -> bool:
        return paint is not None and paint.distribution is None and not self.recipe.spines

    def place(self, section: int, x: float) -> tuple[int, int]:
        """Return the number of a segment's membrane, and its own number there.

        Raises
        ------
        UntranslatedError
            If its section has no mechanism.
        """
        for number, patch in enumerate(self.patches):
            if section in patch.sections and not patch.points:
                count = self._counts[section]
                within = min(max(int(count * x), 0), count - 1)
                return number, patch.starts[patch.sections.index(section)] + within
        name = self.recipe.morphology.names[section]
        raise UntranslatedError(f"{name} has no mechanism; choose engine = 'neuron'")

    def computed(self, patch: int) -> Computed:
        """Return the equations of a membrane, by its number, to be computed in numpy."""
        if patch not in self._computed:
            self._computed[patch] = Computed(self.patches[patch].membrane)
        return self._computed[patch]

    def values(self, recipe: CellRecipe, celsius_degC: float) -> "Values":
        """Return the numbers of a cell of this frame, as the kernel takes them.

        Raises
        ------
        RefusedValueError
            If no reversal potential balances a segment that has to be balanced.
        """
        told = self._told = self._told or self._tell(recipe)
        changed = {(one.section, one.variable): one.values for one in recipe.painted(told.recipe)}
        names = {variable for _, variable in changed}
        painted = {**told.painted, **changed}
        shared = [
            self._shared(patch, name, recipe, celsius_degC, painted)
            for patch in self.patches
            for name in patch.membrane.shared
        ]
        own = told.own.copy()
        for number, patch in enumerate(self.patches):
            rows = self._own(own, number)
            for place, name in enumerate(patch.membrane.own):
                if name in names:
                    rows[:, place] = self._column(patch, name, painted)
            if patch.points:
                self._set_points(patch, recipe, rows)
        found = Values(
            np.array(shared),
            own,
            self._axial_uS(painted) if "Ra" in names else told.axial_uS,
            self._capacitance_nF(painted) if "cm" in names else told.capacitance_nF,
        )
        self._balance(recipe, found)
        return found

    def told(self, values: "Values", patch: int) -> Told:
        """Return the numbers of a membrane's segments by name: one for all, or one each."""
        membrane = self.patches[patch].membrane
        first = sum(len(one.membrane.shared) for one in self.patches[:patch])
        found: Told = {
            name: float(values.shared[first + n]) for n, name in enumerate(membrane.shared)
        }
        rows = self._own(values.own, patch)
        return found | {name: rows[:, n] for n, name in enumerate(membrane.own)}

    def _own(self, own: Floats, patch: int) -> Floats:
        """Return (segments, names) of what each segment of a membrane has, to be read or set."""
        begin, count = self._begins[patch], len(self.patches[patch].nodes)
        names = len(self.patches[patch].membrane.own)
        return own[begin : begin + count * names].reshape(count, names)

    def _balance(self, recipe: CellRecipe, values: "Values") -> None:
        at_mV = {(one.section, one.variable): one.at_mV for one in recipe.balanced()}
        membranes = (each for each in enumerate(self.patches) if not each[1].points)
        for number, patch in membranes:
            sections = np.repeat(patch.sections, [self._counts[n] for n in patch.sections])
            for variable in {name for section, name in at_mV if section in patch.sections}:
                each = np.array([at_mV.get((int(n), variable), np.nan) for n in sections])
                names = [recipe.morphology.names[n] for n in sections]
                found = balance(
                    self.computed(number), self.told(values, number), variable, each, names
                )
                self._own(values.own, number)[:, patch.membrane.own.index(variable)] = found

    def _set_points(self, patch: Patch, recipe: CellRecipe, rows: Floats) -> None:
        """Put what a cell says of its points into their rows of numbers."""
        placed = {one.name: one.values for one in recipe.placed}
        suffix = patch.membrane.equations[0].suffix
        for place, name in enumerate(patch.membrane.own):
            for row, (point, _) in enumerate(patch.points):
                value = placed[point].get(name.removesuffix(f"_{suffix}"))
                if value is not None:
                    rows[row, place] = value

    def _tell(self, recipe: CellRecipe) -> "_Told":
        painted = {(one.section, one.variable): one.values for one in recipe.painted(None)}
        columns = [
            np.stack([self._column(patch, name, painted) for name in patch.membrane.own], axis=1)
            for patch in self.patches
            if patch.membrane.own
        ]
        own = np.concatenate([np.zeros(0), *(each.ravel() for each in columns)])
        axial_uS, capacitance_nF = self._axial_uS(painted), self._capacitance_nF(painted)
        return _Told(recipe, painted, own, axial_uS, capacitance_nF)

    @cached_property
    def _begins(self) -> tuple[int, ...]:
        """Where each patch's own numbers begin among all."""
        sizes = [len(patch.nodes) * len(patch.membrane.own) for patch in self.patches]
        return tuple(np.cumsum([0, *sizes[:-1]]).tolist())

    def _shared(
        self, patch: Patch, name: str, recipe: CellRecipe, celsius_degC: float, painted: Painted
    ) -> float:
        if name == _CELSIUS:
            return celsius_degC
        if name not in recipe.global_values:
            return float(painted[patch.sections[0], name])
        value = recipe.global_values[name]
        assert value is not None, "a cell that runs has all its values"
        return float(value)

    def _column(self, patch: Patch, name: str, painted: Painted) -> Floats:
        if name == "area":
            return np.asarray(1e5 * self.network.capacitance_nF[patch.nodes])
        if name == "diam":
            sections = self.recipe.morphology.sections
            each = (sections[n].segment_diameters_um(self._counts[n]) for n in patch.sections)
            return np.concatenate([*each])
        otherwise = self._declared(patch.membrane, name)
        column = np.full(len(patch.nodes), otherwise)
        for section, start in zip(patch.sections, patch.starts, strict=True):
            values = painted.get((section, name))
            if values is not None:
                column[start : start + self._counts[section]] = values
        return column

    def _declared(self, membrane: Membrane, name: str) -> float:
        for one in membrane.equations:
            for parameter, value in one.parameters.items():
                if f"{parameter}_{one.suffix}" == name:
                    return value
        return default_of(name)

    def _axial_uS(self, painted: Painted) -> Floats:
        Ra = [float(painted.get((section, "Ra"), 35.4)) for section in range(len(self._counts))]
        each = np.repeat(Ra, [count + 1 for count in self._counts])
        unit = np.array([MOhm for _, _, MOhm in self.network.sides])
        return np.concatenate([[0.0], 1 / (each * unit)])

    def _capacitance_nF(self, painted: Painted) -> Floats:
        found = np.zeros(self.network.size)
        for section, rows in enumerate(self.network.rows):
            found[rows[1:-1]] = painted.get((section, "cm"), 1.0)
        return np.asarray(found * self.network.capacitance_nF)


def frame_of(recipe: CellRecipe) -> Frame:
    """Return the frame of a cell; those of the cells before are kept.

    Raises
    ------
    EngineError
        If the cell has something that this engine does not compute.
    """
    found = _frames.get(recipe.frame)
    if found is None:
        if len(_frames) >= _MOST_FRAMES:
            _frames.clear()
        found = _frames[recipe.frame] = Frame(recipe)
    return found


_frames: dict[str, Frame] = {}
_MOST_FRAMES = 64


@dataclass(frozen=True, eq=False)
class _Told:
    """The numbers of the first cell that was asked for: those of others differ in a few."""

    recipe: CellRecipe
    painted: Painted
    own: Floats
    axial_uS: Floats
    capacitance_nF: Floats


@dataclass(frozen=True, eq=False)
class Values:
    """The numbers of one cell, as the kernel takes them."""

    shared: Floats
    own: Floats
    axial_uS: Floats
    capacitance_nF: Floats


_KNOWN_CHARGES = {"na": 1.0, "k": 1.0, "ca": 2.0}


def _variables(equations: Sequence[Equations]) -> list[str]:
    """Return the names under which a study paints what these mechanisms read."""
    own = [f"{n}_{one.suffix}" for one in equations for n in one.parameters if not one.is_global(n)]
    ions = {ion.name for one in equations for ion in one.file.ions}
    return [*own, *(name for ion in sorted(ions) for name in (f"e{ion}", f"{ion}i", f"{ion}o"))]


@cache
def _equations(sets: tuple[MechanismSet, ...], suffixes: frozenset[str]) -> Mapping[str, Equations]:
    """Return the equations of mechanisms, NEURON's own pas and hh among them."""
    found: dict[str, Equations] = {}
    for one in sets:
        wanted = {m.file for m in one.mechanisms if m.suffix in suffixes}
        if wanted:
            sources = tuple(each for each in one.sources if each[0] in wanted)
            found |= _read(one.folder, sources)
    files = [_BUILT_IN / f"{s}.mod" for s in sorted(suffixes - {*found})]
    for file in files:
        if not file.exists():
            raise UntranslatedError(
                f"the population engine does not know NEURON's own {file.stem}; choose engine = "
                "'neuron'"
            )
    if files:
        found |= _read(_BUILT_IN, tuple((f.name, f.read_text(encoding="utf-8")) for f in files))
    return found


def _read(folder: Path, sources: tuple[tuple[str, str], ...]) -> dict[str, Equations]:
    found = {}
    for parsed in parse(folder, sources):
        if parsed.declared is None:
            raise UntranslatedError(f"{folder / parsed.name}: {parsed.error}")
        found[parsed.declared.suffix] = Equations(parsed.file or parsed.declared)
    return found
