"""`[[morphology.edit]]` of cell.toml: a table for each edit, made from the edit's own arguments."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Field, create_model

from workbench.morphology import EDITS, GivenRegion, Morphology, Worded
from workbench.studies.files import at, inside
from workbench.studies.table import Table, in_unit
from workbench.units import unit_of


def _edit_table(edit: Worded) -> type[Table]:
    """Return the table of an edit: its arguments, and its `type`."""
    keys: dict[str, Any] = {"type": (Literal[edit.name], Field(description="Which edit."))}
    for one in edit.arguments:
        default = ... if one.needed else one.default
        kind = _read_as(one.kind, unit_of(one.name))
        keys[one.name] = (kind, Field(default, description=one.meaning))
    return create_model(
        f"{edit.function.__name__}_table",
        __base__=Table,
        __module__=__name__,
        __doc__=f"One of `edit`: the cell {edit.about}",
        **keys,
    )


def _read_as(kind: Any, unit: str | None) -> Any:
    if get_origin(kind) is tuple:
        count = len(get_args(kind))
        return Annotated[list[float], Field(min_length=count, max_length=count)]
    if kind is float and unit:
        return Annotated[float, in_unit(unit)]
    if get_origin(kind) in (Literal, None):
        return kind
    return Union[tuple(_read_as(one, unit) for one in get_args(kind))]  # noqa: UP007


EditTable: Any = Annotated[
    Union[tuple(map(_edit_table, EDITS.values()))],  # noqa: UP007
    Field(discriminator="type"),
]


def edited(
    path: Path, morphology: Morphology, tables: Sequence[Any], regions: Mapping[str, GivenRegion]
) -> Morphology:
    """Return a cell with the edits of a cell.toml done, one after the other.

    It has its regions after the last, or before the first that names one of them.

    Raises
    ------
    InputError
        With the file, the edit and what cannot be done.
    """
    for number, table in enumerate(tables):
        edit = EDITS[table.type]
        given = {
            one.name: tuple(value) if isinstance(value, list) else value
            for one in edit.arguments
            if one.name in table.model_fields_set
            for value in [getattr(table, one.name)]
        }
        if given.get("region") in regions and not morphology.regions:
            morphology = _with_regions(path, morphology, regions)
        with at(f"{path}: morphology.edit.{number}: {edit.name}"):
            if "file" in given:
                given["file"] = _file(path, str(given["file"]))
            morphology = edit.function(morphology, **given)
    return morphology if morphology.regions else _with_regions(path, morphology, regions)


def _with_regions(
    path: Path, morphology: Morphology, regions: Mapping[str, GivenRegion]
) -> Morphology:
    with at(f"{path}: regions"):
        return morphology.with_regions(regions)


def _file(path: Path, given: str) -> str:
    """Return a file beside the study, or a name."""
    beside = path.parent / given
    named = not beside.suffix and not beside.exists()
    return given if named else str(inside(beside, path))
