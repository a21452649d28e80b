"""What a mechanism is to the workbench: values read from .mod files, without NEURON."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from workbench.nmodl import Ion, Sources, digest_sources

Kind = Literal["density", "point", "artificial", "ion", "cable"]


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
    receives
        Arguments of its NET_RECEIVE, the weight of an event first; None if an event can change
        nothing, since there is no such block or no statement in it.
    weight_unit
        The unit of that weight, "" where none is declared.
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
    receives: tuple[str, ...] | None = None
    weight_unit: str = ""

    def __repr__(self) -> str:
        parts = {
            "parameters": [p.name for p in self.range_parameters],
            "globals": [p.name for p in self.global_parameters],
            "states": self.states,
            "ions": [ion.name for ion in self.ions],
        }
        said = [f"{what} {', '.join(names)}" for what, names in parts.items() if names]
        return f"<Mechanism {self.suffix}: {'; '.join([self.kind, *said])}>"

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Range parameters by the name they have on a section, such as gIhbar_Ih or cm."""
        tail = f"_{self.suffix}" if self.kind == "density" else ""
        return {p.name + tail: p for p in self.range_parameters}

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Names of its own variables that have a value in each segment or point process."""
        settable = (one.name for one in self.range_parameters)
        currents = (*self.nonspecific_currents, *self.electrode_currents)
        return tuple(dict.fromkeys((*settable, *self.states, *self.assigned, *currents)))

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

    def __repr__(self) -> str:
        return f"<MechanismSet {self.name}: {', '.join(m.suffix for m in self.mechanisms)}>"

    @cached_property
    def digest(self) -> str:
        """Digest of the files' names and texts; where the folder lies does not matter."""
        return digest_sources(self.sources)
