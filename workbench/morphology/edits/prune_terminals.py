"""Pruned at random, at the ends."""

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, without
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def prune_terminals(
    morphology: Morphology, *, region: str, share: float, seed: int = 1, rounds: int = 1
) -> Morphology:
    """Return the cell without a share of a region's terminal sections, drawn at random.

    Parameters
    ----------
    region
        A region, or `all`.
    share
        Of the terminal sections, from 0 to 1; their number is rounded.
    seed
        Of the draw.
    rounds
        How often it is done, each time with the terminal sections of what is left.

    Raises
    ------
    MorphologyError
        No such section, or none is left.
    """
    part = amount("share", share, (0, 1))
    generator = np.random.default_rng(int(amount("seed", seed, (0, 2**32 - 1))))
    for done in range(int(amount("rounds", rounds, (1, 1e4)))):
        if done and not set(morphology.indices(region)) - set(morphology.indices("somatic")):
            raise MorphologyError(f"no {region} section is left after {done} of {rounds} rounds")
        ends = [i for i in neurites_of(morphology, region) if not morphology.children[i]]
        gone = generator.choice(len(ends), round(part * len(ends)), replace=False)
        morphology = without(morphology, {ends[i] for i in gone}, "which would be taken off")
    return morphology
