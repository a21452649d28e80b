"""One unbranched piece of a cell and its geometry, computed as NEURON computes it.

NEURON keeps 3-d points in single precision, adds the distances between them in double precision
(`nrn_pt3dmodified` in its treeset.cpp) and takes a segment's diameter and area from the frusta
between the points (`diam_from_list` in the same file). The same arithmetic here gives the numbers
that a simulation will see, without NEURON.
"""

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.errors import MorphologyError, unknown

Region = Literal["somatic", "axonal", "basal", "apical"]
"""What a section belongs to."""

REGIONS: tuple[Region, ...] = get_args(Region)
"""All regions."""

ARRAYS: MappingProxyType[Region, str] = MappingProxyType(
    {"somatic": "soma", "axonal": "axon", "basal": "dend", "apical": "apic"}
)
"""What the field calls the sections of each."""

FARTHEST_um = 1e9
"""No point is farther from the origin, and no length or diameter larger: a kilometre."""

# Below this distance two points count as one place, and the second gives the diameter there.
SAME_PLACE_um = 1e-10


@dataclass(frozen=True, eq=False)
class Section:
    """An unbranched piece of a cell.

    Parameters
    ----------
    region
        The part of the cell that it belongs to.
    parent
        Index of the section it grows from, -1 for the root.
    parent_x
        Place on the parent where its own 0 end is attached, 0 to 1.
    points
        (n, 4) x, y, z and diameter in um, n >= 2; kept in single precision, as NEURON does.
        A cylinder's two points run from the origin along z and keep double precision.
    is_cylinder
        The section is given by length and diameter alone, it has no place in space
        (in NEURON: `L` and `diam`, no 3-d points).
    lines
        The line of its file that each point comes from; nothing if that is not known.
    continues
        It goes on from its parent's end, where a region's boundary cut it off; see
        `Morphology.wholes`.

    Raises
    ------
    MorphologyError
        A region, place or point that cannot be, or a section without length.
    """

    region: Region
    parent: int
    parent_x: float
    points: Floats
    is_cylinder: bool = False
    lines: tuple[int, ...] = field(default=(), compare=False)
    continues: bool = False

    def __post_init__(self) -> None:
        if self.region not in REGIONS:
            raise MorphologyError(unknown("region", self.region, REGIONS))
        if self.parent < -1:
            raise MorphologyError(f"parent {self.parent}: an index, or -1 for the root")
        if not 0 <= self.parent_x <= 1:
            raise MorphologyError(f"parent_x {self.parent_x}: a place on a section is 0 to 1")
        object.__setattr__(self, "parent_x", float(self.parent_x))
        object.__setattr__(self, "points", _locked_points(self.points, self.is_cylinder))
        if not self.length_um > 0:
            raise MorphologyError("a section without length: all its points are in one place")

    def __repr__(self) -> str:
        shape = "cylinder" if self.is_cylinder else f"{len(self.points)} points"
        origin = "root" if self.parent == -1 else f"from {self.parent_x:g} of {self.parent}"
        return f"<Section {self.region}, {origin}: {self.length_um:.4g} um, {shape}>"

    @classmethod
    def cylinder(
        cls, region: Region, parent: int, parent_x: float, length_um: float, diameter_um: float
    ) -> Self:
        """Return a section given by its length and diameter in um."""
        if not length_um > 0 or not diameter_um > 0:
            raise MorphologyError(
                f"cylinder of length {length_um} um and diameter {diameter_um} um: both are > 0"
            )
        points = np.array([[0, 0, 0, diameter_um], [0, 0, length_um, diameter_um]], dtype=float)
        return cls(region, parent, parent_x, points, is_cylinder=True)

    @cached_property
    def arcs_um(self) -> Floats:
        """(n,) distance of each point from the first, along the section."""
        kept = self.points if self.is_cylinder else self.points.astype(np.float32)
        # The differences are rounded in the precision of the points, only then widened.
        x, y, z = np.diff(kept[:, :3], axis=0).astype(np.float64).T
        arcs = np.concatenate([[0.0], np.cumsum(np.sqrt(x * x + y * y + z * z))])
        arcs.setflags(write=False)
        return arcs

    @property
    def length_um(self) -> float:
        """Length along the points (NEURON's `L`)."""
        return float(self.arcs_um[-1])

    @cached_property
    def area_um2(self) -> float:
        """Membrane area: the sides of the frusta, without the end faces."""
        return float(self.areas_um2((0.0, 1.0))[0])

    def diameters_um(self, bounds: npt.ArrayLike) -> Floats:
        """Return the mean diameter of the pieces between places.

        Parameters
        ----------
        bounds
            (k + 1,) increasing places between 0 and 1.

        Returns
        -------
        (k,) mean diameter of each piece in um, weighted with length: for the bounds of a segment
        what NEURON gives the segment as `diam`.
        """
        return self._diameters_between(self._arcs_at(bounds))

    def areas_um2(self, bounds: npt.ArrayLike) -> Floats:
        """Return the membrane area of the pieces between places, (k,) in um2; see diameters_um."""
        return self._areas_between(self._arcs_at(bounds))

    def axial_per_um(self, bounds: npt.ArrayLike) -> Floats:
        """Return the integral of 1 / cross-section of the pieces between places, (k,) in 1/um.

        Times the axial resistivity it is the resistance along a piece; of a frustum it is
        4 L / (pi d1 d2).
        """
        arcs, diameters, first = self._cut(self._arcs_at(bounds))
        pieces = 4 / np.pi * np.diff(arcs) / (diameters[1:] * diameters[:-1])
        return np.asarray(np.add.reduceat(pieces[: first[-1]], first[:-1]))

    def diameter_at_um(self, x: float) -> float:
        """Return the diameter at a place, 0 to 1, between the points along a straight line."""
        return float(np.interp(x * self.length_um, self.arcs_um, self.points[:, 3]))

    def segment_diameters_um(self, nseg: int) -> Floats:
        """Return the diameters of `nseg` equal segments."""
        return self._diameters_between(self._segment_ends(nseg))

    def _arcs_at(self, bounds: npt.ArrayLike) -> Floats:
        places = np.asarray(bounds, dtype=float)
        if places.ndim != 1 or len(places) < 2 or places[0] < 0 or places[-1] > 1:
            raise MorphologyError(f"bounds {places}: two or more places between 0 and 1")
        if not (np.diff(places) > 0).all():
            raise MorphologyError(f"bounds {places}: places must increase")
        return places * self.length_um

    def _segment_ends(self, nseg: int) -> Floats:
        """Return the ends of segments with NEURON's rounding.

        It decides whether a jump of diameter just at an end belongs to the segment before.
        """
        step = self.length_um / nseg
        return np.concatenate([[0.0], (np.arange(nseg) * step + step / 2) + step / 2])

    def _diameters_between(self, at: Floats) -> Floats:
        arcs, diameters, first = self._cut(at)
        swept = 0.5 * (diameters[1:] + diameters[:-1]) * np.diff(arcs)
        totals = np.add.reduceat(swept[: first[-1]], first[:-1])
        return np.asarray(totals / np.diff(at))

    def _areas_between(self, at: Floats) -> Floats:
        arcs, diameters, first = self._cut(at)
        slant = np.hypot(np.diff(arcs), 0.5 * np.diff(diameters))
        sides = 0.5 * np.pi * (diameters[1:] + diameters[:-1]) * slant
        return np.asarray(np.add.reduceat(sides[: first[-1]], first[:-1]))

    def _cut(self, at: Floats) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
        """Return arcs and diameters with points added at the arcs `at`, and where these stand.

        Where the diameter jumps at a cut, the ring belongs to the piece before it.
        """
        arcs, diameters = self.arcs_um, self.points[:, 3]
        left = np.clip(np.searchsorted(arcs, at, side="right") - 1, 0, len(arcs) - 2)
        span = arcs[left + 1] - arcs[left]
        far = np.where(span < SAME_PLACE_um, 1.0, (at - arcs[left]) / np.maximum(span, 1e-300))
        here = (1 - far) * diameters[left] + far * diameters[left + 1]
        here[at <= 0] = diameters[0]
        before = np.where(at <= 0, 0, left + 1)
        first = before + np.arange(len(at))
        return np.insert(arcs, before, at), np.insert(diameters, before, here), first


def as_printed(values: Floats) -> Floats:
    """Return values with the eight digits that Import3d writes into its pt3dadd commands."""
    flat = [float(f"{value:.8g}") for value in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape)


def as_kept(values: Floats) -> Floats:
    """Return values that come back as they are from a file: eight digits in single precision."""
    return as_printed(values).astype(np.float32).astype(float)


def _locked_points(points: npt.ArrayLike, is_cylinder: bool) -> Floats:
    array = np.array(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 4 or len(array) < 2:
        raise MorphologyError(
            f"points of shape {array.shape}: a section needs two or more rows of x, y, z, diameter"
        )
    if not np.isfinite(array).all():
        raise MorphologyError("a point with a coordinate or diameter that is not a finite number")
    if (array[:, 3] < 0).any():
        raise MorphologyError(f"a point with a diameter below 0 um ({array[:, 3].min()})")
    if not is_cylinder:
        array = array.astype(np.float32).astype(np.float64)
    array.setflags(write=False)
    return array
