"""Numbers of a protocol that are found on the cell before it is run: currents, in nA.

They stand among a protocol's parameters in place of a number. Who finds them is
`evaluations/finding.py`.
"""

from dataclasses import dataclass
from typing import Protocol as Interface

from workbench.errors import StudyError
from workbench.keys import key
from workbench.units import amount

LONGEST_SETTLING_ms = 1e5


@dataclass(frozen=True)
class Holding:
    """The constant current (nA) under which the voltage where it flows settles at `to_mV`."""

    to_mV: float = key("The voltage at which the cell is held.")
    tolerance_mV: float = key("By how much the voltage found may miss it.", 0.1)
    settle_ms: float = key("How long a run lasts, at the end of which the voltage counts.", 500.0)
    most_nA: float = key("No current beyond, to either side, is tried.", 10.0)

    def __post_init__(self) -> None:
        amount("to_mV", self.to_mV)
        _check_above_0(self, "tolerance_mV", "settle_ms", "most_nA")

    def __str__(self) -> str:
        return f"what holds the cell at {self.to_mV:g} mV"

    @property
    def stand_in_nA(self) -> float:
        """Stands for the number where none is known yet: in checks, before a cell is there."""
        return 0.0


@dataclass(frozen=True)
class Rheobase:
    """The least current (nA) with which the recording `to_fire` fires, to `tolerance_percent`.

    It is found by bisection: of the current that is returned the cell fires, of one that is less by
    the tolerance it does not. A spike rises above `threshold_mV` from when the stimulus begins to
    the end of the run, and does not have its peak where the current ends, as charging has.
    """

    to_fire: str = key("The name of a recording of the protocol, `soma`, whose `v` fires.")
    tolerance_percent: float = key("How close, in per cent of the rheobase.", 1.0)
    threshold_mV: float = key("What crosses it upwards is a spike.", -20.0)
    settle_ms: float = key("How long a run to rest lasts.", 500.0)
    most_nA: float = key("No current beyond is tried.", 10.0)

    def __post_init__(self) -> None:
        amount("threshold_mV", self.threshold_mV)
        _check_above_0(self, "tolerance_percent", "settle_ms", "most_nA")
        if not 0.001 <= self.tolerance_percent <= 50:
            raise StudyError(
                f"tolerance_percent is {self.tolerance_percent:g}; allowed are 0.001 to 50"
            )

    def __str__(self) -> str:
        return f"the least current with which {self.to_fire} fires"

    @property
    def stand_in_nA(self) -> float:
        """Stands for the number where none is known yet: in checks, before a cell is there."""
        return 0.1


class Seeker(Interface):
    """A protocol that seeks a rheobase."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def seeks(self) -> tuple[str, Rheobase] | None:
        """The parameter that is the rheobase."""


@dataclass(frozen=True)
class RelativeTo:
    """So many per cent of the rheobase that another protocol seeks, and so many nA more."""

    of: Seeker
    percent: float = 100.0
    plus_nA: float = 0.0

    def __post_init__(self) -> None:
        amount("percent", self.percent, (-1e6, 1e6))
        amount("plus_nA", self.plus_nA)
        if self.of.seeks is None:
            raise StudyError(
                f"protocol {self.of.name} seeks no rheobase; a parameter of it has to be "
                "{ to_fire = <recording> }"
            )

    def __str__(self) -> str:
        plus = f" {'+' if self.plus_nA > 0 else '-'} {abs(self.plus_nA):g} nA"
        return f"{self.percent:g} % of the rheobase of {self.of.name}{plus if self.plus_nA else ''}"

    def nA(self, rheobase_nA: float) -> float:
        """Return the current for a rheobase."""
        return self.percent / 100 * rheobase_nA + self.plus_nA

    @property
    def stand_in_nA(self) -> float:
        """Stands for the number where none is known yet: in checks, before a cell is there."""
        rheobase = self.of.seeks
        assert rheobase is not None, "checked when it was made"
        return self.nA(rheobase[1].stand_in_nA)


Sought = Holding | Rheobase | RelativeTo
"""What may stand in place of a parameter's number."""

SOUGHT = (Holding, Rheobase, RelativeTo)


def _check_above_0(given: Holding | Rheobase, *names: str) -> None:
    for name in names:
        value = amount(name, getattr(given, name))
        if not value > 0:
            raise StudyError(f"{name} is {value:g}, it must be above 0")
    if given.settle_ms > LONGEST_SETTLING_ms:
        raise StudyError(
            f"settle_ms is {given.settle_ms:g}, it must be at most {LONGEST_SETTLING_ms:g}"
        )
