"""analysis.py beside an experiment: from its table to other tables and a figure.

It may define `tables(rows)`, which returns tables by name, each a list of rows, and
`draw(figure, rows, tables)`, which draws on a figure of matplotlib. A row is a dict by column.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.experiments.executing import executed
from workbench.experiments.functions import python_beside
from workbench.inputs import is_file

Rows = list[dict[str, Any]]

FILE = "analysis.py"


@dataclass(frozen=True)
class Analysis:
    """What is made of the table of an experiment.

    Attributes
    ----------
    path
        The file.
    text
        What it says.
    """

    path: Path
    text: str

    def tables(self, rows: Rows) -> dict[str, Rows]:
        """Return the tables that it makes, by name.

        Raises
        ------
        InputError
            If it fails, with the line, or makes no such tables.
        """
        if "tables" not in self._names:
            return {}
        found = self._run("tables", rows)
        if not _is_tables(found):
            raise InputError(
                f"{self.path}: tables(rows) has to return a dict of tables by name, each a list of "
                "dicts by column"
            )
        return {name: list(table) for name, table in found.items()}

    @property
    def draws(self) -> bool:
        """Whether there is a figure."""
        return "draw" in self._names

    def draw(self, figure: Any, rows: Rows, tables: Mapping[str, Rows]) -> None:
        """Draw on a figure of matplotlib.

        Raises
        ------
        InputError
            If it fails, with the line.
        """
        self._run("draw", figure, rows, tables)

    @cached_property
    def _names(self) -> dict[str, Any]:
        names: dict[str, Any] = self._called(
            lambda: executed(self.text, "analysis", str(self.path))
        )
        return names

    def _run(self, name: str, *given: Any) -> Any:
        return self._called(lambda: self._names[name](*given))

    def _called(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == str(self.path)]
            line = f", line {lines[-1]}" if lines else ""
            raise InputError(f"{self.path}{line}: {type(error).__name__}: {error}") from None


def analysis_beside(file: Path, trusted: bool) -> Analysis | None:
    """Return what analysis.py beside an experiment's file makes of its table, if there is one.

    Raises
    ------
    InputError
        If it neither ships nor is trusted.
    """
    path = file.parent / FILE
    if file.name != "experiment.toml" or not is_file(path):
        return None
    return Analysis(path, python_beside(path, trusted))


def _is_tables(found: object) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table)
        for table in found.values()
    )
