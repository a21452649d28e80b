"""All mechanisms that a cell may have: those of several folders, and NEURON's own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from workbench.errors import MechanismError, unknown
from workbench.mechanisms.builtin import BUILT_IN
from workbench.mechanisms.mechanism import Mechanism, MechanismSet

# NEURON knows the charges of these ions before any file names them.
_CHARGES = {"na": 1.0, "k": 1.0, "ca": 2.0}


def combine(sets: Sequence[MechanismSet]) -> Mapping[str, Mechanism]:
    """Return the mechanisms of several folders and NEURON's own, by suffix.

    Raises
    ------
    MechanismError
        If two files bear one name or declare one suffix, a file declares a suffix of NEURON's, or
        two give one ion different charges.
    """
    folders: dict[str, Path] = {}
    for one in sets:
        for file, _ in one.sources:
            if file in folders:
                raise MechanismError(
                    f"{file} lies in {folders[file]} and in {one.folder}; rename one of them"
                )
            folders[file] = one.folder
    found = dict(BUILT_IN)
    for one in sets:
        for mechanism in one.mechanisms:
            other = found.get(mechanism.suffix)
            if other is not None:
                where = folders[other.file] / other.file if other.file else "NEURON itself"
                raise MechanismError(
                    f"mechanism {mechanism.suffix!r} is declared by {one.folder / mechanism.file} "
                    f"and by {where}; one suffix can be loaded only once, rename or leave out one"
                )
            found[mechanism.suffix] = mechanism
    _check_charges(sets)
    return MappingProxyType(found)


def _check_charges(sets: Sequence[MechanismSet]) -> None:
    charges = {name: (charge, "NEURON itself") for name, charge in _CHARGES.items()}
    for one in sets:
        for mechanism in one.mechanisms:
            for ion in mechanism.ions:
                if ion.charge is None:
                    continue
                here = str(one.folder / mechanism.file)
                charge, where = charges.setdefault(ion.name, (ion.charge, here))
                if charge != ion.charge:
                    raise MechanismError(
                        f"ion {ion.name!r} has charge {ion.charge:+g} in {here} (VALENCE of "
                        f"USEION) and {charge:+g} in {where}; an ion has one charge, correct one "
                        "of them"
                    )


def find_mechanism(suffix: str, pool: Mapping[str, Mechanism]) -> Mechanism:
    """Return the mechanism with this suffix, or say which ones there are.

    Raises
    ------
    MechanismError
        If the pool holds no such suffix.
    """
    if suffix not in pool:
        raise MechanismError(unknown("mechanism", suffix, pool))
    return pool[suffix]


def why_not_painted(variable: str, sets: Iterable[MechanismSet]) -> str:
    """Say why a GLOBAL cannot be painted; "" if it is none."""
    for one in sets:
        for mechanism in one.mechanisms:
            if (found := mechanism.globals.get(variable)) is not None:
                return (
                    f"{variable} is a GLOBAL of {one.folder / mechanism.file}: it has one value, "
                    f"{found.default:g} unless the cell gives it another under "
                    f"[parameters.global]. Declare {found.name} RANGE there to paint it"
                )
    return ""
