"""Whether Arbor reads the shape that is meant: traces that only have to be near do not tell."""

import json
from collections.abc import Iterator
from itertools import pairwise
from math import dist, pi
from pathlib import Path

from workbench.exports.arbor.pieces import TAGS
from workbench.exports.model import Model
from workbench.exports.running import Environment

ALIKE = 1e-4
"""In parts of the whole: frusta that are cut add up to far less."""


def other_shapes(model: Model, folder: Path, where: Environment) -> Iterator[str]:
    """Yield for each region what of its shape differs where Arbor has read it, a sentence each.

    The area of its membrane, and the sum over its frusta of length / (pi * r1 * r2), which times Ra
    is the resistance along them.
    """
    said = where.run([where.python, str(Path(__file__).with_name("measure.py"))], folder)
    found = json.loads(said)
    for region, tag in TAGS.items():
        theirs = found.get(str(tag), [0.0, 0.0])
        names = (("membrane", "um2"), ("length over cross-section", "1/um"))
        for (name, unit), their, our in zip(names, theirs, _ours(model, region), strict=True):
            if abs(their - our) > ALIKE * our:
                yield f"the {region} {name} is {their:.6g} {unit}, ours {our:.6g}"


def _ours(model: Model, region: str) -> tuple[float, float]:
    tree, along_per_um = model.recipe.morphology, 0.0
    for section in tree.indices(region):
        for (*near, wide), (*far, narrow) in pairwise(tree.sections[section].points.tolist()):
            along_per_um += 4 * dist(near, far) / (pi * wide * narrow)
    return tree.area_um2(region), along_per_um
