"""All checks of a shape."""

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from workbench.errors import MorphologyError
from workbench.morphology.checks import (  # noqa: F401 - they fill CHECKS
    by_neurom,
    courses,
    diameters,
    reading,
    somata,
    trees,
    units,
)
from workbench.morphology.checks.check import CHECKS, SEVERITIES, Finding, Severity
from workbench.morphology.checks.sizes import sizes_apart, sizes_in_neurom
from workbench.morphology.readers.load import load_morphology
from workbench.morphology.readers.soma import SomaModel
from workbench.morphology.readers.swc_rows import Kinds
from workbench.morphology.tree import Morphology


def check_morphology(
    cell: Morphology | str | Path,
    least: Severity = "remark",
    soma: SomaModel = "neuron",
    *,
    unit: str = "um",
    kinds: Kinds = MappingProxyType({}),
    trust_hoc: bool = False,
) -> tuple[Finding, ...]:
    """Return what is odd about a shape, errors first; nothing for a sound one.

    `CHECKS` has the checks by name. For a file, what NeuroM makes otherwise of it is told too.

    Parameters
    ----------
    cell
        A morphology, or the file or name of one.
    least
        Nothing less severe is looked for: "error", "note", or "remark" for all.
    soma, unit, kinds, trust_hoc
        How a file is read, see `load_morphology`.

    Raises
    ------
    MorphologyError
        A file that cannot be read.
    """
    if isinstance(cell, Morphology):
        return _ordered(cell, (), least)
    morphology = load_morphology(cell, soma, unit=unit, kinds=kinds, trust_hoc=trust_hoc)
    apart: Iterable[Finding] = ()
    with suppress(MorphologyError):  # NeuroM does not read all files that we do
        apart = sizes_apart(morphology, sizes_in_neurom(cell, unit=unit, kinds=kinds))
    return _ordered(morphology, tuple(apart), least)


def _ordered(
    morphology: Morphology, more: Iterable[Finding], least: Severity
) -> tuple[Finding, ...]:
    chosen = [one for one in CHECKS.values() if one.finds(least)]
    found = [*(finding for one in chosen for finding in one.find(morphology)), *more]
    kept = SEVERITIES[: SEVERITIES.index(least) + 1]
    return tuple(one for severity in kept for one in found if one.severity == severity)


@lru_cache(maxsize=64)
def require_sound(morphology: Morphology) -> None:
    """Refuse a shape that no simulation can be right of.

    Raises
    ------
    MorphologyError
        With all errors that `check_morphology` finds, one a line.
    """
    errors = [str(one) for one in check_morphology(morphology, "error")]
    if errors:
        of = f" ({morphology.source})" if morphology.source else ""
        raise MorphologyError(f"morphology {morphology.name}{of}: " + "\n".join(errors))
