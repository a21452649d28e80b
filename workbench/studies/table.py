"""What all tables of a study have in common: unknown keys are refused, quantities have units."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from workbench.errors import InputError
from workbench.units import quantity


class Table(BaseModel):
    """A table of a study's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def in_unit(unit: str) -> BeforeValidator:
    """Let a quantity be written as a text with a unit of its own."""

    def convert(given: Any) -> Any:
        if not isinstance(given, str | int | float):
            return given
        try:
            return quantity(given, unit)
        except InputError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(convert)


def amount_in(unit: str) -> BeforeValidator:
    """Let a text that is no quantity through: it names a parameter of the protocol."""

    def convert(given: Any) -> Any:
        if isinstance(given, str) and given.isidentifier():
            return given
        return in_unit(unit).func(given)  # type: ignore[call-arg]

    return BeforeValidator(convert)


Ms = Annotated[float, in_unit("ms")]
MilliVolt = Annotated[float, in_unit("mV")]
MicroMeter = Annotated[float, in_unit("um")]
DegC = Annotated[float, in_unit("degC")]
Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


EFELSetting = Annotated[
    float | str, BeforeValidator(lambda given: float(given) if isinstance(given, bool) else given)
]
