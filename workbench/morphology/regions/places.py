"""A tree as straight pieces between points, on which the words of expressions are numbers."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.inputs import expression
from workbench.morphology.regions.branching import Branching, branching_of
from workbench.morphology.regions.expressions import Bools, Range, Truth, holds
from workbench.morphology.regions.named import NamedRegion
from workbench.morphology.section import REGIONS, SAME_PLACE_um
from workbench.morphology.section_tree import SectionTree
from workbench.morphology.sites import DistanceSite, Site, locate, parse_site

Ints = npt.NDArray[np.intp]
_SPACE = ("x_um", "y_um", "z_um", "radial_um")


@dataclass(frozen=True, eq=False)
class Pieces:
    """The straight pieces of all sections, one section after the other.

    Attributes
    ----------
    morphology
        The tree.
    section
        (n,) the section that each is of.
    arcs_um
        (n, 2) where on it each begins and ends.
    points
        (n, 2, 4) x, y, z and diameter at both ends; NaN for x, y, z of cylinders without a place.
    """

    morphology: SectionTree
    section: Ints
    arcs_um: Floats
    points: Floats

    @cached_property
    def distance_um(self) -> Floats:
        """(n, 2) the path from the middle of the root to both ends."""
        sections = self.morphology.sections
        middle = sections[0].length_um / 2
        starts = np.zeros(len(sections))
        for index, section in enumerate(sections[1:], start=1):
            along = section.parent_x * sections[section.parent].length_um
            on_root = section.parent == 0
            starts[index] = abs(along - middle) if on_root else starts[section.parent] + along
        found = starts[self.section][:, None] + self.arcs_um
        return np.where((self.section == 0)[:, None], np.abs(self.arcs_um - middle), found)

    @cached_property
    def from_middle_um(self) -> Floats:
        """(n, 2, 3) x, y, z from the middle of the root."""
        root = self.morphology.sections[0]
        middle = [np.interp(root.length_um / 2, root.arcs_um, one) for one in root.points.T[:3]]
        return self.points[:, :, :3] - (np.nan if root.is_cylinder else np.array(middle))

    @cached_property
    def branching(self) -> Branching:
        """Forks and tips."""
        return branching_of(self.morphology)

    @cached_property
    def sizes_um(self) -> tuple[Floats, Floats]:
        """(sections,) length and mean diameter; pieces of one section have those of all of it."""
        lengths, diameters = np.zeros((2, len(self.morphology)))
        for pieces in self.morphology.wholes:
            sections = [self.morphology.sections[index] for index in pieces]
            each = [section.length_um for section in sections]
            means = [float(section.diameters_um((0.0, 1.0))[0]) for section in sections]
            lengths[[*pieces]] = sum(each)
            diameters[[*pieces]] = np.average(means, weights=each)
        return lengths, diameters


@lru_cache(maxsize=8)
def pieces_of(morphology: SectionTree) -> Pieces:
    """Return the pieces of a tree; the root has one end in its middle, where distances turn."""
    section, arcs_um, points = [], [], []
    for index, one in enumerate(morphology.sections):
        rows, arcs = np.array(one.points), np.array(one.arcs_um)
        if one.is_cylinder:
            rows[:, :3] = np.nan
        if index == 0:
            middle = arcs[-1] / 2
            at = int(np.searchsorted(arcs, middle))
            row = [np.interp(middle, arcs, column) for column in rows.T]
            rows, arcs = np.insert(rows, at, row, axis=0), np.insert(arcs, at, middle)
        kept = np.diff(arcs) > SAME_PLACE_um
        section += [index] * int(kept.sum())
        arcs_um.append(np.column_stack([arcs[:-1], arcs[1:]])[kept])
        points.append(np.stack([rows[:-1], rows[1:]], axis=1)[kept])
    return Pieces(morphology, np.array(section), np.vstack(arcs_um), np.vstack(points))


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of pieces, from one share of its length to another; see `expressions.Stretches`.

    `regions` are those that may be named.
    """

    of: Pieces
    regions: tuple[NamedRegion, ...]
    piece: Ints
    low: Floats
    high: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the regions."""
        return tuple(one.name for one in self.regions)

    @property
    def _section(self) -> Ints:
        return self.of.section[self.piece]

    def arcs_um(self) -> tuple[Floats, Floats]:
        """Return where on its section each begins and ends."""
        begin, end = self.of.arcs_um[self.piece].T
        return begin + self.low * (end - begin), begin + self.high * (end - begin)

    def number(self, word: str) -> Range:
        """Return the range of one of `expressions.NUMBERS`."""
        if word in ("order", "strahler"):
            each = getattr(self.of.branching, word)[self._section]
            return Range(each, each)
        if word in ("length_um", "diameter_um"):
            each = self.of.sizes_um[word == "diameter_um"][self._section]
            return Range(each, each)
        if word == "radial_um":
            return self._somewhere(self._radial_um())
        if word == "distance_um":
            return self._between(self.of.distance_um)
        column = ("x_um", "y_um", "z_um", "local_diameter_um").index(word)
        found = self._between(self.of.points[:, :, column])
        return self._somewhere(found) if word in _SPACE else found

    def holds(self, what: str) -> Truth:
        """Return where one of the four regions is, `tips`, or one of `names`."""
        if what == "tips":
            return self._there(self.of.branching.tips)
        if what in REGIONS:
            return self._there(_marked(self.of, self.of.morphology.indices(what)))
        number = self.names.index(what)
        where = expression(self.regions[number].where)
        return holds(where, replace(self, regions=self.regions[:number]))

    def section(self, name: str) -> Truth:
        """Return where a section is, in all its pieces."""
        return self._there(_marked(self.of, self.of.morphology.indices(name)))

    def call(self, function: str, given: str) -> Truth:
        """Return where `subtree('section')` or `path('site')` is."""
        morphology = self.of.morphology
        if function == "subtree":
            return self._there(_marked(self.of, _subtree(morphology, given)))
        site = parse_site(given)
        allowed = ("all", *REGIONS, *self.names)
        if isinstance(site, DistanceSite) and site.region not in allowed:
            raise InputError(unknown("region", site.region, allowed))
        return self._there(_marked(self.of, _path(morphology, site)))

    def _there(self, sections: Bools) -> Truth:
        there = sections[self._section]
        return Truth(there, there)

    def _between(self, ends: Floats) -> Range:
        begin, end = ends[self.piece].T
        both = np.sort([begin + share * (end - begin) for share in (self.low, self.high)], axis=0)
        return Range(*both)

    def _radial_um(self) -> Range:
        begin, end = (self.of.from_middle_um[self.piece, which] for which in (0, 1))
        near, far = (begin + share[:, None] * (end - begin) for share in (self.low, self.high))
        way = far - near
        square = np.maximum((way * way).sum(axis=1), 1e-300)
        nearest = np.clip(-(near * way).sum(axis=1) / square, 0.0, 1.0)[:, None] * way + near
        both = [np.linalg.norm(ends, axis=1) for ends in (near, far)]
        return Range(np.linalg.norm(nearest, axis=1), np.maximum(*both))

    def _somewhere(self, known: Range) -> Range:
        """Return a range, of all numbers for what has no place in space."""
        low = np.where(np.isnan(known.low), -np.inf, known.low)
        return Range(low, np.where(np.isnan(known.high), np.inf, known.high))


def _marked(pieces: Pieces, sections: tuple[int, ...]) -> Bools:
    found = np.zeros(len(pieces.morphology), dtype=bool)
    found[[*sections]] = True
    return found


@lru_cache(maxsize=64)
def _subtree(morphology: SectionTree, section: str) -> tuple[int, ...]:
    """Return a section with all that grows from it."""
    within = {morphology.place(section, 0.0)[0]}
    for index, one in enumerate(morphology.sections):
        if one.parent in within:
            within.add(index)
    return tuple(within)


@lru_cache(maxsize=64)
def _path(morphology: SectionTree, site: Site) -> tuple[int, ...]:
    """Return the neurites on the way from the root to a site, all pieces of each."""
    at, _ = locate(site, morphology)
    passed = set()
    while at >= 0:
        passed.add(at)
        at = morphology.sections[at].parent
    whole = (pieces for pieces in morphology.wholes if passed & {*pieces})
    neurites = (pieces for pieces in whole if morphology.sections[pieces[0]].region != "somatic")
    return tuple(index for pieces in neurites for index in pieces)
