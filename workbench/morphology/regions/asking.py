"""Which sections a named region holds, and where it ends inside of one.

An expression is asked of all straight pieces of the tree at once. Where it holds at some of a piece
alone, the piece is halved and asked again, so that no part of a section longer than 1 nm is missed.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, MorphologyError
from workbench.inputs import expression
from workbench.morphology.dividing import SHORTEST_um
from workbench.morphology.regions.expressions import Bools, Truth, holds
from workbench.morphology.regions.named import NamedRegion, refused
from workbench.morphology.regions.places import Ints, Parts, Pieces, pieces_of
from workbench.morphology.section_tree import SectionTree

Regions = tuple[NamedRegion, ...]
Cuts = Mapping[int, tuple[float, ...]]
"""By section, places on it."""

MOST_PARTS = 1_000_000
SINGLE = 2.0**-20
"""Of a coordinate: what single precision may lose of it where a section is cut."""

_HALVINGS = 50


class _Run(NamedTuple):
    """A part of a section at which a region is, or is not."""

    begin_um: float
    end_um: float
    holds: bool


@lru_cache(maxsize=512)
def sections_in(morphology: SectionTree, regions: Regions, name: str) -> tuple[int, ...]:
    """Return the sections that one of a cell's named regions holds.

    Raises
    ------
    MorphologyError
        If it cannot be asked of this tree, or ends inside of a section.
    """
    region = next(one for one in regions if one.name == name)
    held, ends = _asked(morphology, regions, region)
    if ends:
        raise _ends_inside(morphology, region, ends)
    return tuple(np.flatnonzero(held).tolist())


def cuts_of(morphology: SectionTree, regions: Regions, region: NamedRegion) -> Cuts:
    """Return where sections have to be cut for one of a cell's named regions.

    Raises
    ------
    MorphologyError
        If it cannot be asked of this tree, or may not be cut where it ends.
    """
    _, ends = _asked(morphology, regions, region)
    if ends and not region.cut:
        raise _ends_inside(morphology, region, ends)
    if 0 in ends:
        raise MorphologyError(
            f"region {region.name!r} ends inside of {morphology.names[0]}, at {ends[0][0]:.4g}: "
            "the root is not cut, since distances count from its middle; write (...) and not "
            f"{morphology.sections[0].region}"
        )
    return ends


def _ends_inside(morphology: SectionTree, region: NamedRegion, ends: Cuts) -> MorphologyError:
    first = min(ends)
    more = f", and so in {len(ends) - 1} more sections" if len(ends) > 1 else ""
    return MorphologyError(
        f"region {region.name!r} of {morphology.name!r} ends inside of {morphology.names[first]}, "
        f"at {ends[first][0]:.4g}{more}: {region.where!r} holds on one side alone. Write cut = "
        "true, which cuts sections there, or draw the line where sections end"
    )


def _asked(morphology: SectionTree, regions: Regions, region: NamedRegion) -> tuple[Bools, Cuts]:
    """Return for each section whether a region holds it, and where it ends inside of some."""
    pieces = pieces_of(morphology)
    before = regions[: regions.index(region)]

    def truth(piece: Ints, low: Floats, high: Floats) -> Truth:
        with np.errstate(all="ignore"):
            found = holds(expression(region.where), Parts(pieces, before, piece, low, high))
        return Truth(*(np.broadcast_to(one, piece.shape) for one in found))

    try:
        return _explored(pieces, truth)
    except RecursionError:
        why = "it is nested too deeply"
    except InputError as error:
        why = str(error)
        later = [one.name for one in regions[len(before) :] if f"name {one.name!r}" in why]
        if later:
            why += f". A region may name those before it; {later[0]} is not"
    raise MorphologyError(refused(region.name, region.where, why))


def _explored(pieces: Pieces, truth: Callable[[Ints, Floats, Floats], Truth]) -> tuple[Bools, Cuts]:
    places = np.nan_to_num(np.abs(pieces.points[:, :, :3]))
    tolerance_um = max(SHORTEST_um, SINGLE * float(places.max()))
    piece = np.arange(len(pieces.section))
    low, high = np.zeros(len(piece)), np.ones(len(piece))
    found: list[tuple[Ints, Floats, Floats, Bools]] = []
    while len(piece):
        must, may = truth(piece, low, high)
        open_ = may & ~must
        found.append((piece[~open_], low[~open_], high[~open_], must[~open_]))
        piece, low, high = piece[open_], low[open_], high[open_]
        middle = (low + high) / 2
        must, may = truth(piece, middle, middle)
        if (may & ~must).any():
            at = pieces.morphology.names[pieces.section[piece[(may & ~must).argmax()]]]
            raise InputError(f"{at} or the root is a cylinder without a place in space")
        span_um = (high - low) * np.diff(pieces.arcs_um[piece], axis=1)[:, 0]
        small = span_um < tolerance_um / 4
        found.append((piece[small], low[small], high[small], must[small]))
        if np.count_nonzero(~small) > MOST_PARTS:
            raise InputError("it changes too often along the tree to be followed")
        low, high = (
            np.concatenate([ends[~small] for ends in both])
            for both in ((low, middle), (middle, high))
        )
        piece = np.concatenate([piece[~small], piece[~small]])
    return _by_section(pieces, truth, found, tolerance_um)


def _by_section(
    pieces: Pieces,
    truth: Callable[[Ints, Floats, Floats], Truth],
    found: list[tuple[Ints, Floats, Floats, Bools]],
    tolerance_um: float,
) -> tuple[Bools, Cuts]:
    piece, low, high, is_in = (np.concatenate(one) for one in zip(*found, strict=True))
    begin_um, end_um = Parts(pieces, (), piece, low, high).arcs_um()
    section = pieces.section[piece]
    held = np.zeros(len(pieces.morphology), dtype=bool)
    held[section[is_in]] = True
    mixed = held.copy()
    mixed &= np.isin(np.arange(len(held)), section[~is_in])
    ends: dict[int, tuple[float, ...]] = {}
    for index in np.flatnonzero(mixed).tolist():
        here = np.flatnonzero(section == index)
        here = here[np.argsort(begin_um[here], kind="stable")]
        rows = zip(
            begin_um[here].tolist(), end_um[here].tolist(), is_in[here].tolist(), strict=True
        )
        runs = _runs([_Run(*row) for row in rows], tolerance_um)
        held[index] = runs[0].holds
        if len(runs) > 1:
            length = pieces.morphology.sections[index].length_um
            changes = [run.end_um for run in runs[:-1]]
            ends[index] = tuple(
                _sharpened(pieces, truth, index, arc, tolerance_um) / length for arc in changes
            )
    return held, ends


def _runs(parts: list[_Run], tolerance_um: float) -> list[_Run]:
    """Return the parts of a section put together, those too short to be cut off with others."""
    runs: list[_Run] = []
    for is_in, same in groupby(parts, key=lambda part: part.holds):
        group = list(same)
        run = _Run(group[0].begin_um, group[-1].end_um, is_in)
        if not runs:
            runs.append(run)
        elif run.holds == runs[-1].holds or run.end_um - run.begin_um < tolerance_um:
            runs[-1] = runs[-1]._replace(end_um=run.end_um)
        elif len(runs) == 1 and runs[0].end_um - runs[0].begin_um < tolerance_um:
            runs[0] = run._replace(begin_um=0.0)
        else:
            runs.append(run)
    return runs


def _sharpened(
    pieces: Pieces,
    truth: Callable[[Ints, Floats, Floats], Truth],
    section: int,
    arc_um: float,
    tolerance_um: float,
) -> float:
    """Return where exactly a region ends that ends about here."""
    own = np.flatnonzero(pieces.section == section)
    begins_um, ends_um = pieces.arcs_um[own].T

    def is_in(at_um: float) -> bool:
        which = max(int(np.searchsorted(begins_um, at_um, side="right")) - 1, 0)
        share = (at_um - begins_um[which]) / (ends_um[which] - begins_um[which])
        place = np.array([min(share, 1.0)])
        return bool(truth(own[[which]], place, place).must[0])

    low = max(arc_um - tolerance_um / 2, 0.0)
    high = min(arc_um + tolerance_um / 2, float(ends_um[-1]))
    before = is_in(low)
    if before == is_in(high):
        return arc_um
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_in(middle) == before else (low, middle)
    return (low + high) / 2
