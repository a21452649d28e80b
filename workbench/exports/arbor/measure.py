"""Measure a cell as Arbor reads it: `python measure.py` in a folder with `morphology.acc`.

Prints by tag the area of the membrane (um2) and the length over the cross-section (1/um), which
times Ra is the axial resistance, both added up over frusta.
"""

import json
from collections import defaultdict
from math import dist, hypot, pi

import arbor

tree = arbor.load_component("morphology.acc").component
found: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
for branch in range(tree.num_branches):
    for one in tree.branch_segments(branch):
        near, far = one.prox, one.dist
        length_um = dist((near.x, near.y, near.z), (far.x, far.y, far.z))
        slant_um = hypot(length_um, far.radius - near.radius)
        found[one.tag][0] += pi * (near.radius + far.radius) * slant_um
        found[one.tag][1] += length_um / (pi * near.radius * far.radius)
print(json.dumps(found))
