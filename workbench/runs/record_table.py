"""What all tables of provenance.json share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator

from workbench.errors import shortened


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text (given: {shortened(repr(value))})")
    return value


Text = Annotated[str, PlainValidator(_text)]
"""A text; it may hold what pydantic takes for none, bytes of a path that are not UTF-8."""


class Table(BaseModel):
    """A part of the record; what a newer workbench tells beside is kept."""

    model_config = ConfigDict(extra="allow", frozen=True)
