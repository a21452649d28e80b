"""Values of a cell that are computed from others of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from workbench.cells.arithmetic import ALLOWED, RefusedError, check_tie, computed, names_in
from workbench.errors import InputError, StudyError, unknown
from workbench.inputs import LONGEST_EXPRESSION
from workbench.units import ANY, amount


@dataclass(frozen=True)
class Tie:
    """A value that follows others: `g_pas.apical` is `2 * g_pas.basal`.

    The expression may use the names of other values of the cell, each in its own unit, numbers,
    + - * / **, comparisons, `a if condition else b` and exp, log, sqrt, abs, minimum, maximum.

    Raises
    ------
    StudyError
        If the expression cannot be parsed or uses anything else.

    Examples
    --------
    >>> Tie("g_pas.apical", "2 * g_pas.basal").value({"g_pas.basal": 1e-4})
    0.0002
    """

    name: str
    expression: str

    def __post_init__(self) -> None:
        try:
            check_tie(self.expression)
        except RefusedError as error:
            raise self._refused(str(error)) from None

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of the values from which it is computed."""
        return names_in(self.expression)

    def value(self, given: Mapping[str, float]) -> float:
        """Return the value that goes with others, by name.

        Raises
        ------
        StudyError
            If it is not finite, or larger than any quantity of a cell.
        """
        try:
            return amount(self.name, float(computed(self.expression, given)), ANY)
        except InputError as error:
            read = ", ".join(f"{name} = {given[name]:g}" for name in self.reads)
            raise StudyError(f"{error}: it is {self.expression!r}, with {read}") from None

    def _refused(self, why: str) -> StudyError:
        return StudyError(
            f"{self.name}: cannot use {self.expression[:LONGEST_EXPRESSION]!r}: {why}. Allowed: "
            f"numbers, names of other parameters, {ALLOWED}"
        )


def tied(
    ties: Sequence[Tie], given: Mapping[str, float | None]
) -> Iterator[tuple[str, float | None]]:
    """Yield the value of each tie, None where one that it is computed from is still free.

    Parameters
    ----------
    ties
        Of one cell; a tie may read another.
    given
        All values of the cell by name, None where they are free or tied.

    Raises
    ------
    StudyError
        If a name is no value of the cell, or ties read one another in a circle.
    """
    by_name = {tie.name: tie for tie in ties}
    for tie in ties:
        for name in (tie.name, *tie.reads):
            if name not in given:
                raise StudyError(
                    f"{tie.name} = {tie.expression!r}: {unknown('parameter', name, given)}"
                )
    reading = {tie.name: [name for name in tie.reads if name in by_name] for tie in ties}
    try:
        order = list(TopologicalSorter(reading).static_order())
    except CycleError as error:
        circle = " reads ".join(reversed(error.args[1]))
        raise StudyError(
            f"{circle}: a tie cannot follow itself; give one of them a value"
        ) from None
    known = {name: value for name, value in given.items() if name not in by_name}
    for name in order:
        read = {one: known[one] for one in by_name[name].reads}
        numbers = {one: value for one, value in read.items() if value is not None}
        known[name] = by_name[name].value(numbers) if len(numbers) == len(read) else None
        yield name, known[name]
