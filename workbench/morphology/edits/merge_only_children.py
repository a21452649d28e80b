"""Sections that go on in one alone."""

from dataclasses import replace

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.tree import Morphology


@edit
def merge_only_children(morphology: Morphology, *, region: str = "all") -> Morphology:
    """Return the cell with each section and the only child at its end as one section.

    Both are of one region. A soma is not merged. Lengths and diameters stay; where the second
    begins with another diameter, the ring between the two is membrane then, as at all jumps.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]` that takes up its only child.

    Raises
    ------
    MorphologyError
        A cylinder among the two has a place, and the other has none.
    """
    first, heads = set(morphology.indices(region)), list[int]()
    chains: dict[int, list[int]] = {}
    for index, section in enumerate(morphology.sections):
        goes_on = index > 0 and section.parent in first and _is_only(morphology, index)
        heads.append(heads[section.parent] if goes_on else index)
        chains.setdefault(heads[index], []).append(index)
    inside: dict[int, tuple[float, float]] = {}
    for chain in chains.values():
        ends = np.cumsum([morphology.sections[i].length_um for i in chain])
        ends /= ends[-1]
        inside |= {i: (x0, x1) for i, x0, x1 in zip(chain, [0.0, *ends], ends, strict=False)}
    new = {head: place for place, head in enumerate(chains)}
    sections = []
    for head, chain in chains.items():
        section = morphology.sections[head]
        if len(chain) > 1:
            section = replace(section, points=_joined(morphology, chain), lines=())
        if head:
            x0, x1 = inside[section.parent]
            x = x0 + section.parent_x * (x1 - x0)
            section = replace(section, parent=new[heads[section.parent]], parent_x=min(x, 1.0))
        sections.append(section)
    return replace(morphology, sections=tuple(sections))


def _is_only(morphology: Morphology, index: int) -> bool:
    section = morphology.sections[index]
    parent = morphology.sections[section.parent]
    return (
        section.region == parent.region != "somatic"
        and section.parent_x == 1
        and [i for i in morphology.children[section.parent]
             if morphology.sections[i].parent_x == 1] == [index]
    )  # fmt: skip


def _joined(morphology: Morphology, chain: list[int]) -> Floats:
    points = morphology.sections[chain[0]].points
    for index in chain[1:]:
        section = morphology.sections[index]
        if section.is_cylinder != morphology.sections[chain[0]].is_cylinder:
            raise MorphologyError(
                f"{morphology.names[index]} and {morphology.names[section.parent]} cannot be one "
                "section: one is a cylinder without a place, the other has one"
            )
        more = section.points + (points[-1] * [0, 0, 1, 0] if section.is_cylinder else 0)
        same = bool((more[0] == points[-1]).all())
        points = np.vstack([points, more[same:]])
    return points
