"""The same sections in another topology."""

from collections.abc import Iterator

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.rebuilding import hung
from workbench.morphology.edits.trees import neurites_of, subtree
from workbench.morphology.generate.binary_trees import BinaryTree, parse_tree
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def reassemble(
    morphology: Morphology, *, section: str, tree: str = "", seed: int | None = None
) -> Morphology:
    """Return the cell with a section's subtree put together anew from the same sections.

    The section stays where it hangs; the others hang at ends, in their old order from the stem
    outwards, depth first and the larger half first. Lengths, diameters and areas stay, and so does
    each section's direction.

    Parameters
    ----------
    section
        The stem, such as `apic[0]`, from which n - 1 sections grow; n = 2 tips - 1.
    tree
        The bracket string of the new topology, such as `3(2(1;1);1)`; `;` for `,` where commas part
        arguments.
    seed
        In place of tree: one drawn at random, by forking ends that are drawn evenly.

    Raises
    ------
    MorphologyError
        No such section, a number of sections that the tree does not have, or several regions.
    """
    stem = morphology.index(section)
    if stem not in neurites_of(morphology, "all"):
        raise MorphologyError(f"{section} is no dendrite or axon that could be put together anew")
    taken = sorted(subtree(morphology, [stem]))
    if len({morphology.sections[i].region for i in taken}) > 1:
        raise MorphologyError(f"sections of several regions grow from {section}")
    if (tree == "") == (seed is None):
        raise MorphologyError("give either a tree or a seed")
    shape = parse_tree(tree.replace(";", ",")) if seed is None else _drawn(len(taken), seed)
    if shape is None or shape.segments != len(taken):
        has = "" if shape is None else f", and {tree} has {shape.segments} segments"
        raise MorphologyError(
            f"{section} with all that grows from it has {len(taken)} sections{has}; a binary tree "
            "of n tips has 2 n - 1"
        )
    rest = iter(taken)
    return hung(morphology, dict(_hanging(shape, next(rest), rest)))


def _hanging(
    shape: BinaryTree, here: int, rest: Iterator[int]
) -> Iterator[tuple[int, tuple[int, float]]]:
    """Yield each section with its place, depth first."""
    for daughter in (shape.larger, shape.smaller):
        if daughter is not None:
            index = next(rest)
            yield index, (here, 1.0)
            yield from _hanging(daughter, index, rest)


def _drawn(segments: int, seed: int) -> BinaryTree | None:
    """Return a random tree, grown by forking ends; None if none has so many segments."""
    if segments % 2 == 0:
        return None
    generator = np.random.default_rng(int(amount("seed", seed, (0, 2**32 - 1))))
    forks: dict[int, tuple[int, int]] = {}
    ends, count = [0], 1
    while count < segments:
        end = ends.pop(int(generator.integers(len(ends))))
        forks[end] = (count, count + 1)
        ends += forks[end]
        count += 2

    trees: dict[int, BinaryTree] = {}
    for node in reversed(range(segments)):
        halves = sorted((trees[n] for n in forks.get(node, ())), key=lambda one: -one.tips)
        trees[node] = BinaryTree(*halves)
    return trees[0]
