"""What is done to a cell and what is recorded from it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from workbench.cells import Site
from workbench.errors import StudyError, unknown

Amount = float | str
"""A number, or the name of one of the protocol's parameters."""


@dataclass(frozen=True)
class Step:
    """A constant current into a site, from `delay_ms` for `duration_ms`; a hold is a long one."""

    site: Site
    delay_ms: Amount
    duration_ms: Amount
    amplitude_nA: Amount


Stimulus = Step


@dataclass(frozen=True)
class Recording:
    """A variable at a site, recorded at every step of the integrator.

    `location` is the protocol's own word for the site (soma, dend1); `variable` is NEURON's
    name of a range variable (`v` in mV, `cai` in mM, `ina` in mA/cm2).
    """

    location: str
    site: Site
    variable: str = "v"

    @property
    def name(self) -> str:
        """The recording's name, `soma.v`."""
        return f"{self.location}.{self.variable}"


@dataclass(frozen=True)
class Protocol:
    """Stimuli, recordings and the length of the run.

    Attributes
    ----------
    parameters
        Names with default values that stimuli may refer to, so that one protocol serves many
        amplitudes.
    """

    name: str
    duration_ms: float
    stimuli: tuple[Stimulus, ...] = ()
    recordings: tuple[Recording, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.duration_ms) and self.duration_ms > 0):
            raise StudyError(
                f"protocol {self.name}: duration_ms is {self.duration_ms}, it must be above 0"
            )
        names = [recording.name for recording in self.recordings]
        for name in names:
            if names.count(name) > 1:
                raise StudyError(f"protocol {self.name}: two recordings are named {name}")
        for stimulus in self.stimuli:
            self._bound(stimulus)

    def with_parameters(self, given: Mapping[str, float]) -> "Protocol":
        """Return the protocol with other values of its parameters.

        Raises
        ------
        StudyError
            If the protocol has no such parameter.
        """
        for name in given:
            if name not in self.parameters:
                raise StudyError(
                    f"protocol {self.name}: {unknown('parameter', name, self.parameters)}"
                )
        return replace(self, parameters={**self.parameters, **given})

    def bound(self) -> "Protocol":
        """Return the protocol with a number wherever a stimulus named a parameter."""
        return replace(self, stimuli=tuple(self._bound(s) for s in self.stimuli), parameters={})

    def window_ms(self) -> tuple[float, float]:
        """Return begin and end of the first stimulus, or of the whole run if there is none."""
        if not self.stimuli:
            return 0.0, self.duration_ms
        first = self._bound(self.stimuli[0])
        begin_ms = float(first.delay_ms)
        return begin_ms, min(begin_ms + float(first.duration_ms), self.duration_ms)

    def _bound(self, stimulus: Stimulus) -> Stimulus:
        numbers: dict[str, Any] = {}
        for entry in fields(stimulus):
            value = getattr(stimulus, entry.name)
            if isinstance(value, str):
                if value not in self.parameters:
                    known = unknown("parameter", value, self.parameters)
                    raise StudyError(f"protocol {self.name}, {entry.name}: {known}")
                value = self.parameters[value]
            if isinstance(value, int | float) and not math.isfinite(value):
                raise StudyError(
                    f"protocol {self.name}: {entry.name} is {value}, it must be a finite number"
                )
            numbers[entry.name] = value
        if numbers["duration_ms"] < 0 or numbers["delay_ms"] < 0:
            raise StudyError(f"protocol {self.name}: a stimulus has a delay or duration below 0")
        return replace(stimulus, **numbers)
