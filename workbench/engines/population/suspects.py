"""Which mechanism of a cell it is that differs: each by itself, in a soma of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines.job import Job
from workbench.mechanisms import Mechanism, combine
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording, Step

_SIDE_um = 20.0
_CURRENTS = ((0.12, 10.0, 30.0), (-0.08, 50.0, 20.0), (1.0, 80.0, 1.0), (0.3, 95.0, 20.0))
"""nA, begin and duration in ms: to both sides of rest, and quickly beyond all thresholds."""

_APART_ohm_cm = 1e9


def each_alone(job: Job) -> Job | None:
    """Return a simulation in which each mechanism of a cell is in a soma of its own, with a leak.

    No current flows between them, so that one run shows all; its recordings bear their names. A
    pool of an ion has a channel of that ion beside it. They have the values that the cell has
    where they are first inserted. None if the cell has no other mechanism than a leak.
    """
    recipe = job.recipe
    where: dict[str, int] = {}
    for region, suffix in recipe.inserted:
        if suffix != "pas" and (indices := recipe.morphology.indices(region)):
            where.setdefault(suffix, indices[0])
    if not where:
        return None
    pool = combine(recipe.mechanisms)
    rows = [Cylinder("basal", _SIDE_um, _SIDE_um, 0, 0.5) for _ in where]
    tree = cylinder_tree("each alone", [Cylinder("somatic", _SIDE_um, _SIDE_um), *rows])
    homes = {suffix: f"dend[{n}]" for n, suffix in enumerate(where)}
    inserted = [("all", "pas")]
    for suffix, home in homes.items():
        inserted += [(home, one) for one in (suffix, *_company(pool[suffix], where, pool))]
    passive = {"g_pas": 2e-4, "e_pas": recipe.v_init_mV, "Ra": _APART_ohm_cm}
    alone = replace(
        recipe,
        morphology=tree,
        inserted=tuple(inserted),
        paint=(
            *(Paint(name, "all", value) for name, value in passive.items()),
            *_painted(recipe, where, homes),
        ),
        segments=MaximalLength(),
        placed=(),
        spines=(),
        ties=(),
        pointers=(),
    )
    sites = {suffix: parse_site(f"{home}(0.5)") for suffix, home in homes.items()}
    stimuli = [Step(at, begin, last, nA) for at in sites.values() for nA, begin, last in _CURRENTS]
    recordings = [Recording(suffix, at) for suffix, at in sites.items()]
    plan = Protocol("each mechanism alone", 120.0, tuple(stimuli), tuple(recordings))
    return Job(alone, plan, job.integrator)


def _company(one: Mechanism, others: Iterable[str], pool: Mapping[str, Mechanism]) -> list[str]:
    """Return a channel of the cell that carries the ion of a pool."""
    ions = {i.name for i in one.ions if {f"{i.name}i", f"{i.name}o"} & {*i.writes}}
    carrying = (
        other
        for other in others
        for ion in pool[other].ions
        if other != one.suffix and ion.name in ions and f"i{ion.name}" in ion.writes
    )
    return [*carrying][:1]


def _painted(recipe: CellRecipe, where: Mapping[str, int], homes: Mapping[str, str]) -> list[Paint]:
    pool = combine(recipe.mechanisms)
    return [
        Paint(one.variable, homes[suffix], float(np.mean(one.values)))
        for one in recipe.painted(None)
        for suffix, section in where.items()
        if one.section == section and one.variable in _read(pool[suffix])
    ]


def _read(mechanism: Mechanism) -> set[str]:
    ions = [ion.name for ion in mechanism.ions]
    return {*mechanism.parameters, *(n for ion in ions for n in (f"e{ion}", f"{ion}i", f"{ion}o"))}
