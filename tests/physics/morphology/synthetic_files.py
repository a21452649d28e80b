"""Morphology files made by code: every way in which trees hang on somata."""

import math

import numpy as np


def swc_text(seed, interleaved=False):
    """Return a random SWC file; `interleaved` mixes the rows of its branches."""
    rng = np.random.default_rng(seed)
    kinds, parents, places = _soma(rng)
    on_soma = len(kinds)
    only_root = kinds.count(1) == 3
    still = set()
    for _ in range(rng.integers(1, 5)):
        kind, first = int(rng.integers(2, 5)), len(kinds)
        for i in range(rng.integers(1, 12)):
            if i == 0:
                parent = 0 if only_root else int(rng.integers(on_soma))
            elif rng.random() < 0.6:
                parent = len(kinds) - 1
            else:
                parent = int(rng.integers(first, len(kinds)))
            if rng.random() < 0.05:
                kind = int(rng.integers(2, 5))
            kinds.append(kind)
            parents.append(parent)
            # Some points repeat their parent's place, never twice: NEURON's sections without
            # length are left out here.
            stay = rng.random() < 0.05 and parent not in still and parent >= first
            still |= {len(places)} if stay else set()
            step = rng.normal(0, 8, 3) * (not stay)
            places.append([*(np.array(places[parent][:3]) + step), rng.uniform(0.2, 2)])
    order = _mixed(rng, parents, on_soma) if interleaved else range(len(kinds))
    number = {row: i + 1 for i, row in enumerate(order)} | {-1: -1}
    return "".join(
        f"{number[row]} {kinds[row]} {' '.join(f'{v:.4f}' for v in places[row])} "
        f"{number[parents[row]]}\n"
        for row in order
    )


def bare_text(seed):
    """Return a random SWC file of one dendrite without a soma."""
    rng = np.random.default_rng(seed)
    rows = [f"1 3 0 0 0 {rng.uniform(0.5, 2):.4f} -1"]
    for i in range(2, int(rng.integers(3, 15))):
        parent = i - 1 if rng.random() < 0.6 else int(rng.integers(1, i))
        kind = 3 if rng.random() < 0.9 else 4
        place = " ".join(f"{v:.4f}" for v in rng.normal(0, 20, 3))
        rows.append(f"{i} {kind} {place} {rng.uniform(0.2, 2):.4f} {parent}")
    return "\n".join(rows) + "\n"


def stray_text(seed):
    """Return a random SWC file of which one or two unbranched trees have no parent."""
    rng = np.random.default_rng(seed)
    rows = swc_text(seed).splitlines()
    for _ in range(int(rng.integers(1, 3))):
        kind, first = int(rng.integers(2, 5)), len(rows) + 1
        for i in range(int(rng.integers(2, 6))):
            place = " ".join(f"{v:.4f}" for v in rng.normal(0, 20, 3))
            parent = first + i - 1 if i else -1
            rows.append(f"{first + i} {kind} {place} {rng.uniform(0.2, 2):.4f} {parent}")
    return "\n".join(rows) + "\n"


def stack_text(seed):
    """Return a Neurolucida file whose soma is drawn in two to five sections."""
    rng = np.random.default_rng(seed)
    somata = []
    for depth in range(int(rng.integers(2, 6))):
        drawn = ellipse(rng.uniform(5, 9), rng.uniform(4, 8), turn=rng.uniform(0, 3), n=16)
        soma = " ".join(f"({x:.2f} {y:.2f} {-2.5 * depth:.2f} 0.25)" for x, y, _ in drawn)
        somata.append(f'("CellBody" (CellBody) {soma})\n')
    return "".join(somata) + asc_text([], ("basal", "apical")).split("\n", 1)[1]


def _soma(rng):
    """Return a single point, NeuroMorpho's three points or a chain."""
    n = int(rng.integers(1, 6))
    places = [[*rng.normal(0, 1, 3), 5.0]]
    if n == 3 and rng.random() < 0.6:
        x, y, z, radius = places[0]
        return [1, 1, 1], [-1, 0, 0], [*places, [x, y - 5, z, radius], [x, y + 5, z, radius]]
    for _ in range(n - 1):
        places.append([*(np.array(places[-1][:3]) + rng.normal(0, 3, 3)), rng.uniform(2, 6)])
    return [1] * n, list(range(-1, n - 1)), places


def _mixed(rng, parents, on_soma):
    order, rest = list(range(on_soma)), list(range(on_soma, len(parents)))
    while rest:
        ready = [row for row in rest if parents[row] in order]
        order.append(ready[int(rng.integers(len(ready)))])
        rest.remove(order[-1])
    return order


def asc_text(outline, trees=("apical",)):
    """Return a Neurolucida file with an outline [(x, y, z), ...] and a tree for each region."""
    soma = " ".join(f"({x:.2f} {y:.2f} {z:.2f} 0.25)" for x, y, z in outline)
    labels = {"axonal": "Axon", "basal": "Dendrite", "apical": "Apical"}
    drawn = [
        f"""( ({labels[region]})
  ({i * 4:.2f} 3.00 0.00 2.50) ({i * 4:.2f} 30.25 1.00 2.00)
  ( ({i * 4:.2f} 30.25 1.00 1.50) (9.00 60.00 2.00 0.75)
  | (-4.00 70.50 -3.00 1.25) ( (-9.00 99.00 0.00 0.50) (-9.00 120.00 0.00 0.25) )
  ) )"""
        for i, region in enumerate(trees)
    ]
    return f'("CellBody" (CellBody) {soma})\n' + "\n".join(drawn) + "\n"


def ellipse(a, b, turn=0.3, n=24, dent=0.0):
    """Return an outline; `dent` presses one side in, `turn` is the angle of its long axis."""
    angles = 2 * math.pi * np.arange(n) / n
    radius = 1 - dent * np.exp(-((angles - 4.5) ** 2) * 8)
    x, y = a * radius * np.cos(angles), b * radius * np.sin(angles)
    c, s = math.cos(turn), math.sin(turn)
    return [(c * p - s * q, s * p + c * q, -3.0) for p, q in zip(x, y, strict=True)]
