"""Two builds of the same mechanisms, compared by what they compute in clamped patches."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from workbench.builds.building import Build
from workbench.errors import BuildError
from workbench.mechanisms.judging import judge
from workbench.mechanisms.mechanism import Mechanism, MechanismSet
from workbench.questions import ChildFailed, ask
from workbench.resources import shipped

TOLERANCE = 1e-9
"""Largest difference of a current, a state or a derivative, as a share of its largest value in the
family."""

# CVODE's derivatives are compared one by one, its Jacobian only by the number of steps. In clamped
# patches that is a smooth thing, the same in all builds that were tried; in a spiking cell it is
# not: a current changed by 1e-12 of itself takes 1450 to 1690 steps (layer 5 cell, 200 ms).
_STEPS_TOLERANCE = 0.1

# A conductance, a permeability or a synapse's amplitude that is 0 unless painted gets this.
_AMOUNT = 1e-3
_AMOUNT_UNITS = ("S/cm2", "mho/cm2", "cm/s", "uS", "umho", "nA")

Family = Sequence[Sequence[float]]
"""(patch, sample) values of one quantity."""

Families = Mapping[str, Mapping[str, Family]]
"""Engine to quantity to its family; for CVODE the quantities are derivatives."""


@dataclass(frozen=True)
class Comparison:
    """How far apart two builds are.

    Attributes
    ----------
    difference
        The largest, as a share of the largest value that the quantity takes in its family.
    worst
        The quantity with that difference.
    quantities
        How many currents, states and concentrations were compared, in all engines.
    failure
        Why they could not be compared, "" if they could.
    """

    difference: float = math.inf
    worst: str = ""
    quantities: int = 0
    failure: str = ""


def compare(default: Build, other: Build, sets: Sequence[MechanismSet]) -> Comparison:
    """Compare two builds of the same folders.

    Each mechanism is put in patches of membrane that are stepped to different voltages, at
    different concentrations where it reads one; a pool is driven by the channels of its ion, a
    synapse by events. Both libraries do the same in a child process each, in NEURON with a fixed
    step and with CVODE, and, if both have it, in CoreNEURON.

    So it sees what a mechanism computes between -120 and 40 mV and 5e-5 and 1e-2 mM, in 60 ms at
    34 degC, with the PARAMETERs of the file. Where only these decide on a branch, one side of it
    stays unseen: see `unseen`.

    Raises
    ------
    BuildError
        If they could not be compared for a reason that lies elsewhere: a kill, a full disk.
    """
    try:
        reference, found = (
            ask("workbench.builds.patching", question(one, sets)) for one in (default, other)
        )
    except ChildFailed as failed:
        if failed.from_outside:
            raise BuildError(f"the clamped patches came to no end: {failed}") from None
        return Comparison(failure=f"the clamped patches failed: {failed}")
    steps, theirs = reference["cvode_steps"], found["cvode_steps"]
    if abs(steps - theirs) > _STEPS_TOLERANCE * steps:
        return Comparison(failure=f"CVODE takes {theirs} steps in the clamped patches, not {steps}")
    return measure(reference["families"], found["families"])


def unseen(sets: Sequence[MechanismSet]) -> str:
    """Return which branches no clamp enters, as a reason not to trust a comparison; "" if none.

    The sets that ship are left out: tests of their own enter their branches.
    """
    ships = shipped("mechanisms").resolve()
    found = [
        f"{verdict.file}: {branch}"
        for one in sets
        if not one.folder.resolve().is_relative_to(ships)
        for verdict in judge(one)
        for branch in verdict.hidden_branches
    ]
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return (
        f"neither voltage, state nor ion decides on the branch {found[0]}{more}, so no "
        "comparison of the two builds sees both sides"
    )


def measure(reference: Families, found: Families) -> Comparison:
    """Return how far the second families are from the first."""
    differences = {
        f"{quantity} in {engine}": _difference(values, found[engine][quantity])
        for engine, quantities in reference.items()
        for quantity, values in quantities.items()
    }
    if not differences:
        return Comparison(0.0)
    worst = max(differences, key=lambda name: differences[name])
    return Comparison(differences[worst], worst, len(differences))


def _difference(reference: Family, found: Family) -> float:
    ours, theirs = list(chain(*reference)), list(chain(*found))
    if len(ours) != len(theirs):
        return math.inf
    # Where the default build has no number either, the other computes what it computes.
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if not _same(a, b)]
    if not all(map(math.isfinite, chain(*pairs))):
        return math.inf
    apart = max((abs(a - b) for a, b in pairs), default=0.0)
    largest = max((abs(a) for a in ours if math.isfinite(a)), default=0.0)
    return apart / largest if largest else math.inf if apart else 0.0


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def question(one: Build, sets: Sequence[MechanismSet]) -> dict[str, Any]:
    """Return what to ask the child about a build of these folders."""
    mechanisms = [m for group in sets for m in group.mechanisms]
    receiving = {file for group in sets for file, text in group.sources if "NET_RECEIVE" in text}
    return {
        "library": str(one.library),
        "coreneuron_library": str(one.coreneuron_library) if one.coreneuron_library else None,
        "patches": [
            {
                "suffix": m.suffix,
                "point": m.kind == "point",
                "receives": m.file in receiving,
                "company": _company(m, mechanisms),
                "amounts": _amounts(m),
                "concentrations": _read_concentrations(m),
                "states": _states(m),
                "watched": [*_states(m), *_currents(m)],
            }
            for m in mechanisms
            if m.kind in ("density", "point")
        ],
    }


def _company(mechanism: Mechanism, mechanisms: Sequence[Mechanism]) -> list[str]:
    """Return the channels that carry the ion of a pool."""
    pooled = {i.name for i in mechanism.ions if {f"{i.name}i", f"{i.name}o"} & {*i.writes}}
    return [
        m.suffix
        for m in mechanisms
        if m.kind == "density"
        and any(i.name in pooled and i.writes == (f"i{i.name}",) for i in m.ions)
    ]


def _amounts(mechanism: Mechanism) -> dict[str, float]:
    return {
        name: _AMOUNT
        for name, parameter in mechanism.parameters.items()
        if parameter.default == 0 and parameter.unit in _AMOUNT_UNITS
    }


def _read_concentrations(mechanism: Mechanism) -> list[str]:
    return [
        f"{ion.name}i"
        for ion in mechanism.ions
        if f"{ion.name}i" in ion.reads and f"{ion.name}i" not in ion.writes
    ]


def _states(mechanism: Mechanism) -> list[str]:
    """Return the states, by their names on a segment; a concentration belongs to the ion."""
    written = {name for ion in mechanism.ions for name in ion.writes}
    return [s if s in written else _named(s, mechanism) for s in mechanism.states]


def _currents(mechanism: Mechanism) -> list[str]:
    """Return the currents that can be recorded, and the concentrations that are no states."""
    own = [*mechanism.nonspecific_currents, *mechanism.electrode_currents]
    return [
        *(name for ion in mechanism.ions for name in ion.writes if name not in mechanism.states),
        *(_named(name, mechanism) for name in own if name in mechanism.assigned),
    ]


def _named(name: str, mechanism: Mechanism) -> str:
    return name if mechanism.kind == "point" else f"{name}_{mechanism.suffix}"
