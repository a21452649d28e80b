"""What a hoc file says with `ion_style`: which reversal potentials stay, which concentrations."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import InputError

# Bits of what `ion_style` returns, see NEURON's page on it.
_AT_INIT, _EACH_STEP = 0o40, 0o100
_COMPUTES = _AT_INIT | _EACH_STEP


def held_reversals(
    path: Path, built: Sequence[Mapping[str, Any]], unsettled: Sequence[str]
) -> list[str]:
    """Return the reversal potentials that NEURON would compute, and the file has it not.

    Parameters
    ----------
    built
        The sections as the child tells of them, see `child.py`.
    unsettled
        Concentrations that begin a run at what they were before.

    Raises
    ------
    InputError
        If NEURON treats an ion as no study can say.
    """
    if unsettled:
        raise InputError(
            f"{path}: with ion_style it lets a run begin at what {', '.join(unsettled)} were "
            "before, which a study cannot; a mechanism's INITIAL can give them a value"
        )
    held = set(_said(path, built, held=True))
    if both := held.intersection(_said(path, built, held=False)):
        name = min(both)
        raise InputError(
            f"{path}: with ion_style it holds {name} in some sections and has NEURON compute it in "
            "others, which a study cannot; hold it in all of them"
        )
    return sorted(held)


def _said(path: Path, built: Sequence[Mapping[str, Any]], held: bool) -> Iterator[str]:
    """Yield the reversal potentials that are held in some section, or computed there."""
    for one in built:
        for ion, (style, by_itself) in one["styles"].items():
            here, own = style & _COMPUTES, by_itself & _COMPUTES
            # Computed each step, too, it is the same as long as no concentration changes.
            if here not in (0, own, own | _EACH_STEP) or (here and not own):
                raise InputError(
                    f"{path}: with ion_style, {one['name']} has NEURON compute e{ion} otherwise "
                    "than by itself, which a study cannot say"
                )
            if own and held == (not here):
                yield f"e{ion}"
