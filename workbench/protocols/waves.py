"""Currents that oscillate."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.errors import StudyError
from workbench.keys import key
from workbench.protocols.played import Sampled
from workbench.protocols.stimulus import Amount, Detail

POINTS = 500
"""Of a period: between two of them a sine leaves a straight line by (2 pi / POINTS)^2 / 8."""


@dataclass(frozen=True)
class Wave(Sampled):
    """A current that oscillates.

    It is played as straight lines between 500 points of its shortest period, which are off by
    2.4e-5 of the amplitude at most.
    """

    @abstractmethod
    def highest_Hz(self) -> float:
        """Return its highest frequency."""

    def spacing_ms(self) -> float:
        """Return a 500th of its shortest period, or of its duration if that is shorter."""
        return min(1000.0 / self.highest_Hz(), float(self.duration_ms)) / POINTS

    def detail(self) -> Detail:
        """Return a twentieth of its shortest period: such steps leave 0.4 % of an amplitude out."""
        frequency_Hz, lasts_ms = self.highest_Hz(), float(self.duration_ms)
        part_ms = 1000.0 / frequency_Hz / 20
        if lasts_ms < part_ms:
            return Detail(lasts_ms, f"{self.kind} of {lasts_ms:g} ms")
        what = f"a twentieth of whose period is {part_ms:.4g} ms,"
        return Detail(part_ms, f"{self.kind} of {frequency_Hz:g} Hz, {what}")


@dataclass(frozen=True)
class Sine(Wave):
    """A sine: at t from where it begins, offset + amplitude sin(2 pi frequency t + phase)."""

    kind: ClassVar[str] = "sine"
    amplitude_nA: Amount = key("By how much it leaves its middle.")
    frequency_Hz: Amount = key("Of its periods.")
    phase_deg: Amount = key("Where in its period it begins.", 0.0)
    offset_nA: Amount = key("The current in its middle.", 0.0)

    def __post_init__(self) -> None:
        self._check_above_0("duration_ms", "frequency_Hz")

    def highest_Hz(self) -> float:
        """Return its frequency."""
        return float(self.frequency_Hz)

    def samples_nA(self, since_ms: Floats) -> Floats:
        """Return the sine."""
        cycles = since_ms * float(self.frequency_Hz) / 1000 + float(self.phase_deg) / 360
        return float(self.offset_nA) + float(self.amplitude_nA) * np.sin(2 * np.pi * cycles)

    def words(self, until_ms: float) -> str:
        """Return amplitude, frequency, phase, middle, site and times."""
        return (
            f"a sine of {self.amplitude_nA:g} nA and {self.frequency_Hz:g} Hz, beginning at "
            f"{self.phase_deg:g} deg, around {self.offset_nA:g} nA into {self._where(until_ms)}"
        )


@dataclass(frozen=True)
class Chirp(Wave):
    """A sine whose frequency changes along a straight line, as the impedance of a cell is measured.

    At t of its duration T it is offset + amplitude sin(2 pi (start t + (end - start) t^2 / 2T)).
    """

    kind: ClassVar[str] = "chirp"
    amplitude_nA: Amount = key("By how much it leaves its middle.")
    start_Hz: Amount = key("The frequency where it begins.")
    end_Hz: Amount = key("The frequency where it ends.")
    offset_nA: Amount = key("The current in its middle.", 0.0)

    def __post_init__(self) -> None:
        self._check_above_0("duration_ms")
        if self.start_Hz == self.end_Hz == 0:
            raise StudyError("chirp: start_Hz and end_Hz are 0, one of them must be above 0")

    def highest_Hz(self) -> float:
        """Return the frequency where it begins or ends."""
        return max(float(self.start_Hz), float(self.end_Hz))

    def samples_nA(self, since_ms: Floats) -> Floats:
        """Return the chirp."""
        start_kHz, end_kHz = float(self.start_Hz) / 1000, float(self.end_Hz) / 1000
        cycles = since_ms * (
            start_kHz + (end_kHz - start_kHz) * since_ms / (2 * float(self.duration_ms))
        )
        return float(self.offset_nA) + float(self.amplitude_nA) * np.sin(2 * np.pi * cycles)

    def words(self, until_ms: float) -> str:
        """Return amplitude, frequencies, middle, site and times."""
        begin_ms, end_ms = self.window_ms(until_ms)
        return (
            f"a chirp of {self.amplitude_nA:g} nA from {self.start_Hz:g} to {self.end_Hz:g} Hz "
            f"around {self.offset_nA:g} nA into {self.site} from {begin_ms:g} to {end_ms:g} ms"
        )
