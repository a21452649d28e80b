"""Maps: what a variable does in each segment of a region, in a number or a few.

A new word that a map may keep is a function with `@word` here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe, variables_at
from workbench.errors import StudyError, unknown
from workbench.keys import key
from workbench.morphology import Morphology

Word = Callable[[Floats, Floats], float]

WORDS: dict[str, Word] = {}
"""What a map may keep of times (ms) and values, both of shape (n,), by name."""

REDUCTIONS = ("maximum", "minimum", "mean")
"""What may be asked of a map's values over its segments; the mean is weighted with their area."""


def word(function: Word) -> Word:
    """Let maps keep what a function returns, under its name."""
    WORDS[function.__name__] = function
    return function


@word
def maximum(t_ms: Floats, values: Floats) -> float:
    """Return the largest value."""
    return float(values.max())


@word
def time_of_maximum_ms(t_ms: Floats, values: Floats) -> float:
    """Return when the largest value is first reached, from the start of the run."""
    return float(t_ms[values.argmax()])


@word
def minimum(t_ms: Floats, values: Floats) -> float:
    """Return the least value."""
    return float(values.min())


@word
def time_of_minimum_ms(t_ms: Floats, values: Floats) -> float:
    """Return when the least value is first reached, from the start of the run."""
    return float(t_ms[values.argmin()])


@word
def width_at_half_ms(t_ms: Floats, values: Floats) -> float:
    """Return how long the response takes from half its peak to half its peak.

    The peak counts from the first value. The time is that from the first crossing upwards to the
    last one downwards, on straight lines between samples. NaN where nothing rises, or the last
    value is still above.
    """
    half = (values[0] + values.max()) / 2
    above = np.flatnonzero(values >= half)
    first, last = above[0], above[-1]
    if first == 0 or last == values.size - 1:
        return float("nan")

    def crossed_ms(at: int) -> float:
        part = (half - values[at]) / (values[at + 1] - values[at])
        return float(t_ms[at] + part * (t_ms[at + 1] - t_ms[at]))

    return crossed_ms(last) - crossed_ms(first - 1)


@word
def integral(t_ms: Floats, values: Floats) -> float:
    """Return the area between the values and the first of them, in their unit times ms."""
    return float(np.trapezoid(values - values[0], t_ms))


@word
def mean(t_ms: Floats, values: Floats) -> float:
    """Return the mean over time."""
    return float(np.trapezoid(values, t_ms) / (t_ms[-1] - t_ms[0]))


@word
def end(t_ms: Floats, values: Floats) -> float:
    """Return the last value."""
    return float(values[-1])


@dataclass(frozen=True)
class Map:
    """One number a segment for each word, of a variable in a region.

    Whole traces are looked at where they are made, a part of the segments at a time, and forgotten.

    Attributes
    ----------
    region, variable
        Where, and NEURON's name of a range variable that every segment there has.
    keep
        Words of `WORDS`.
    name
        What tables and measures call it.
    window_ms
        Between which times it is looked at; None for the whole run. The first value of a response
        is that at the begin.

    Raises
    ------
    StudyError
        If there is no such word, or a window cannot be.
    """

    region: str = key("Which segments: a region, `all`, or a section such as `apic[3]`.", "all")
    variable: str = key("NEURON's name of a range variable that every segment there has.", "v")
    keep: tuple[str, ...] = key("What is kept of each segment's trace.", ("maximum",))
    name: str = key("Its name, where a protocol has several.", "map")
    window_ms: tuple[float, float] | None = key(
        "Between which times it is looked at; the whole run unless it is given.", None
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "keep", tuple(self.keep))
        if not self.name.isidentifier():
            raise StudyError(f"a map is called {self.name!r}; take letters, digits and _")
        if not self.keep:
            raise StudyError(f"map {self.name} keeps nothing; allowed: {', '.join(WORDS)}")
        for name in self.keep:
            if name not in WORDS:
                raise StudyError(f"map {self.name}: keep: {unknown('word', name, WORDS)}")
            if self.keep.count(name) > 1:
                raise StudyError(f"map {self.name} keeps {name} twice")
        if self.window_ms is not None:
            begin_ms, end_ms = self.window_ms
            object.__setattr__(self, "window_ms", (float(begin_ms), float(end_ms)))
            if not 0 <= begin_ms < end_ms:
                raise StudyError(
                    f"map {self.name}: window_ms is from {begin_ms:g} to {end_ms:g}; it begins at "
                    "0 or later and ends after it began"
                )

    def kept(self, t_ms: Floats, values: Floats) -> Floats:
        """Return what it keeps of one segment's trace, in the order of its words.

        NaN where the window holds fewer than two samples.
        """
        if self.window_ms is not None:
            begin_ms, end_ms = self.window_ms
            inside = (t_ms >= begin_ms) & (t_ms <= end_ms)
            t_ms, values = t_ms[inside], values[inside]
        if t_ms.size < 2:
            return np.full(len(self.keep), np.nan)
        return np.array([WORDS[name](t_ms, values) for name in self.keep])


@dataclass(frozen=True)
class Mapped:
    """What came of a map.

    Attributes
    ----------
    words
        What was kept.
    sections
        Of each segment, the section's name, (n,).
    x, distance_um, area_um2
        Its middle on the section, 0 to 1; the path from soma(0.5) to there; its membrane area; (n,)
        each.
    values
        (n, words) in the variable's unit, or as the word says.
    """

    words: tuple[str, ...]
    sections: tuple[str, ...]
    x: Floats
    distance_um: Floats
    area_um2: Floats
    values: Floats

    def __repr__(self) -> str:
        return f"<Mapped {len(self.sections)} segments: {', '.join(self.words)}>"

    @cached_property
    def columns(self) -> Mapping[str, Sequence[str] | Floats]:
        """Its table by columns: places, then words."""
        places = {
            "section": self.sections,
            "x": self.x,
            "distance_um": self.distance_um,
            "area_um2": self.area_um2,
        }
        return places | dict(zip(self.words, self.values.T, strict=True))

    def reduced(self, name: str, reduction: str) -> float:
        """Return one number for all segments that have one of this word; NaN if none has.

        Parameters
        ----------
        reduction
            One of `REDUCTIONS`.
        """
        values = self.values[:, self.words.index(name)]
        known = np.isfinite(values)
        if not known.any():
            return float("nan")
        if reduction == "mean":
            return float(np.average(values[known], weights=self.area_um2[known]))
        return float(values[known].max() if reduction == "maximum" else values[known].min())


def segments_of(one: Map, recipe: CellRecipe) -> list[tuple[int, float]]:
    """Return the segments of a map, as indices of sections and middles on them, 0 to 1."""
    counts = recipe.segment_counts
    return [
        (index, (number + 0.5) / counts[index])
        for index in recipe.morphology.indices(one.region)
        for number in range(counts[index])
    ]


def mapped(one: Map, recipe: CellRecipe, values: Floats) -> Mapped:
    """Return what came of a map, (n, words), with where its segments are."""
    tree, counts = recipe.morphology, recipe.segment_counts
    indices = tree.indices(one.region)
    places = [(np.arange(counts[i]) + 0.5) / counts[i] for i in indices]
    return Mapped(
        one.keep,
        tuple(tree.names[i] for i in indices for _ in range(counts[i])),
        np.concatenate(places),
        np.concatenate([tree.path_distance_um(i, x) for i, x in zip(indices, places, strict=True)]),
        np.concatenate([_areas_um2(tree, i, counts[i]) for i in indices]),
        values,
    )


def _areas_um2(tree: Morphology, section: int, count: int) -> Floats:
    return tree.sections[section].areas_um2(np.arange(count + 1) / count)


def check_map(one: Map, recipe: CellRecipe) -> None:
    """Refuse a map of what a cell has not.

    Raises
    ------
    MorphologyError
        If there is no such region.
    StudyError
        If it has no section, or a section has no such variable.
    """
    indices = recipe.morphology.indices(one.region)
    if not indices:
        raise StudyError(f"this cell has no {one.region} section; choose another region")
    if one.variable == "v":
        return
    for index in indices:
        if one.variable not in (there := variables_at(recipe, index)):
            section = recipe.morphology.names[index]
            raise StudyError(f"{section}: {unknown('variable', one.variable, there)}")
