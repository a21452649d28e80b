"""What makes a function a check, and what it finds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology

Severity = Literal["error", "note", "remark"]
"""An error cannot be simulated, a note was hardly meant, a remark may well be."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Place = tuple[float, float, float]


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
        What it is, with the file's lines where these are known.
    severity
        "error": no simulation can be right. "note": it can be simulated, and was hardly meant.
        "remark": it may well be meant.
    mend
        What to do about it; empty where nothing has to be done.
    place_um
        x, y and z of its first point; None where it has no place.
    fixable
        Whether `mend_morphology`, and `--fix`, do that.
    """

    check: str
    section: str
    message: str
    severity: Severity = "note"
    mend: str = ""
    place_um: Place | None = None
    fixable: bool = False

    def __str__(self) -> str:
        return f"{self.message}. {self.mend}" if self.mend else self.message


Find = Callable[[Morphology], Iterator[Finding]]
Mended = tuple[Morphology, tuple[str, ...]]
"""A cell, and what was done to it, in words."""
Mend = Callable[[Morphology], Mended]


@dataclass(frozen=True)
class Check:
    """A function that looks for one kind of oddity."""

    name: str
    worst: Severity
    """The most severe that it finds."""
    find: Find
    mend: Mend | None
    """What mends all that is fixable of its findings."""

    def finds(self, least: Severity) -> bool:
        """Tell whether it may find something as severe as that."""
        return SEVERITIES.index(self.worst) <= SEVERITIES.index(least)


CHECKS: dict[str, Check] = {}
"""All checks by name, in the order in which they are done."""


def check(name: str, worst: Severity, mend: Mend | None = None) -> Callable[[Find], Find]:
    """Make a function a check."""

    def made(find: Find) -> Find:
        CHECKS[name] = Check(name, worst, find, mend)
        return find

    return made


def place_of(section: Section, point: int) -> Place | None:
    """Return where a point of a section is; a cylinder has no place."""
    if section.is_cylinder:
        return None
    x, y, z = section.points[point, :3].tolist()
    return x, y, z


def lines_of(morphology: Morphology, section: Section, points: npt.ArrayLike) -> str:
    """Return the file and the lines of points, as a text begins; nothing if they are not known."""
    if not section.lines:
        return ""
    lines = sorted({section.lines[point] for point in np.asarray(points).tolist()})
    if len(lines) > 2 and lines[-1] - lines[0] == len(lines) - 1:
        return f"{morphology.source}, lines {lines[0]} to {lines[-1]}: "
    some = ", ".join(str(line) for line in lines[:5]) + (" ..." if len(lines) > 5 else "")
    return f"{morphology.source}, line{'s' if len(lines) > 1 else ''} {some}: "


def points_of(section: Section, points: npt.NDArray[np.intp]) -> str:
    """Return which points these are; by their place, if their lines are not known."""
    if len(points) == len(section.points):
        return "all of its points"
    some = ", ".join(str(point) for point in points[:5]) + (" ..." if len(points) > 5 else "")
    which = f"point{'s' if len(points) > 1 else ''} {some} of {len(section.points)}"
    if section.lines or section.is_cylinder:
        return which
    x, y, z, _ = section.points[points[0]].tolist()
    return f"{which} ({'the first ' if len(points) > 1 else ''}at {x:.6g} {y:.6g} {z:.6g})"


def some(names: Sequence[str]) -> str:
    """Return the first of many names."""
    return ", ".join(names[:5]) + " ..." * (len(names) > 5)


def neurites(morphology: Morphology) -> list[int]:
    """Return the sections that were traced: no soma, no cylinder."""
    return [
        index
        for index, section in enumerate(morphology.sections)
        if section.region != "somatic" and not section.is_cylinder
    ]
