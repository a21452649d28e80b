"""What parameters of a protocol may be written as: numbers, quantities, sites, what is sought."""

from collections.abc import Mapping, Sequence

from workbench.errors import InputError, StudyError
from workbench.morphology import Site, parse_site
from workbench.protocols.events import Events
from workbench.protocols.sought import SOUGHT, Sought
from workbench.protocols.stimulus import Amount, Stimulus
from workbench.units import quantity, unit_of


def read_parameters(
    given: Mapping[str, float | str | Sought],
    stimuli: Sequence[Stimulus],
    v_init_mV: Amount | None = None,
    events: Sequence[Events] = (),
    celsius_degC: Amount | None = None,
) -> dict[str, float | Site | Sought]:
    """Return parameters of a protocol with its texts read.

    A text is a quantity, such as "400 pA", where the parameter stands for an amount, in the unit
    that ends the amount's name; otherwise it is a site.

    Raises
    ------
    StudyError
        If a text is no quantity of the amount's dimension.
    MorphologyError
        If a text is no site.
    """
    own = {"v_init_mV": v_init_mV, "celsius_degC": celsius_degC}
    amounts = {parameter: name for name, parameter in own.items() if isinstance(parameter, str)}
    driving: list[Stimulus | Events] = [*stimuli, *events]
    for each in driving:
        for amount_name in each.amounts():
            if isinstance(parameter := getattr(each, amount_name), str):
                amounts[parameter] = amount_name
    values: dict[str, float | Site | Sought] = {}
    for name, value in given.items():
        if name in amounts and not isinstance(value, SOUGHT):
            values[name] = read_amount(name, value, unit_of(amounts[name]))
        else:
            values[name] = parse_site(value) if isinstance(value, str) else value
    return values


def read_amount(name: str, value: float | str, unit: str) -> float:
    """Return a number that may be written as a quantity.

    Raises
    ------
    StudyError
        If a text is none, or of another dimension.
    """
    if not isinstance(value, str):
        return value
    if not unit:
        raise StudyError(f"{name} is {value!r}; write a number without quotes")
    try:
        return quantity(value, unit)
    except InputError as error:
        raise StudyError(f"{name}: {error}") from None
