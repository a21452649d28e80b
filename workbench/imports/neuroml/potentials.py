"""The potentials that channels of a NeuroML cell ask for, and whether a study has them."""

from collections.abc import Sequence

from workbench.cells.ions import overrules
from workbench.imports.neuroml.densities import FIXED, NERNST, Density, Unsaid
from workbench.imports.neuroml.quantities import VOLTAGE, quantity
from workbench.mechanisms import Ion, Mechanism

_SHIFT = "vShift"


class Potentials:
    """Potentials by section.

    Parameters
    ----------
    names
        Of the sections.
    carried
        The mechanisms that each carries; whoever takes one out asks anew.

    Attributes
    ----------
    hold
        Reversal potentials that stay as they are painted where NEURON would compute them.
    """

    def __init__(self, names: Sequence[str], carried: Sequence[Sequence[Mechanism]]) -> None:
        self._names, self._carried = names, carried
        self._reversals: dict[tuple[str, int], float] = {}
        self._computed: set[str] = set()
        self.hold: list[str] = []

    def refused(self, given: Sequence[Density]) -> tuple[Density, Unsaid] | None:
        """Return the first channel that cannot be said, and why."""
        self._reversals.clear()
        self.hold.clear()
        self._computed = {
            f"e{i.name}" for one in given if one.element.tag in NERNST for i in one.ions
        }
        for one in given:
            try:
                self.of(one)
            except Unsaid as why:
                return one, why
        return None

    def of(self, one: Density) -> dict[str, float]:
        """Return the variables that give a channel its reversal potential and shift its gates."""
        ion = one.ion
        found = self._shift(one) | (self._own_reversal(one) if ion is None else {})
        if ion is not None and self._reversal(one, ion):
            found[f"e{ion.name}"] = one.erev_mV
        for variable, value in found.items():
            self._agree(one, variable, value)
        return found

    def _reversal(self, one: Density, ion: Ion) -> bool:
        """Return whether the reversal potential of an ion is painted.

        Else NEURON computes it, or the mechanism has its own.
        """
        variable, inside = f"e{ion.name}", {f"{ion.name}i", f"{ion.name}o"}
        computed = {
            n: next((m for m in self._carried[n] if overrules(m, ion.name, variable)), None)
            for n in one.sections
        }
        if one.element.tag in FIXED:
            if variable not in ion.reads:
                return False
            by = next(filter(None, computed.values()), None)
            if by and variable in self._computed:
                raise Unsaid(
                    f"its erev is fixed, and NEURON computes {variable} there, since {by.suffix} "
                    "reads or writes a concentration and another channel asks for that"
                )
            if by and variable not in self.hold:
                self.hold.append(variable)
            return True
        if one.element.tag in NERNST and variable in ion.reads:
            if None in computed.values():
                raise Unsaid(f"nothing that is known makes NEURON compute {variable} there")
        elif not inside <= set(ion.reads):
            raise Unsaid(f"the mechanism of this name does not read {' and '.join(sorted(inside))}")
        return False

    def _own_reversal(self, one: Density) -> dict[str, float]:
        """Return the parameter of a mechanism without an ion that is its reversal potential."""
        if one.element.tag not in FIXED:
            raise Unsaid("the mechanism of this name has no ion")
        for own in (one.mechanism.range_parameters, one.mechanism.global_parameters):
            named = [p.name for p in own if p.unit == "mV" and p.name.lower().startswith("e")]
            if len(named) > 1:
                raise Unsaid(f"the mechanism of this name has several: {', '.join(named)}")
            if named:
                return {f"{named[0]}_{one.mechanism.suffix}": one.erev_mV}
        assigned = [name for name in one.mechanism.assigned if name in ("e", "erev")]
        what = f"; its {assigned[0]} is ASSIGNED: make it a PARAMETER" if assigned else ""
        raise Unsaid(f"the mechanism of this name has no parameter for its potential{what}")

    def _shift(self, one: Density) -> dict[str, float]:
        """Return the variable that shifts a channel's gates, if the file says so."""
        if _SHIFT not in one.element.attributes:
            return {}
        shift = quantity(one.element, _SHIFT, VOLTAGE)
        names = [p.name for p in one.mechanism.range_parameters if p.name.lower() == "vshift"]
        if not names and shift:
            raise Unsaid(f"the mechanism of this name has no {_SHIFT}, which is {shift:g} mV")
        return {f"{name}_{one.mechanism.suffix}": shift for name in names}

    def _agree(self, one: Density, variable: str, value: float) -> None:
        """Refuse a second potential of an ion in a section, or of a GLOBAL in the cell."""
        everywhere = variable in one.mechanism.globals
        for n in [-1] if everywhere else one.sections:
            if (other := self._reversals.setdefault((variable, n), value)) != value:
                where = "elsewhere" if everywhere else f"in {self._names[n]}"
                raise Unsaid(
                    f"it asks for {variable} of {value:g} mV, which is {other:g} mV {where} by "
                    "another channel; a study has one there"
                )
