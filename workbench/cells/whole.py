"""What a cell has once, and not by region: GLOBALs, and reversal potentials that are held."""

from collections.abc import Collection, Mapping

from workbench.errors import MechanismError, unknown
from workbench.mechanisms import Mechanism
from workbench.units import ANY, amount


def check_globals(
    values: Mapping[str, float | None], suffixes: Collection[str], pool: Mapping[str, Mechanism]
) -> None:
    """Refuse what is no GLOBAL of a cell's mechanisms or ions, and values that cannot be.

    Raises
    ------
    InputError
        With the name.
    """
    ions = {f"{ion.name}_ion" for suffix in suffixes for ion in pool[suffix].ions}
    own = (*suffixes, *ions.intersection(pool))
    allowed = {name for suffix in own for name in pool[suffix].globals}
    for name, value in values.items():
        if name not in allowed:
            what = unknown("GLOBAL of the cell's mechanisms", name, allowed)
            raise MechanismError(f"parameters.global: {what}")
        if value is not None:
            amount(name, value, ANY)


def check_held(
    held: Collection[str], suffixes: Collection[str], pool: Mapping[str, Mechanism]
) -> None:
    """Refuse what is no reversal potential of a cell's ions, or is written by a mechanism.

    Raises
    ------
    MechanismError
        With the name.
    """
    ions = [(suffix, ion) for suffix in suffixes for ion in pool[suffix].ions]
    allowed = {f"e{ion.name}" for _, ion in ions}
    for name in held:
        if name not in allowed:
            what = unknown("reversal potential of the cell's ions", name, allowed)
            raise MechanismError(f"mechanisms.hold: {what}")
        if writing := sorted(suffix for suffix, ion in ions if name in ion.writes):
            raise MechanismError(
                f"mechanisms.hold: {name} is written by {writing[0]}, and nothing can hold it"
            )
