"""Sites: places on a cell, written as the field writes them.

`soma(0.5)` and `apic[36](0.9)` name a section; `apical@620um` is a point of a region at a
path distance from soma(0.5).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.section_tree import SectionTree

Choice = Literal["thickest", "last"]
_NUMBER = r"(\d+\.?\d*|\.\d+)"
_SECTION = re.compile(rf"\s*(\w+)(?:\[(\d+(?:\.\d+)?)\])?\(\s*{_NUMBER}\s*\)\s*")
_DISTANCE = re.compile(rf"\s*(\w+)@{_NUMBER}\s*um(?:\s+(thickest|last))?\s*")


@dataclass(frozen=True)
class SectionSite:
    """A point of a named section: `section` as in `apic[36]`, `x` from 0 to 1.

    Where regions cut it, x counts along all its pieces; one of them is `apic[36.1]`.
    """

    section: str
    x: float

    def __str__(self) -> str:
        return f"{self.section}({_digits(self.x)})"


@dataclass(frozen=True)
class DistanceSite:
    """A point of a region at a path distance from soma(0.5).

    Of the sections that reach over the distance, `choose` takes the thickest one there (as
    Hay et al. 2011) or the last one in the order of the file (as BluePyOpt).
    """

    region: str
    distance_um: float
    choose: Choice = "thickest"

    def __str__(self) -> str:
        return f"{self.region}@{_digits(self.distance_um)}um {self.choose}"


Site = SectionSite | DistanceSite
"""A place on a cell."""


def parse_site(text: str) -> Site:
    """Return the site that a text names.

    Raises
    ------
    MorphologyError
        If the text is none of the forms.

    >>> parse_site("apical@620um")
    DistanceSite(region='apical', distance_um=620.0, choose='thickest')
    """
    if match := _SECTION.fullmatch(text):
        section = match[1] if match[2] is None else f"{match[1]}[{match[2]}]"
        if 0 <= float(match[3]) <= 1:
            return SectionSite(section if "[" in section else f"{section}[0]", float(match[3]))
    if match := _DISTANCE.fullmatch(text):
        choose: Choice = "last" if match[3] == "last" else "thickest"
        return DistanceSite(match[1], float(match[2]), choose)
    raise MorphologyError(
        f"{text!r} is not a site; write 'soma(0.5)', 'apic[36](0.9)' with a place from 0 to 1, "
        "'apical@620um' (the thickest section there) or 'apical@620um last'"
    )


def locate(site: Site, morphology: SectionTree) -> tuple[int, float]:
    """Return the section's index in `morphology` and the place on it, 0 to 1.

    Raises
    ------
    MorphologyError
        If there is no such section or region, or if no section reaches over the distance.
    """
    if isinstance(site, SectionSite):
        return morphology.place(site.section, site.x)
    return _reached(site, morphology)


@lru_cache(maxsize=256)
def _reached(site: DistanceSite, morphology: SectionTree) -> tuple[int, float]:
    found: list[tuple[float, int, float]] = []
    indices = morphology.indices(site.region)
    for index in indices:
        near, far = (float(d) for d in morphology.path_distance_um(index, (0.0, 1.0)))
        if near <= site.distance_um <= far and far > near:
            x = (site.distance_um - near) / (far - near)
            found.append((morphology.diameter_um(index, x, x), index, x))
    if not indices:
        raise MorphologyError(
            f"{morphology.name}: no {site.region} section at {site.distance_um:g} um from "
            f"soma(0.5): this cell has no {site.region} section"
        )
    if not found:
        reach = max((float(morphology.path_distance_um(i, 1.0)) for i in indices), default=0.0)
        raise MorphologyError(
            f"{morphology.name}: no {site.region} section at {site.distance_um:g} um from "
            f"soma(0.5); the farthest end of that region is at {reach:.1f} um"
        )
    _, index, x = found[-1] if site.choose == "last" else max(found, key=lambda item: item[0])
    return index, x


def _digits(number: float) -> str:
    """Return the shortest digits that read as this very number, without an exponent."""
    return np.format_float_positional(number, trim="-")
