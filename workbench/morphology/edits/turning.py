"""All points of a cell moved by one linear map about the middle of its root."""

from dataclasses import replace

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.edits.trees import place_um
from workbench.morphology.tree import Morphology


def mapped(morphology: Morphology, matrix: Floats) -> Morphology:
    """Return the cell with places about the middle of its root multiplied by a (3, 3) matrix.

    Raises
    ------
    MorphologyError
        Where a section is a cylinder, which has no place.
    """
    middle = place_um(morphology.sections[0], 0.5)
    sections = []
    for name, section in zip(morphology.names, morphology.sections, strict=True):
        if section.is_cylinder:
            raise MorphologyError(f"{name} is a cylinder by length and diameter, with no place")
        points = section.points.copy()
        points[:, :3] = (points[:, :3] - middle) @ matrix.T + middle
        sections.append(replace(section, points=points))
    return replace(morphology, sections=tuple(sections))
