"""Trees drawn at random."""

from collections import deque

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.generate.registry import generator
from workbench.morphology.section import Section, as_kept
from workbench.morphology.tree import Morphology
from workbench.units import amount

POINTS = 3
"""Of each section: its ends, and one between them."""


@generator
def random_tree(
    *,
    seed: int,
    stems: int = 4,
    length_um: float = 60.0,
    fork: float = 0.6,
    orders: int = 8,
    diameter_um: float = 2.0,
    power: float = 1.5,
    spread_deg: float = 45.0,
    soma_um: float = 20.0,
) -> Morphology:
    """Return a soma with random dendrites that fork into two or end.

    Section lengths are gamma variates of shape 4, directions turn by normal deviates, and diameters
    at a fork follow Rall's power: d^p is dealt out between the daughters, 0.3 to 0.7 of it to one.

    Parameters
    ----------
    seed
        Of the random numbers.
    stems
        How many dendrites grow from the middle of the soma.
    length_um
        The mean length of a section.
    fork
        The probability that a section forks, and does not end.
    orders
        The highest branch order; a stem's is 0.
    diameter_um
        Of the stems.
    power
        Rall's is 3/2.
    spread_deg
        Standard deviation of the turn at a fork.
    soma_um
        Length and diameter of the soma.
    """
    generator = np.random.default_rng(int(amount("seed", seed, (0, 2**32 - 1))))
    chance, highest = amount("fork", fork, (0, 1)), amount("orders", orders, (0, 20))
    exponent, turn = (
        amount("power", power, (0.1, 100)),
        np.deg2rad(amount("spread_deg", spread_deg)),
    )
    sections = [_soma(soma_um)]
    growing = deque(
        (0, 0, _direction(generator), diameter_um)
        for _ in range(int(amount("stems", stems, (0, 1000))))
    )
    while growing:
        parent, order, way, diameter = growing.popleft()
        start = sections[parent].points[1 if parent == 0 else -1, :3]
        length = length_um * max(generator.gamma(4.0) / 4.0, 0.1)
        bend = _turned(generator, way, turn / 4)
        places = np.array([start, start + way * length / 2, start + (way + bend) * length / 2])
        points = np.column_stack([as_kept(places), np.full(POINTS, diameter)])
        sections.append(Section("basal", parent, 0.5 if parent == 0 else 1.0, points))
        if order < highest and generator.random() < chance:
            share = generator.uniform(0.3, 0.7)
            for part in (share, 1 - share):
                thinner = diameter * part ** (1 / exponent)
                growing.append(
                    (len(sections) - 1, order + 1, _turned(generator, bend, turn), thinner)
                )
    return Morphology("random-tree", tuple(sections))


def spanning_tree(
    points_um: Floats,
    balancing: float = 0.5,
    *,
    diameter_um: float = 1.0,
    soma_um: float = 20.0,
    most_daughters: int = 2,
) -> Morphology:
    """Return the tree that connects points to a soma with little wire and short ways.

    Points are taken one by one: next comes the point, and the node it is tied to, with the least
    distance between them plus `balancing` times the path from the soma (Cuntz, Forstner, Borst &
    Häusser 2010, PLoS Comput Biol 6:e1000877).

    Parameters
    ----------
    points_um
        (n, 3) x, y, z; the soma is in the origin.
    balancing
        0 for the least wire (a minimal spanning tree); the larger, the shorter the ways.
    diameter_um
        Of all sections.
    soma_um
        Length and diameter of the soma.
    most_daughters
        How many a node other than the soma may have.

    Raises
    ------
    MorphologyError
        Points of another shape, two in one place, or one in the soma's middle.
    """
    nodes = np.vstack([np.zeros(3), np.asarray(points_um, dtype=float).reshape(-1, 3)])
    nodes = nodes.astype(np.float32).astype(float)
    if len(np.unique(nodes, axis=0)) < len(nodes):
        raise MorphologyError("points_um: two points in one place, or one in the soma's")
    parents = _spanned(nodes, amount("balancing", balancing, (0, 1e3)), most_daughters)
    return Morphology("spanning-tree", (_soma(soma_um), *_sections(nodes, parents, diameter_um)))


@generator
def spanning(
    *,
    seed: int,
    count: int = 100,
    radius_um: float = 200.0,
    balancing: float = 0.5,
    diameter_um: float = 1.0,
    soma_um: float = 20.0,
) -> Morphology:
    """Return the `spanning_tree` of points drawn evenly from a ball around the soma.

    Parameters
    ----------
    seed
        Of the points.
    count
        How many points.
    radius_um
        Of the ball.
    balancing
        0 for the least wire; the larger, the shorter the ways from the soma.
    diameter_um
        Of all sections.
    soma_um
        Length and diameter of the soma.
    """
    generator = np.random.default_rng(int(amount("seed", seed, (0, 2**32 - 1))))
    number = int(amount("count", count, (1, 5000)))
    ways = generator.normal(size=(number, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    farther = soma_um / radius_um
    shells = generator.uniform(min(farther, 0.5) ** 3, 1, size=(number, 1)) ** (1 / 3)
    points = as_kept(radius_um * shells * ways)
    return spanning_tree(points, balancing, diameter_um=diameter_um, soma_um=soma_um)


def _spanned(nodes: Floats, balancing: float, most: int) -> list[int]:
    """Return the parent of each node, -1 of the first."""
    count = len(nodes)
    parents, paths, daughters = [-1] * count, np.zeros(count), np.zeros(count)
    costs = np.linalg.norm(nodes - nodes[0], axis=1)
    tied, inside = np.zeros(count, dtype=int), np.zeros(count, dtype=bool)
    inside[0] = True
    for _ in range(count - 1):
        new = int(np.argmin(np.where(inside, np.inf, costs)))
        parent = int(tied[new])
        parents[new], inside[new] = parent, True
        daughters[parent] += 1
        paths[new] = paths[parent] + np.linalg.norm(nodes[new] - nodes[parent])
        if parent and daughters[parent] >= most:  # who was tied to it looks anew
            open_ = np.flatnonzero(inside & ((daughters < most) | (np.arange(count) == 0)))
            for one in np.flatnonzero(~inside & (tied == parent)):
                again = np.linalg.norm(nodes[open_] - nodes[one], axis=1) + balancing * paths[open_]
                costs[one], tied[one] = again.min(), open_[again.argmin()]
        here = np.linalg.norm(nodes - nodes[new], axis=1) + balancing * paths[new]
        better = here < costs
        costs[better], tied[better] = here[better], new
    return parents


def _sections(nodes: Floats, parents: list[int], diameter_um: float) -> list[Section]:
    """Return the sections between forks and ends, each behind what it grows from."""
    children: list[list[int]] = [[] for _ in nodes]
    for node, parent in enumerate(parents[1:], start=1):
        children[parent].append(node)
    made: list[Section] = []
    growing = deque((0, 0, child) for child in children[0])
    while growing:
        section, start, node = growing.popleft()
        way = [start, node]
        while len(children[node]) == 1:
            (node,) = children[node]
            way.append(node)
        points = np.column_stack([nodes[way], np.full(len(way), diameter_um)])
        made.append(Section("basal", section, 0.5 if section == 0 else 1.0, points))
        growing.extend((len(made), node, child) for child in children[node])
    return made


def _soma(soma_um: float) -> Section:
    half = soma_um / 2
    places = np.array([-half, 0.0, half])
    return Section(
        "somatic", -1, 0.0, np.column_stack([places, np.zeros((3, 2)), np.full(3, soma_um)])
    )


def _direction(generator: np.random.Generator) -> Floats:
    way = generator.normal(size=3)
    return np.asarray(way / np.linalg.norm(way))


def _turned(generator: np.random.Generator, way: Floats, sd_rad: float) -> Floats:
    """Return a direction turned away from another by a normal deviate."""
    across = np.cross(way, _direction(generator))
    across /= np.linalg.norm(across)
    angle = generator.normal(scale=sd_rad)
    return np.asarray(np.cos(angle) * way + np.sin(angle) * across)
