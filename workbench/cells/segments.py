"""Into how many segments a section is cut."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import StudyError
from workbench.morphology import Morphology


@dataclass(frozen=True)
class MaximalLength:
    """1 + 2 int(L / length_um) segments: never longer than `length_um`, always an odd number.

    With 40 um this is the rule of Hay et al. 2011 and of BluePyOpt.
    """

    length_um: float = 40.0

    def __post_init__(self) -> None:
        if not self.length_um > 0:
            raise StudyError(f"segments: max_length_um is {self.length_um:g}, it must be above 0")

    def count(self, morphology: Morphology, section: int, Ra_ohm_cm: float, cm: float) -> int:
        """Return the number of segments of one section; the passive values play no part."""
        return 1 + 2 * int(morphology.sections[section].length_um / self.length_um)


@dataclass(frozen=True)
class DLambda:
    """No segment longer than a fraction of the space constant at a frequency.

    The rule of Hines & Carnevale 2001 (Neuroscientist 7:123-135): the AC space constant in um is
    1e5 sqrt(d / (4 pi f Ra cm)) with d in um, f in Hz, Ra in ohm cm and cm in uF/cm2, and the
    number of segments the next odd one above L / (fraction x space constant).
    """

    fraction: float = 0.1
    frequency_Hz: float = 100.0

    def __post_init__(self) -> None:
        if not (self.fraction > 0 and self.frequency_Hz > 0):
            raise StudyError("segments: d_lambda and frequency_Hz must be above 0")

    def count(self, morphology: Morphology, section: int, Ra_ohm_cm: float, cm: float) -> int:
        """Return the number of segments of one section with these passive values.

        Raises
        ------
        StudyError
            If they give no space constant.
        """
        if not (Ra_ohm_cm > 0 and cm > 0):
            raise StudyError(
                f"segments: d_lambda needs Ra and cm above 0, in {morphology.names[section]} "
                f"they are {Ra_ohm_cm:g} and {cm:g}"
            )
        length_um = morphology.sections[section].length_um
        diameter_um = morphology.diameter_um(section, 0.0, 1.0)
        per_area = 4 * math.pi * self.frequency_Hz * Ra_ohm_cm * cm
        space_constant_um = 1e5 * math.sqrt(diameter_um / per_area)
        return int((length_um / (self.fraction * space_constant_um) + 0.9) / 2) * 2 + 1


SegmentRule = MaximalLength | DLambda


def segment_counts(
    rule: SegmentRule,
    morphology: Morphology,
    Ra_ohm_cm: Sequence[float],
    cm_uF_per_cm2: Sequence[float],
) -> tuple[int, ...]:
    """Return the number of segments of every section.

    `Ra_ohm_cm` and `cm_uF_per_cm2` hold one value a section; rules that need them see the
    values that the model really has there.
    """
    each = zip(range(len(morphology.sections)), Ra_ohm_cm, cm_uF_per_cm2, strict=True)
    return tuple(rule.count(morphology, index, Ra, cm) for index, Ra, cm in each)
