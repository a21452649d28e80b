"""An experiment as a value: simulations by the levels of their factors, and what is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.digests import digest
from workbench.engines import Job
from workbench.evaluations import Measure

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
    """

    levels: Mapping[str, Level]
    job: Job
    measures: tuple[Measure, ...]

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
        Names, `<recording>.<feature>`, in the order of the columns.
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


def column_of(measure: Measure) -> str:
    """Return the column of a measure: `soma.v.AP_height`."""
    return f"{measure.recording}.{measure.feature}"
