"""What differs between two cells."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.section import REGIONS, Region, Section
from workbench.morphology.tree import Morphology

What = Literal["sections", "attachment", "points", "diameters", "measures"]
"""What differs: how many sections, where they hang, how they run, how thick and how large."""

SAME_um = 1e-6
SINGLE = 2.0**-21
"""Of a coordinate: what single precision may lose of it on the way through a file."""
NAMED = 5


@dataclass(frozen=True)
class Difference:
    """One way in which two cells differ.

    Attributes
    ----------
    what
        "sections", "attachment", "points", "diameters" or "measures".
    sections
        The names of the sections that differ so, in the first cell; of those that it lacks, in the
        second. Empty for a measure of a region or the cell.
    message
        Both values, where it differs most.
    """

    what: What
    sections: tuple[str, ...]
    message: str


def compare_morphologies(
    first: Morphology, second: Morphology, tolerance_um: float = SAME_um
) -> tuple[Difference, ...]:
    """Return what differs between two cells; nothing for the same shape.

    Sections are compared by name. Where a region has more of them in one cell, those that run
    through the same points belong together. Two sections run alike if a pencil would draw the
    same: a point on the straight line between its neighbours makes no difference. What single
    precision cannot tell apart is the same.

    Parameters
    ----------
    tolerance_um
        What counts as no difference, of places, lengths and diameters.
    """
    pairs, found = [], []
    for region in REGIONS:
        own, other = first.indices(region), second.indices(region)
        if len(own) == len(other):
            pairs += list(zip(own, other, strict=True))
            continue
        alike, only_first, only_second = _alike(first, second, own, other)
        pairs += alike
        found.append(_counts(region, first, second, only_first, only_second))
    found += _attachments(first, second, pairs)
    found += _courses(first, second, pairs, tolerance_um)
    found += _measures(first, second)
    return tuple(found)


def _alike(
    first: Morphology, second: Morphology, own: Sequence[int], other: Sequence[int]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Return the pairs that run through the same points, and what is left of both."""
    waiting = defaultdict(list)
    for index in other:
        waiting[second.sections[index].points.tobytes()].append(index)
    pairs, left = [], []
    for index in own:
        same = waiting[first.sections[index].points.tobytes()]
        if same:
            pairs.append((index, same.pop(0)))
        else:
            left.append(index)
    return pairs, left, sorted(index for indices in waiting.values() for index in indices)


def _counts(
    region: Region, first: Morphology, second: Morphology, own: list[int], other: list[int]
) -> Difference:
    names = [first.names[i] for i in own], [second.names[i] for i in other]
    only = [
        f"only in the {which}: {_some(some)}"
        for which, some in zip(("first", "second"), names, strict=True)
        if some
    ]
    counts = f"{len(first.indices(region))} {region} sections, and {len(second.indices(region))}"
    return Difference("sections", (*names[0], *names[1]), "; ".join([counts, *only]))


def _attachments(
    first: Morphology, second: Morphology, pairs: list[tuple[int, int]]
) -> Iterator[Difference]:
    partner = dict(pairs) | {-1: -1}
    moved = []
    for index, other in pairs:
        here, there = first.sections[index], second.sections[other]
        same_parent = partner.get(here.parent) == there.parent
        apart = 0.0 if here.parent < 0 else abs(here.parent_x - there.parent_x)
        if not same_parent or apart > SAME_um:
            moved.append((index, other))
    if moved:
        names = tuple(first.names[index] for index, _ in moved)
        on = _hangs(first, moved[0][0]), _hangs(second, moved[0][1])
        message = f"hanging elsewhere: {_some(names)}; {names[0]} on {on[0]}, and on {on[1]}"
        yield Difference("attachment", names, message)


def _hangs(cell: Morphology, index: int) -> str:
    section = cell.sections[index]
    return (
        "nothing" if section.parent < 0 else f"{cell.names[section.parent]}({section.parent_x:g})"
    )


def _courses(
    first: Morphology, second: Morphology, pairs: list[tuple[int, int]], tolerance_um: float
) -> Iterator[Difference]:
    """Yield how sections differ in length, places and diameters along their way."""
    lengths, places, widths = [], [], []
    for index, other in pairs:
        here, there = first.sections[index], second.sections[other]
        name, rounding_um = first.names[index], _rounding_um(here, there)
        steps = len(here.points) + len(there.points)
        apart = abs(here.length_um - there.length_um)
        if apart > tolerance_um + steps * rounding_um:
            lengths.append(
                (apart, name, f"{here.length_um:.6g} um long, and {there.length_um:.6g}")
            )
            continue
        at, mine, theirs = _sampled(here, there)
        if not (here.is_cylinder or there.is_cylinder):
            far = np.linalg.norm(mine[:, :3] - theirs[:, :3], axis=1)
            worst = int(far.argmax())
            if far[worst] > tolerance_um + steps * rounding_um:
                places.append((far[worst], name, f"{far[worst]:.4g} um apart at {at[worst]:.3g}"))
        differ = np.abs(mine[:, 3] - theirs[:, 3])
        worst = int(differ.argmax())
        least_um = tolerance_um + SINGLE * mine[:, 3].max() + _steepest(here, there) * rounding_um
        if differ[worst] > least_um:
            said = f"{mine[worst, 3]:.6g} um at {at[worst]:.3g}, and {theirs[worst, 3]:.6g}"
            widths.append((differ[worst], name, said))
    yield from _worst("points", "of another length", lengths)
    yield from _worst("points", "running elsewhere", places)
    yield from _worst("diameters", "of another diameter", widths)


def _rounding_um(here: Section, there: Section) -> float:
    drawn = [section.points[:, :3] for section in (here, there) if not section.is_cylinder]
    return SINGLE * max((float(np.abs(points).max()) for points in drawn), default=0.0)


def _steepest(here: Section, there: Section) -> float:
    """Return the largest change of a diameter along its way, by which a place moves it."""
    slopes = [0.0]
    for one in (here, there):
        steps = np.diff(one.arcs_um)
        moving = steps > SAME_um
        slopes += (np.abs(np.diff(one.points[:, 3]))[moving] / steps[moving]).tolist()
    return max(slopes)


def _sampled(here: Section, there: Section) -> tuple[Floats, Floats, Floats]:
    """Return places on two sections and x, y, z and diameter there.

    That is at their points where both have as many; else at two places within each straight piece,
    which tell two of them apart wherever diameters jump.
    """
    mine, theirs = (one.arcs_um / one.length_um for one in (here, there))
    if len(mine) == len(theirs):
        return mine, here.points, there.points
    knots = np.union1d(mine, theirs)
    at = np.concatenate([knots[:-1] + part * np.diff(knots) for part in (0.25, 0.75)])
    return at, _along(here, at), _along(there, at)


def _along(section: Section, at: Floats) -> Floats:
    arcs = at * section.length_um
    return np.column_stack([np.interp(arcs, section.arcs_um, one) for one in section.points.T])


def _worst(what: What, how: str, found: list[tuple[float, str, str]]) -> Iterator[Difference]:
    if found:
        names = tuple(name for _, name, _ in found)
        _, name, said = max(found)
        yield Difference(what, names, f"{how}: {_some(names)}; {name} is {said}")


def _measures(first: Morphology, second: Morphology) -> Iterator[Difference]:
    for region in REGIONS:
        for what, unit, (one, two) in (
            ("length", "um", (first.length_um(region), second.length_um(region))),
            ("area", "um2", (first.area_um2(region), second.area_um2(region))),
        ):
            if abs(one - two) > 1e-6 * max(one, two):
                change = f" ({100 * (two / one - 1):+.3g} %)" if one else ""
                message = f"{region} {what} {one:.8g} {unit}, and {two:.8g}{change}"
                yield Difference("measures", (), message)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
