"""Parameters of protocols, as they may be written: numbers, texts, and currents that are found."""

import inspect
from dataclasses import MISSING, fields
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, create_model

from workbench.protocols import Holding, Rheobase
from workbench.studies.table import Table, in_unit
from workbench.units import unit_of


def _sought_table(kind: type[Holding | Rheobase]) -> type[Table]:
    """Return the table of a current that is found on the cell: the fields of its value."""
    about = inspect.cleandoc(kind.__doc__ or "")
    keys: dict[str, Any] = {}
    for entry in fields(kind):
        unit = unit_of(entry.name)
        read: Any = Annotated[float, in_unit(unit)] if unit else entry.type
        default = ... if entry.default is MISSING else entry.default
        keys[entry.name] = (read, Field(default, description=entry.metadata["meaning"]))
    return create_model(
        f"{kind.__name__}Table",
        __base__=Table,
        __module__=__name__,
        __doc__=f"A parameter that is {about[:1].lower()}{about[1:]}",
        **keys,
    )


HoldingTable: Any = _sought_table(Holding)
RheobaseTable: Any = _sought_table(Rheobase)


class RelativeTable(Table):
    """A parameter that is a current (nA) relative to the rheobase that another protocol seeks.

    Without a percentage it is the rheobase itself, and `plus_nA` more.
    """

    percent_of_rheobase: float | None = None
    """So many per cent of the rheobase."""
    of: str | None = None
    """The protocol that seeks the rheobase, if there are several."""
    plus_nA: Annotated[float, in_unit("nA")] = 0.0
    """So many nA more."""


def _which(given: Any) -> str:
    """Return which kind of parameter is given, by its keys."""
    if not isinstance(given, dict):
        return "text" if isinstance(given, str) else "number"
    return next((key for key in ("to_mV", "to_fire") if key in given), "relative")


ParameterTable = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[str, Tag("text")]
    | Annotated[HoldingTable, Tag("to_mV")]
    | Annotated[RheobaseTable, Tag("to_fire")]
    | Annotated[RelativeTable, Tag("relative")],
    Discriminator(_which),
]
"""A number, a quantity or a site as text, or a current that is found on the cell."""
