"""Rall's equivalent cylinder."""

from workbench.errors import MorphologyError
from workbench.morphology.generate.tables import Cylinder, cylinder_tree
from workbench.morphology.tree import Morphology

TOLERANCE = 1e-6


def equivalent_cylinder(morphology: Morphology) -> Morphology:
    """Return the soma and the one cylinder to which a dendrite is passively equal.

    That holds where at every fork the 3/2 powers of the daughters' diameters add up to their
    parent's, and all tips are as far from the soma in space constants (Rall 1962). The cylinder has
    the stem's diameter d and the length l of the sum of l_i (d / d_i)^(1/2) along any way.

    Raises
    ------
    MorphologyError
        With the first section where it does not hold, or several stems, or a section that tapers.
    """
    if len(morphology.children[0]) != 1 or morphology.sections[0].region != "somatic":
        raise MorphologyError(f"{morphology.name!r} has no soma, or not one dendrite on it")
    stem = morphology.children[0][0]
    diameters = [float(section.points[0, 3]) for section in morphology.sections]
    ways: dict[int, float] = {0: 0.0}
    for index, section in enumerate(morphology.sections[1:], start=1):
        name, daughters = morphology.names[index], morphology.children[index]
        if abs(section.points[:, 3] / diameters[index] - 1).max() > TOLERANCE:
            raise MorphologyError(f"{name} tapers: only cylinders have an equivalent one")
        if index != stem and section.parent_x != 1:
            raise MorphologyError(
                f"{name} grows from {section.parent_x:g} of its parent, not from 1"
            )
        scale = (diameters[stem] / diameters[index]) ** 0.5
        ways[index] = ways[section.parent] + section.length_um * scale
        powers = sum(diameters[child] ** 1.5 for child in daughters)
        if daughters and abs(powers / diameters[index] ** 1.5 - 1) > TOLERANCE:
            raise MorphologyError(
                f"{name} does not fork by the 3/2 power: {diameters[index] ** 1.5:g} of it, "
                f"{powers:g} of its daughters"
            )
    tips = [i for i in ways if not morphology.children[i]]
    for index in tips:
        if abs(ways[index] / ways[tips[0]] - 1) > TOLERANCE:
            raise MorphologyError(
                f"{morphology.names[index]} ends elsewhere than {morphology.names[tips[0]]}: "
                f"{ways[index]:g} and {ways[tips[0]]:g} um of the stem's diameter"
            )
    soma = morphology.sections[0]
    root = Cylinder("somatic", soma.length_um, soma.area_um2 / (3.141592653589793 * soma.length_um))
    region = morphology.sections[stem].region
    stick = Cylinder(region, ways[tips[0]], diameters[stem], 0, morphology.sections[stem].parent_x)
    return cylinder_tree(f"{morphology.name}, equivalent cylinder", [root, stick])
