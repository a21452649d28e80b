"""A tree as a table of sections, and the rule that cuts them as another tool did."""

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np

from workbench.cells import DLambda, MaximalLength
from workbench.cells.segments import segment_counts
from workbench.morphology import REGIONS, Morphology

_D_LAMBDA = 0.1
_FREQUENCY_Hz = 100.0
_USUAL_um = 40.0


def section_table(tree: Morphology, theirs: Sequence[str] = ()) -> str:
    """Return a TOML file of all sections; points with the digits that single precision has.

    Parameters
    ----------
    theirs
        What the other tool calls the sections, for remarks beside ours.
    """
    lines = [f'source = "{tree.source}"']
    for index, section in enumerate(tree.sections):
        lines += ["", f"# {tree.names[index]}: {theirs[index]}"] if theirs else [""]
        lines += ["[[section]]", f'region = "{section.region}"']
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
) -> Mapping[str, object]:
    """Return `segments` of a cell.toml that cuts every section as `counts` says.

    Tried are a maximal length for all sections, one for each region, and d_lambda 0.1 at 100 Hz;
    if none of them fits, sections have rules of their own.
    """
    if length_um := _longest_um(tree, counts, tree.indices()):
        return {"max_length_um": length_um}
    own = {r: _longest_um(tree, counts, tree.indices(r)) for r in REGIONS if tree.indices(r)}
    if all(own.values()):
        table: dict[str, object] = {"max_length_um": max(filter(None, own.values()))}
        return table | {region: {"max_length_um": most} for region, most in own.items()}
    rule = DLambda(_D_LAMBDA, _FREQUENCY_Hz)
    if segment_counts(rule, tree, tuple(Ra_ohm_cm), tuple(cm)) == tuple(counts):
        return {"d_lambda": _D_LAMBDA, "frequency_Hz": _FREQUENCY_Hz}
    whole_um = float(np.ceil(max(one.length_um for one in tree.sections))) + 1.0
    return min((_by_section(tree, counts, most) for most in (_USUAL_um, whole_um)), key=len)


def _by_section(tree: Morphology, counts: Sequence[int], most_um: float) -> dict[str, object]:
    """Return a maximal length, and others for the sections that it does not cut as they are."""
    rule = MaximalLength(most_um)
    table: dict[str, object] = {"max_length_um": most_um}
    for index, (name, count) in enumerate(zip(tree.names, counts, strict=True)):
        if rule.count(tree, index, 1.0, 1.0) != count:
            each_um = tree.sections[index].length_um / (count - 0.5)
            table[name] = {"max_length_um": each_um, "odd": False}
    return table


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
