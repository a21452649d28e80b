"""What a mechanism is to the workbench: values read from .mod files, without NEURON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from workbench.errors import MechanismError, unknown
from workbench.nmodl import Ion, Sources, digest_sources

Kind = Literal["density", "point", "artificial", "ion", "cable"]

# NEURON knows the charges of these ions before any file names them.
_CHARGES = {"na": 1.0, "k": 1.0, "ca": 2.0}


@dataclass(frozen=True)
class Parameter:
    """A settable PARAMETER, with the unit that its .mod file declares ("" if none)."""

    name: str
    default: float
    unit: str = ""


@dataclass(frozen=True)
class Mechanism:
    """One mechanism.

    `ion` and `cable` are NEURON's own kinds of section variables (ena, cm), which are painted
    like any other mechanism's.

    Attributes
    ----------
    suffix
        Name of the mechanism: its SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL.
    file
        Name of its .mod file, "" for what NEURON brings along.
    range_parameters
        PARAMETERs that have a value in each segment (or in each point process).
    global_parameters
        PARAMETERs with one value in the whole process.
    states
        STATE variables.
    assigned
        RANGE variables that the mechanism computes: currents, conductances.
    ions
        One entry per USEION.
    nonspecific_currents, electrode_currents
        Currents that belong to no ion.
    """

    suffix: str
    kind: Kind
    file: str = ""
    range_parameters: tuple[Parameter, ...] = ()
    global_parameters: tuple[Parameter, ...] = ()
    states: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()
    ions: tuple[Ion, ...] = ()
    nonspecific_currents: tuple[str, ...] = ()
    electrode_currents: tuple[str, ...] = ()

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Range parameters by the name they have on a section, such as gIhbar_Ih or cm."""
        tail = f"_{self.suffix}" if self.kind == "density" else ""
        return {p.name + tail: p for p in self.range_parameters}

    @cached_property
    def globals(self) -> Mapping[str, Parameter]:
        """Global parameters by their name in NEURON, such as ehcn_Ih."""
        return {f"{p.name}_{self.suffix}": p for p in self.global_parameters}


@dataclass(frozen=True)
class MechanismSet:
    """The .mod files of one folder.

    Attributes
    ----------
    name
        Name of the folder.
    sources
        (file name, text) of each file, sorted by file name.
    mechanisms
        What the files declare, in the order of the files. A file with `SUFFIX nothing` holds
        only functions: it is among the sources and declares no mechanism.
    """

    name: str
    folder: Path
    sources: Sources
    mechanisms: tuple[Mechanism, ...]

    @cached_property
    def digest(self) -> str:
        """Digest of the files' names and texts; where the folder lies does not matter."""
        return digest_sources(self.sources)


def combine(sets: Sequence[MechanismSet]) -> Mapping[str, Mechanism]:
    """Return the mechanisms of several folders and NEURON's own, by suffix.

    Raises
    ------
    MechanismError
        If two files bear one name or declare one suffix, a file declares a suffix of NEURON's, or
        two give one ion different charges.
    """
    from workbench.mechanisms.builtin import BUILT_IN

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
