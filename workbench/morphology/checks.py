"""What is odd about a shape: what cannot be simulated, and what loads and was hardly meant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.section import REGIONS, Section
from workbench.morphology.tree import Morphology

Severity = Literal["error", "note", "remark"]
"""An error cannot be simulated, a note is odd, no simulation depends on a remark."""

THINNEST_um = 1e-3
"""A membrane alone is some 5 nm thick: what is thinner than 1 nm has no diameter."""

SOMA_um = (0.5, 2000.0)
"""No soma is thinner or wider; those of wasps are 1 um wide, those of sea slugs 1 mm."""

NEURITE_um = (0.005, 100.0)
"""No tree of traced neurites is mostly thinner or wider."""

LIKELY_um = {"somatic": (2.0, 100.0), "neurites": (0.1, 10.0)}
UNITS_um = {"nm": 1e-3, "mm": 1e3}

MOST_BEGINNING = 0.005
"""Of a region's length or area that may lie before the neurites' own first points."""

RING = 5
"""So many points of a soma, or more, may be an outline."""


@dataclass(frozen=True)
class Finding:
    """One oddity.

    Attributes
    ----------
    check
        The check that found it.
    section
        The section it is in; empty if it is of the whole cell.
    message
        What it is and what to do, with the file's lines where these are known.
    severity
        "error": no simulation can be right. "note": it can be simulated, and was hardly meant.
        "remark": nothing that a simulation depends on.
    """

    check: str
    section: str
    message: str
    severity: Severity = "note"


def check_morphology(morphology: Morphology, max_gap_um: float = 10.0) -> tuple[Finding, ...]:
    """Return what is odd about a shape, errors first; nothing for a sound one.

    size
        Somata or neurites of a size that no cell has: another unit.
    zero diameter
        Points without thickness: no current passes there, and NEURON gives NaN or cuts off what
        lies behind. At a free end alone it is a remark: a cone has an area.
    zero area
        A section without membrane.
    outline
        A soma whose points go round in a ring, and which is read as a tube along it.
    gap
        A section that was drawn farther than `max_gap_um` from the place that it hangs on.
    only child
        A section that goes on in a single section of its own region, from end to start.
    beginning
        Neurites that begin with the soma's point that they grow from, by more than 0.5 % of their
        region's length or area: NEURON draws that way, NeuroM leaves it out.
    reading
        What the file's reader had to say (`Morphology.notes` and `unlike_neuron`).
    """
    said = (*morphology.notes, *morphology.unlike_neuron)
    found = [Finding("reading", "", note) for note in said]
    for check in _CHECKS:
        found += check(morphology)
    found += _gaps(morphology, max_gap_um)
    order = {"error": 0, "note": 1, "remark": 2}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


@lru_cache(maxsize=64)
def require_sound(morphology: Morphology) -> None:
    """Refuse a shape that no simulation can be right of.

    Raises
    ------
    MorphologyError
        With all errors that `check_morphology` finds, one a line.
    """
    errors = [one.message for one in check_morphology(morphology) if one.severity == "error"]
    if errors:
        of = f" ({morphology.source})" if morphology.source else ""
        raise MorphologyError(f"morphology {morphology.name}{of}: " + "\n".join(errors))


def _size(morphology: Morphology) -> Iterator[Finding]:
    somatic = morphology.indices("somatic")
    traced = [s for s in morphology.sections if s.region != "somatic" and not s.is_cylinder]
    for index in somatic[:1]:
        widest = max(float(morphology.sections[i].points[:, 3].max()) for i in somatic)
        given_as_such = morphology.sections[index].is_cylinder
        if not SOMA_um[0] <= widest <= SOMA_um[1] and not given_as_such and widest > THINNEST_um:
            what = f"the soma is {widest:g} um wide, and no soma is wider than {SOMA_um[1]:g} um"
            if widest < SOMA_um[0]:
                what = f"the soma is {widest:g} um wide, and none is thinner than {SOMA_um[0]:g} um"
            name = morphology.names[index]
            yield Finding("size", name, what + _meant(widest, "somatic"), "error")
            return
    if traced and not somatic:
        middle = float(np.median(np.concatenate([s.points[:, 3] for s in traced])))
        if middle > NEURITE_um[1] or THINNEST_um < middle < NEURITE_um[0]:
            what = f"half of all points are wider than {middle:g} um, as in no cell"
            if middle < NEURITE_um[0]:
                what = f"half of all points are thinner than {middle:g} um, as in no cell"
            yield Finding("size", "", what + _meant(middle, "neurites"), "error")


def _meant(width_um: float, what: str) -> str:
    low, high = LIKELY_um[what]
    for unit, um in UNITS_um.items():
        if low <= width_um * um <= high:
            return (
                f". In {unit} it would be {width_um * um:.3g} um: name the unit, in cell.toml "
                f'[morphology] unit = "{unit}", in Python load_morphology(..., unit="{unit}")'
            )
    return ". If the file is in another unit, name it: [morphology] unit"


def _diameters(morphology: Morphology) -> Iterator[Finding]:
    for index, section in enumerate(morphology.sections):
        thin = section.points[:, 3] < THINNEST_um
        if not thin.any():
            continue
        name, at = morphology.names[index], [morphology.sections[i].parent_x for i in
                                             morphology.children[index]]  # fmt: skip
        closed = np.zeros(len(thin), dtype=bool)
        closed[-1] = not any(x == 1 for x in at) and not thin[-2]
        closed[0] = index == 0 and not any(x == 0 for x in at) and not thin[1]
        for rows, severity in ((thin & ~closed, "error"), (thin & closed, "remark")):
            points = np.flatnonzero(rows)
            if not len(points):
                continue
            where = _where(morphology, section, points)
            if severity == "remark":
                message = f"{where}{name} closes to a point (diameter 0 at its end)"
                yield Finding("zero diameter", name, message, "remark")
                continue
            message = (
                f"{where}{name} has a diameter of 0 um at {_points(section, points)}: no current "
                "passes there, and NEURON gives NaN or cuts off what lies behind. Give "
                f"{'it' if len(points) == 1 else 'them'} the radius that is meant, or take "
                f"{'it' if len(points) == 1 else 'them'} out"
            )
            yield Finding("zero diameter", name, message, "error")


def _areas(morphology: Morphology) -> Iterator[Finding]:
    for name, section in zip(morphology.names, morphology.sections, strict=True):
        if section.area_um2 <= 0 and not (section.points[:, 3] < THINNEST_um).any():
            message = f"{_where(morphology, section, np.array([0]))}{name} has no area"
            yield Finding("zero area", name, message, "error")


def _outlines(morphology: Morphology) -> Iterator[Finding]:
    for index in morphology.indices("somatic"):
        section = morphology.sections[index]
        places, widths = section.points[:, :3], section.points[:, 3]
        centre = places.mean(axis=0)
        radius_um = float(np.linalg.norm(places - centre, axis=1).mean())
        closes = np.linalg.norm(places[-1] - places[0]) < section.length_um / 3
        if section.is_cylinder or len(places) < RING or not closes or widths.max() > radius_um:
            continue
        x, y, z = centre
        where = _where(morphology, section, np.arange(len(places)))
        message = (
            f"{where}{morphology.names[index]} goes round in a ring, as an outline does, and is "
            f"read as a tube along it, {section.area_um2:.4g} um2. An SWC file has no outlines: "
            f"if it is one, write one point in their place, at {x:.4g} {y:.4g} {z:.4g} with the "
            f"radius {radius_um:.4g} ({4 * np.pi * radius_um**2:.4g} um2)"
        )
        severity: Severity = "note" if section.area_um2 > 0 else "error"
        yield Finding("outline", morphology.names[index], message, severity)


def _only_children(morphology: Morphology) -> Iterator[Finding]:
    for index, section in enumerate(morphology.sections):
        if len(children := morphology.children[index]) != 1 or section.is_cylinder:
            continue
        child, name = morphology.sections[children[0]], morphology.names[index]
        if child.region == section.region and child.parent_x == 1:
            message = f"{name} goes on in {morphology.names[children[0]]} alone"
            yield Finding("only child", name, message, "remark")


def _beginnings(morphology: Morphology) -> Iterator[Finding]:
    for region in REGIONS[1:]:
        found = [
            index
            for index in morphology.indices(region)
            if _begins_on_soma(morphology, morphology.sections[index])
        ]
        steps = [_first_step(morphology.sections[index]) for index in found]
        length_um, area_um2 = sum(step[0] for step in steps), sum(step[1] for step in steps)
        most_um, most_um2 = (
            MOST_BEGINNING * whole
            for whole in (morphology.length_um(region), morphology.area_um2(region))
        )
        if length_um <= most_um and area_um2 <= most_um2:
            continue
        names = [morphology.names[index] for index in found]
        message = (
            f"{', '.join(names[:5])}{' ...' * (len(names) > 5)}: {len(names)} begin with the point "
            f"of the soma that they grow from, as NEURON reads the file: {length_um:.4g} um and "
            f"{area_um2:.4g} um2 of the {region} neurites lie before their own first points. "
            "NeuroM leaves that out"
        )
        yield Finding("beginning", names[0], message, "remark")


def _begins_on_soma(morphology: Morphology, section: Section) -> bool:
    if section.parent < 0 or not section.lines:
        return False
    parent = morphology.sections[section.parent]
    return parent.region == "somatic" and section.lines[0] in parent.lines


def _first_step(section: Section) -> tuple[float, float]:
    """Return length and area from the first point to the second."""
    end = section.arcs_um[1] / section.length_um
    return float(section.arcs_um[1]), float(section.areas_um2((0, end))[0]) if end > 0 else 0.0


def _gaps(morphology: Morphology, max_gap_um: float) -> Iterator[Finding]:
    for index, section in enumerate(morphology.sections):
        if section.parent < 0:
            continue
        gap_um = _gap_um(section, morphology.sections[section.parent])
        if gap_um > max_gap_um:
            name, parent = morphology.names[index], morphology.names[section.parent]
            where = _where(morphology, section, np.array([0]))
            message = (
                f"{where}{name} was drawn {gap_um:.1f} um away from {parent}({section.parent_x:g}),"
                " where it hangs: the way between is no part of the cell"
            )
            yield Finding("gap", name, message)


def _gap_um(section: Section, parent: Section) -> float:
    """Return how far a section starts from the surface of its parent.

    A soma is near wherever it is; other parents are where the section hangs on them. Cylinders
    have no place in space, so nothing is far from them.
    """
    if section.is_cylinder or parent.is_cylinder:
        return 0.0
    near = parent.points if parent.region == "somatic" else _place(parent, section.parent_x)
    away = np.linalg.norm(near[:, :3] - section.points[0, :3], axis=1)
    return float((away - near[:, 3] / 2).min())


def _place(section: Section, x: float) -> Floats:
    """Return the place and diameter at x, (1, 4)."""
    at = x * section.length_um
    return np.array([[np.interp(at, section.arcs_um, column) for column in section.points.T]])


def _where(morphology: Morphology, section: Section, points: np.ndarray) -> str:
    """Return the file and the lines of points, if they are known."""
    lines = sorted({section.lines[point] for point in points}) if section.lines else []
    if not lines:
        return ""
    if len(lines) > 2 and lines[-1] - lines[0] == len(lines) - 1:
        return f"{morphology.source}, lines {lines[0]} to {lines[-1]}: "
    some = ", ".join(str(line) for line in lines[:5]) + (" ..." if len(lines) > 5 else "")
    return f"{morphology.source}, line{'s' if len(lines) > 1 else ''} {some}: "


def _points(section: Section, points: np.ndarray) -> str:
    """Return which points these are; by their place, if their lines are not known."""
    if len(points) == len(section.points):
        return "all of its points"
    some = ", ".join(str(point) for point in points[:5]) + (" ..." if len(points) > 5 else "")
    which = f"point{'s' if len(points) > 1 else ''} {some} of {len(section.points)}"
    if section.lines or section.is_cylinder:
        return which
    x, y, z, _ = section.points[points[0]].tolist()
    return f"{which} ({'the first ' if len(points) > 1 else ''}at {x:.6g} {y:.6g} {z:.6g})"


_CHECKS: tuple[Callable[[Morphology], Iterator[Finding]], ...] = (
    _size,
    _diameters,
    _areas,
    _outlines,
    _only_children,
    _beginnings,
)
