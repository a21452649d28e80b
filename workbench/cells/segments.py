"""Into how many segments a section is cut."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from workbench.errors import StudyError
from workbench.morphology import Morphology
from workbench.units import LIMITS

MOST_SEGMENTS = 32767
"""NEURON counts the segments of a section in a short integer."""

MOST_IN_ALL = 1_000_000
"""Of a cell: some GB of memory, and beyond every cell that anybody has simulated."""

LARGEST_FRACTION = 100.0


@dataclass(frozen=True)
class MaximalLength:
    """1 + 2 int(L / length_um) segments: never longer than `length_um`, always an odd number.

    With 40 um this is the rule of Hay et al. 2011 and of BluePyOpt. Where the number need not be
    `odd` there are 1 + int(L / length_um).
    """

    length_um: float = 40.0
    odd: bool = True

    def __str__(self) -> str:
        return f"{self.length_um:g} um" + ", even numbers too" * (not self.odd)

    def __post_init__(self) -> None:
        if not 0 < self.length_um <= LIMITS["um"][1]:
            raise StudyError(
                f"segments: max_length_um is {self.length_um:g}, it must be above 0 and at most "
                f"{LIMITS['um'][1]:g} um"
            )

    def count(self, morphology: Morphology, section: int, Ra_ohm_cm: float, cm: float) -> int:
        """Return the number of segments of one section; the passive values play no part.

        Raises
        ------
        StudyError
            If there are more than NEURON takes.
        """
        length_um = morphology.sections[section].length_um
        return _count(self, morphology, section, length_um / self.length_um, self.odd)


@dataclass(frozen=True)
class DLambda:
    """No segment longer than a fraction of the space constant at a frequency.

    The rule of Hines & Carnevale 2001 (Neuroscientist 7:123-135): the AC space constant in um is
    1e5 sqrt(d / (4 pi f Ra cm)) with d in um, f in Hz, Ra in ohm cm and cm in uF/cm2. A section
    is as many space constants long as its frusta together, each with its own mean diameter
    (`lambda_f` in NEURON's stdlib), and the number of segments is the next odd one above that
    length / fraction.
    """

    fraction: float = 0.1
    frequency_Hz: float = 100.0

    def __str__(self) -> str:
        return f"d_lambda {self.fraction:g}"

    def __post_init__(self) -> None:
        given = {"d_lambda": self.fraction, "frequency_Hz": self.frequency_Hz}
        for name, value in given.items():
            most = LARGEST_FRACTION if name == "d_lambda" else LIMITS["Hz"][1]
            if not 0 < value <= most:
                raise StudyError(
                    f"segments: {name} is {value:g}, it must be above 0 and at most {most:g}"
                )

    def count(self, morphology: Morphology, section: int, Ra_ohm_cm: float, cm: float) -> int:
        """Return the number of segments of one section with these passive values.

        Raises
        ------
        StudyError
            If they or the diameters give no space constant, or it is too short.
        """
        here = morphology.sections[section]
        if not (Ra_ohm_cm > 0 and cm > 0):
            raise StudyError(
                f"segments: d_lambda needs Ra and cm above 0, in {morphology.names[section]} "
                f"they are {Ra_ohm_cm:g} and {cm:g}"
            )
        diameters_um = (here.points[1:, 3] + here.points[:-1, 3]) / 2
        if not (diameters_um > 0).all():
            raise StudyError(
                f"segments: d_lambda needs diameters above 0, {morphology.names[section]} has a "
                "stretch without one"
            )
        per_area = 4 * math.pi * self.frequency_Hz * Ra_ohm_cm * cm
        space_constants_um = 1e5 * np.sqrt(diameters_um / per_area)
        length = float(np.sum(np.diff(here.arcs_um) / space_constants_um))
        return _count(self, morphology, section, (length / self.fraction + 0.9) / 2)


@dataclass(frozen=True)
class ByRegion:
    """A rule for most sections and others for some regions; where two reach one, the later wins.

    Where spikes begin, a few segments more than the rest of the cell needs cost nothing and buy
    much of its accuracy.
    """

    rule: MaximalLength | DLambda
    regions: tuple[tuple[str, MaximalLength | DLambda], ...] = ()

    def __str__(self) -> str:
        return ", ".join([str(self.rule), *(f"{region} {rule}" for region, rule in self.regions)])

    def count(self, morphology: Morphology, section: int, Ra_ohm_cm: float, cm: float) -> int:
        """Return the number of segments of one section, by the rule of its region."""
        own = [rule for region, rule in self.regions if section in _sections(morphology, region)]
        return [self.rule, *own][-1].count(morphology, section, Ra_ohm_cm, cm)


SegmentRule = MaximalLength | DLambda | ByRegion
"""How sections are cut."""


@lru_cache(maxsize=64)
def _sections(morphology: Morphology, region: str) -> frozenset[int]:
    return frozenset(morphology.indices(region))


def _count(
    rule: MaximalLength | DLambda,
    morphology: Morphology,
    section: int,
    parts: float,
    odd: bool = True,
) -> int:
    """Return 1 + 2 int(parts), or 1 + int(parts), if NEURON can cut a section so finely."""
    each = 2 if odd else 1
    if not each * parts < MOST_SEGMENTS + 1:
        length_um = morphology.sections[section].length_um
        raise StudyError(
            f"segments: by the rule {rule} {morphology.names[section]}, {length_um:g} um long, "
            f"would have about {each * parts:.3g} segments; NEURON cuts a section into "
            f"{MOST_SEGMENTS} at most. Choose longer ones"
        )
    return 1 + each * int(parts)


@lru_cache(maxsize=64)
def segment_counts(
    rule: SegmentRule,
    morphology: Morphology,
    Ra_ohm_cm: tuple[float, ...],
    cm_uF_per_cm2: tuple[float, ...],
) -> tuple[int, ...]:
    """Return the number of segments of every section.

    `Ra_ohm_cm` and `cm_uF_per_cm2` hold one value a section; rules that need them see the
    values that the model really has there.
    """
    each = zip(range(len(morphology.sections)), Ra_ohm_cm, cm_uF_per_cm2, strict=True)
    counts = tuple(rule.count(morphology, index, Ra, cm) for index, Ra, cm in each)
    if sum(counts) > MOST_IN_ALL:
        raise StudyError(
            f"segments: by the rule {rule} the cell would have {sum(counts)} segments; at most "
            f"{MOST_IN_ALL} are meant. Choose longer ones"
        )
    return counts
