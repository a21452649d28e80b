"""NeuroM's checks, of what ours do not look for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.checks.check import Finding, check, neurites
from workbench.morphology.checks.diameters import THINNEST_um
from workbench.morphology.measures.shape import Drawn
from workbench.morphology.tree import Morphology
from workbench.morphology.writers.drawn import drawn

OURS = {
    "has_axon": "no axon",
    "has_all_nonzero_segment_lengths": "double point",
    "has_all_nonzero_section_lengths": "reading",
    "has_all_nonzero_neurite_radii": "zero diameter",
    "has_nonzero_soma_radius": "zero diameter",
    "has_no_dangling_branch": "gap",
    "has_no_root_node_jumps": "gap",
    "has_no_single_children": "only child",
    "has_unifurcation": "only child",
    "has_multifurcation": "many daughters",
    "has_no_back_tracking": "way back",
    "has_no_overlapping_point": "shared points",
    "has_no_flat_neurites": "flat",
}
"""Checks of NeuroM, and the one of ours that says the same."""

NEEDLESS = ("has_apical_dendrite", "has_basal_dendrite")
"""What a cell need not have."""


@dataclass(frozen=True)
class _Asked:
    """What one check of NeuroM means."""

    name: str
    message: str
    mend: str
    options: dict[str, Any]


_ASKED = {
    "has_no_jumps": _Asked(
        "jump in z", "jumps by more than 30 um in z from one point to the next",
        "See whether two pieces of different sections of the tissue were joined there", {},
    ),
    "has_no_fat_ends": _Asked(
        "fat end", "ends in a point twice as thick as its last five are on average",
        "Correct the radius of its last point", {},
    ),
    "has_no_narrow_start": _Asked(
        "narrow start", "begins thinner than 0.9 of its second point",
        "See whether its first radius was measured", {},
    ),
    "has_no_narrow_neurite_section": _Asked(
        "thin section", "is longer than 50 um and thinner than 0.1 um on average",
        "A light microscope does not see that: see whether its radii were measured",
        {"neurite_filter": None},
    ),
}  # fmt: skip


def _named(function: str) -> Callable[[Morphology], Iterator[Finding]]:
    """Return the check that asks NeuroM's function of this name."""
    asked = _ASKED[function]

    def find(morphology: Morphology) -> Iterator[Finding]:
        from neurom.check import morphology_checks

        own = neurites(morphology)
        if not own:
            return
        result = getattr(morphology_checks, function)(_in_neurom(morphology), **asked.options)
        for place in _first_places(result.info or ()):
            index = _nearest(morphology, own, place)
            if (morphology.sections[index].points[:, 3] < THINNEST_um).any():
                continue  # `zero diameter` has said what is wrong there
            name, (x, y, z) = morphology.names[index], place.tolist()
            yield Finding(
                asked.name, name, f"{name} {asked.message}", "remark", asked.mend, (x, y, z)
            )

    return check(asked.name, "remark")(find)


@lru_cache(maxsize=1)
def _in_neurom(morphology: Morphology) -> Any:
    return Drawn(drawn(morphology)).neurom


def _first_places(info: Iterable[Any]) -> Iterator[Floats]:
    """Yield where a check of NeuroM found something, once for each section."""
    seen = set()
    for section, points in info:
        if section not in seen:
            seen.add(section)
            yield np.asarray(points, dtype=float)[-1, :3]


def _nearest(morphology: Morphology, own: list[int], place: Floats) -> int:
    """Return the section that has a point nearest to a place."""
    away = [
        float(np.linalg.norm(morphology.sections[i].points[:, :3] - place, axis=1).min())
        for i in own
    ]
    return own[int(np.argmin(away))]


for _function in _ASKED:
    _named(_function)
