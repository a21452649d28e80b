"""`[[row]]` of expected.toml: what an experiment's table, or one made of it, has to hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from workbench.errors import StudyError
from workbench.studies.aims import Aim
from workbench.studies.files import at
from workbench.studies.table import Pair, Table
from workbench.units import ANY, LARGEST, amount

Where = Mapping[str, float | str]


class RowTable(Table):
    """One of `[[row]]`: a row of the experiment's table, and what stands in its columns."""

    name: str
    """Which row it is, as the page of results calls it."""
    source: str
    """Paper, with its figure, table or page."""
    table: str | None = None
    """A table that analysis.py makes; that of the experiment without it."""
    where: dict[str, float | str] = Field(default_factory=dict)
    """Which row, by its levels: `{ "morphology.number" = 1, protocol = "drive" }`. One has to
    have them all; of a table of one row nothing need be said."""
    columns: dict[str, Pair] = Field(default_factory=dict)
    """Numbers by column, each `[value, tolerance]`."""
    at_least: dict[str, float] = Field(default_factory=dict)
    """Numbers by column that must be reached."""
    relative: float = Field(default=0.0, ge=0)
    """How much farther off those of `columns` may be, as a fraction of the value."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ExpectedRow(Aim):
    """A number of a table that an experiment makes.

    Attributes
    ----------
    table
        The table; None for that of the experiment.
    where
        The levels of its row.
    column
        Its column.
    """

    table: str | None
    where: Where
    column: str

    @property
    def row(self) -> str:
        """Which row is meant, in words."""
        pairs = self.where.items()
        each = (f"{n} = {v:g}" if isinstance(v, float) else f"{n} = {v}" for n, v in pairs)
        return ", ".join(each) or "no levels"

    def row_of(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the row that is meant.

        Raises
        ------
        StudyError
            If none or several have these levels, or the column is not there.
        """
        found = [row for row in rows if all(row.get(n) == v for n, v in self.where.items())]
        if len(found) != 1:
            raise StudyError(f"{self.name}: {len(found)} rows have {self.row}; one has to")
        if self.column not in found[0]:
            raise StudyError(
                f"{self.name}: there is no column {self.column!r}; there are {', '.join(found[0])}"
            )
        return found[0]


def rows_from(path: Path, tables: list[RowTable]) -> Iterator[ExpectedRow]:
    """Yield the numbers of the rows of an expected.toml, in their order.

    Raises
    ------
    StudyError
        With the file, the row and what is allowed.
    """
    for table in tables:
        with at(f"{path}: {table.name}"):
            yield from _numbers(table)


def _numbers(table: RowTable) -> Iterator[ExpectedRow]:
    if not table.columns and not table.at_least:
        raise StudyError("give columns, <column> = [value, tolerance], or at_least")
    aims = [(column, value, off, False) for column, (value, off) in table.columns.items()]
    aims += [(column, value, 0.0, True) for column, value in table.at_least.items()]
    for column, value, off, bound in aims:
        amount(column, value, ANY)
        allowed = amount("tolerance", off, (0.0, LARGEST)) + table.relative * abs(value)
        yield ExpectedRow(
            name=f"{table.name}: {column}",
            source=table.source,
            values=(value,),
            tolerance=(0.0 if bound else allowed,),
            at_least=bound,
            table=table.table,
            where=table.where,
            column=column,
        )
