"""An experiment as a value: simulations by the levels of their factors, and what is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbench.digests import digest
from workbench.engines import Job
from workbench.evaluations import Measure
from workbench.experiments.measures import TEXTS, Asked
from workbench.experiments.recorded import column_of_recorded

Level = float | str
"""What a factor is in one condition: a number, or a text such as a name or a site."""


@dataclass(frozen=True)
class Condition:
    """One simulation of an experiment.

    Attributes
    ----------
    levels
        By factor; a factor that does not bear on this simulation is not among them.
    job
        What is simulated.
    measures
        What is measured of it.
    texts
        What is known of it beforehand and is no number, by column.
    """

    levels: Mapping[str, Level]
    job: Job
    measures: tuple[Asked, ...]
    texts: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        levels = ", ".join(f"{name} = {level}" for name, level in self.levels.items())
        return f"<Condition {levels}: {len(self.measures)} measures>"


@dataclass(frozen=True)
class Experiment:
    """Conditions, and the columns of the table that comes of them.

    Attributes
    ----------
    factors
        Names, in the order of the columns.
    measures
        Names, such as `soma.v.AP_height`, in the order of the columns.
    conditions
        In the order of the rows.
    """

    factors: tuple[str, ...]
    measures: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def __repr__(self) -> str:
        return (
            f"<Experiment: {len(self.conditions)} simulations; factors {', '.join(self.factors)}; "
            f"measures {', '.join(self.measures)}>"
        )

    @cached_property
    def digest(self) -> str:
        """Digest of everything that the table depends on."""
        return digest((self.factors, self.measures, self.conditions))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The measures that are numbers."""
        return tuple(name for name in self.measures if name not in TEXTS)


def column_of(measure: Asked) -> str:
    """Return the column of a measure: `soma.v.AP_height`."""
    if isinstance(measure, Measure):
        return column_of_recorded(measure)
    return measure.column
