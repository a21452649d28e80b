"""Somata whose form two readers understand differently."""

from collections.abc import Iterator

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.readers.swc_rows import SOMA, Points

MOST_APART = 0.05
"""Areas that differ by no more than this part count as one reading."""

MOST_OUTLINES_APART = 0.25
"""The same for outlines, of which NEURON makes frusta and NeuroM a sphere."""


def differing(points: Points, area_um2: float) -> Iterator[str]:
    """Yield how else a soma is read, if MorphIO and NeuroM read it otherwise.

    Parameters
    ----------
    area_um2
        Its membrane area as NEURON's Import3d reads it, and as this cell has it.
    """
    rows = np.flatnonzero(points.kinds == SOMA)
    if not len(rows):
        return
    lines = f"lines {points.lines[rows].min()} to {points.lines[rows].max()}"
    read = f"the soma ({lines}, {len(rows)} points) has {area_um2:.4g} um2 here, as NEURON reads it"
    theirs_um2 = morphio_area_um2(points)
    if theirs_um2 is None:
        yield f"{read}; MorphIO and NeuroM refuse it, because it forks"
    elif abs(theirs_um2 - area_um2) > MOST_APART * max(theirs_um2, area_um2):
        yield (
            f"{read}, and {theirs_um2:.4g} um2 as MorphIO and NeuroM do: see which is meant, and "
            "write it as one point (a sphere) or as a chain"
        )


def differing_outline(outline: Floats, soma: Floats) -> Iterator[str]:
    """Yield how else an outline is read, if NeuroM's sphere is far from NEURON's frusta.

    Parameters
    ----------
    outline
        (n, 3) x, y, z in um.
    soma
        (k, 4) what NEURON makes of it: x, y, z and diameter in um.
    """
    radius_um = float(np.linalg.norm(outline - outline.mean(axis=0), axis=1).mean())
    theirs_um2, area_um2 = 4 * np.pi * radius_um**2, float(_frusta_um2(soma).sum())
    if abs(theirs_um2 - area_um2) > MOST_OUTLINES_APART * max(theirs_um2, area_um2):
        yield (
            f"the soma's outline of {len(outline)} points is a body of {area_um2:.4g} um2 here, as "
            f"NEURON reads it, and a sphere of {theirs_um2:.4g} um2 as NeuroM does; "
            'soma = "sphere" takes that one'
        )


def morphio_area_um2(points: Points) -> float | None:
    """Return the area that NeuroM 4 computes for a soma as MorphIO 3 classifies it.

    One point is a sphere, three of which two grow from the first are a cylinder between these two,
    others are frusta from one row to the next; None for a soma that forks elsewhere than at its
    root, which MorphIO refuses.
    """
    rows = np.flatnonzero(points.kinds == SOMA)
    places, parents = points.places[rows], points.parents[rows]
    if len(rows) == 1:
        return float(np.pi * places[0, 3] ** 2)
    if len(rows) == 3 and (parents[1:] == rows[0]).all():
        return float(np.pi * places[0, 3] * np.linalg.norm(places[2, :3] - places[1, :3]))
    grown, counts = np.unique(parents[1:], return_counts=True)
    if (counts[grown != rows[0]] > 1).any():
        return None
    return float(_frusta_um2(places).sum())


def _frusta_um2(places: Floats) -> Floats:
    lengths = np.linalg.norm(np.diff(places[:, :3], axis=0), axis=1)
    radii = places[:, 3] / 2
    return np.asarray(np.pi * (radii[1:] + radii[:-1]) * np.hypot(lengths, np.diff(radii)))
