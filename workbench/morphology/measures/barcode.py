"""The persistence barcode of a tree, with path distance as the function on it.

Kanari et al. 2018, A topological representation of branching neuronal morphologies,
Neuroinformatics 16:3-13.
"""

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.measures.shape import Shape


def barcode_um(shape: Shape) -> Floats:
    """Return the bars of a region's trees, (tips, 2) path distances in um, the longest first.

    From each tip a bar goes towards the stem. Where several meet, that from the farthest tip goes
    on, and the others end. The first column is where a bar ends (at a fork, or 0 where its tree
    begins), the second where its tip is.
    """
    farthest: dict[int, float] = {}
    bars: list[tuple[float, float]] = []
    for index in reversed(shape.indices):
        end_um = shape.path_um[index]
        behind = sorted((farthest[child] for child in shape.children[index]), reverse=True)
        bars += [(end_um, tip_um) for tip_um in behind[1:]]
        farthest[index] = behind[0] if behind else end_um
    bars += [(0.0, farthest[stem]) for stem in shape.stems]
    return np.array(sorted(bars, key=lambda bar: bar[0] - bar[1])).reshape(-1, 2)
