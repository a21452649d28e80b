"""The tree of a hoc file as a table of sections, and the rule that cuts them as the file did."""

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np

from workbench.cells import DLambda
from workbench.cells.segments import segment_counts
from workbench.morphology import REGIONS, Morphology

_D_LAMBDA = 0.1
_FREQUENCY_Hz = 100.0


def section_table(tree: Morphology) -> str:
    """Return a TOML file of all sections; points with the digits that single precision has."""
    lines = [f'source = "{tree.source}"']
    for section in tree.sections:
        lines += ["", "[[section]]", f'region = "{section.region}"']
        lines += [f"parent = {section.parent}", f"parent_x = {section.parent_x!r}"]
        if section.is_cylinder:
            diameter_um = float(section.points[0, 3])
            lines += [f"length_um = {section.length_um!r}", f"diameter_um = {diameter_um!r}"]
            continue
        rows = (", ".join(map(_digits, row)) for row in section.points.astype(np.float32))
        lines += ["points = [", *(f"    [{row}]," for row in rows), "]"]
    return "\n".join(lines) + "\n"


def _digits(number: np.float32) -> str:
    return np.format_float_positional(number, trim="0")


def segment_rule(
    tree: Morphology, counts: Sequence[int], Ra_ohm_cm: Sequence[float], cm: Sequence[float]
) -> tuple[Mapping[str, object], bool]:
    """Return `segments` of a cell.toml, and whether it cuts every section as `counts` says.

    Tried are a maximal length for all sections, one for each region, and d_lambda 0.1 at 100 Hz,
    which is what is left if none of them fits.
    """
    if length_um := _longest_um(tree, counts, tree.indices()):
        return {"max_length_um": length_um}, True
    own = {r: _longest_um(tree, counts, tree.indices(r)) for r in REGIONS if tree.indices(r)}
    if all(own.values()):
        table: dict[str, object] = {"max_length_um": max(filter(None, own.values()))}
        return table | {region: {"max_length_um": most} for region, most in own.items()}, True
    rule = DLambda(_D_LAMBDA, _FREQUENCY_Hz)
    fits = segment_counts(rule, tree, tuple(Ra_ohm_cm), tuple(cm)) == tuple(counts)
    return {"d_lambda": _D_LAMBDA, "frequency_Hz": _FREQUENCY_Hz}, fits


def _longest_um(tree: Morphology, counts: Sequence[int], indices: Sequence[int]) -> float | None:
    """Return a length with which 1 + 2 int(L / length) are the counts of some sections, if any."""
    above, most = 0.0, inf
    for index in indices:
        halves, even = divmod(counts[index] - 1, 2)
        if even:
            return None
        length_um = tree.sections[index].length_um
        above = max(above, length_um / (halves + 1))
        most = min(most, length_um / halves if halves else inf)
    if above >= most:
        return None
    if most == inf:
        return float(np.ceil(above)) + 1.0
    for digits in range(-2, 6):
        rounded = float(np.round(most - 0.5 * 10.0**-digits, digits))
        if above < rounded <= most:
            return rounded
    return most
