"""Generated cells through SWC, and back in our reader, in NeuroM and in NEURON's Import3d."""

import json
import os
import subprocess
import sys
from pathlib import Path

import neurom
import numpy as np
import pytest

from workbench.morphology import (
    ball_and_stick,
    ball_and_y,
    binary_tree,
    binary_trees,
    convert_morphology,
    load_morphology,
    rall_tree,
    random_tree,
    spanning,
    two_compartments,
)

COUNT = int(os.environ.get("WORKBENCH_TREES", "25"))
"""Of cells of each generator."""


def drawn(kind, seed):
    """Return a cell of a generator with parameters that are drawn from a seed."""
    generator = np.random.default_rng(seed)

    def between(low, high):
        return float(generator.uniform(low, high))

    wide = {"soma_um": between(5, 30), "diameter_um": between(0.5, 5)}
    long = {"length_um": between(20, 300)}
    tips = int(generator.integers(2, 10))
    number = int(generator.integers(len(binary_trees(tips)))) + 1
    return {
        "ball-and-stick": lambda: ball_and_stick(**wide, **long),
        "ball-and-y": lambda: ball_and_y(**wide, **long, branch_um=between(20, 200)),
        "two-compartments": lambda: two_compartments(
            area_um2=between(1e3, 1e4), share=between(0.1, 0.9), coupling_uS=between(0.01, 0.5)
        ),
        "binary-tree": lambda: binary_tree(
            tips=tips, number=number, length_um=between(500, 3000), **wide
        ),
        "rall-tree": lambda: rall_tree(orders=int(generator.integers(1, 5)), **wide, **long),
        "random-tree": lambda: random_tree(seed=seed),
        "spanning": lambda: spanning(seed=seed, count=40),
    }[kind]()


def tree(sections):
    """Return lengths and mean diameters of sections, each with its parent's, in no order.

    `sections` are (parent, length, mean diameter), a parent by its place or -1.
    """
    sizes = [(length, width) for _, length, width in sections]
    rows = [(*sizes[n], *(sizes[p] if p >= 0 else (0, 0))) for n, (p, *_) in enumerate(sections)]
    return sorted(rows, key=lambda row: [float(f"{size:.4g}") for size in row])


def ours(cell, *, soma=True):
    chosen = [i for i, s in enumerate(cell.sections) if soma or s.region != "somatic"]
    place = {index: n for n, index in enumerate(chosen)}
    return [
        (place.get(cell.sections[i].parent, -1), cell.sections[i].length_um, cell.diameter_um(i))
        for i in chosen
    ]


def in_neurom(path):
    """Return the sections of NeuroM's points, whose own lengths are sums in single precision."""
    sections = list(neurom.load_morphology(path).sections)
    place = {section.id: n for n, section in enumerate(sections)}
    found = []
    for section in sections:
        points = section.points.astype(float)
        steps = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
        width = (points[1:, 3] + points[:-1, 3]) @ steps / steps.sum()
        assert section.length == pytest.approx(steps.sum(), rel=1e-5)
        parent = -1 if section.parent is None else place[section.parent.id]
        found.append((parent, steps.sum(), width))
    return found


def in_neuron(paths):
    dump = Path(__file__).with_name("import3d_dump.py")
    command = [sys.executable, str(dump), "1e9", *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=560)
    for cell in json.loads(done.stdout):
        names = list(cell)
        yield [
            (names.index(one["parent"]) if one["parent"] else -1, one["length"], *one["diameters"])
            for one in cell.values()
        ]


@pytest.mark.parametrize(
    "kind",
    [
        "ball-and-stick", "ball-and-y", "two-compartments", "binary-tree", "rall-tree",
        "random-tree", "spanning",
    ],
)  # fmt: skip
def test_the_same_tree_comes_back(kind, tmp_path):
    cells = {tmp_path / f"{seed}.swc": drawn(kind, seed) for seed in range(COUNT)}
    for path, cell in cells.items():
        assert convert_morphology(cell, path) == ()
        back = load_morphology(path)
        assert back.names == cell.names
        np.testing.assert_allclose(ours(back), ours(cell), rtol=1e-6)
        np.testing.assert_allclose(tree(in_neurom(path)), tree(ours(cell, soma=False)), rtol=1e-6)
    for theirs, cell in zip(in_neuron(list(cells)), cells.values(), strict=True):
        np.testing.assert_allclose(tree(theirs), tree(ours(cell)), rtol=1e-6)
