"""Forks and tips, by section; pieces that a boundary cut are one section here.

Orders are those of `measures`: the forks on the way, and Strahler's numbers.
"""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.regions.expressions import Bools
from workbench.morphology.section_tree import SectionTree


@dataclass(frozen=True, eq=False)
class Branching:
    """What is known of each section, in their order; a soma has neither order (NaN).

    Attributes
    ----------
    order
        How many forks are between the soma and its beginning.
    strahler
        Strahler's number of its beginning: 1 at tips, one more where two equal ones meet.
    tips
        Whether it ends free.
    """

    order: Floats
    strahler: Floats
    tips: Bools


def branching_of(morphology: SectionTree) -> Branching:
    """Return the orders and tips of all sections."""
    grown = _grown(morphology)
    sections, wholes = morphology.sections, morphology.wholes
    somatic = [sections[pieces[0]].region == "somatic" for pieces in wholes]
    order, strahler = np.full(len(wholes), np.nan), np.full(len(wholes), np.nan)
    tips = np.zeros(len(wholes), dtype=bool)
    for whole, places in enumerate(grown):
        if whole == 0 and not somatic[0]:
            order[0] = 0
        forks = 0
        for at in sorted(places):
            forks += len(places[at]) > 1 or at < np.inf
            for child in places[at]:
                if not somatic[child]:
                    order[child] = 0 if somatic[whole] else order[whole] + forks
    for whole, places in reversed(list(enumerate(grown))):
        if somatic[whole]:
            continue
        tips[whole] = np.inf not in places
        strahler[whole] = 1 if tips[whole] else 0
        for at in sorted(places, reverse=True):
            met = [strahler[whole], *(strahler[child] for child in places[at])]
            most = np.nanmax(met)
            strahler[whole] = most + (met.count(most) > 1)
    whole_of = np.zeros(len(sections), dtype=np.intp)
    for whole, pieces in enumerate(wholes):
        whole_of[[*pieces]] = whole
    return Branching(order[whole_of], strahler[whole_of], tips[whole_of])


def _grown(morphology: SectionTree) -> list[dict[float, list[int]]]:
    """Return for each whole section what grows from it: by place in um, infinite at its end."""
    whole_of, begins_um = {}, {}
    for whole, pieces in enumerate(morphology.wholes):
        before = 0.0
        for index in pieces:
            whole_of[index], begins_um[index] = whole, before
            before += morphology.sections[index].length_um
    found: list[dict[float, list[int]]] = [{} for _ in morphology.wholes]
    for whole, pieces in enumerate(morphology.wholes[1:], start=1):
        section = morphology.sections[pieces[0]]
        on, x = section.parent, section.parent_x
        while x == 0 and morphology.sections[on].parent >= 0:
            on, x = morphology.sections[on].parent, morphology.sections[on].parent_x
        place = begins_um[on] + x * morphology.sections[on].length_um
        if x == 1 and on == morphology.wholes[whole_of[on]][-1]:
            place = np.inf
        found[whole_of[on]].setdefault(place, []).append(whole)
    return found
