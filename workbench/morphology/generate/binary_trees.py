"""All shapes of binary trees, in the published numbering (van Elburg & van Ooyen 2010).

Trees of n tips are numbered for k = 1 .. n/2, of each k over the trees of k tips, and for each of
these over the trees of n - k; halves of one size count once in either order.
"""

import re
from dataclasses import dataclass
from functools import cache

from workbench.errors import MorphologyError

MOST_TIPS = 16
"""With 10,905 trees; with each tip more there are two and a half times as many."""


@dataclass(frozen=True)
class BinaryTree:
    """A binary tree without lengths: a tip, or a segment that forks into two trees."""

    larger: "BinaryTree | None" = None
    """The daughter with more tips; None for a tip."""
    smaller: "BinaryTree | None" = None
    """The other one."""

    @property
    def tips(self) -> int:
        """How many tips it has."""
        if self.larger is None or self.smaller is None:
            return 1
        return self.larger.tips + self.smaller.tips

    @property
    def segments(self) -> int:
        """How many segments it has, tips among them: 2 n - 1 of n tips."""
        return 2 * self.tips - 1

    def __str__(self) -> str:
        if self.larger is None:
            return "1"
        return f"{self.tips}({self.larger},{self.smaller})"


def binary_trees(tips: int) -> tuple[BinaryTree, ...]:
    """Return all binary trees with so many tips, in the published numbering (the first is 1).

    The first is the most asymmetric. There are 1, 1, 1, 2, 3, 6, 11, 23, 46, 98 for 1 to 10 tips
    (Wedderburn-Etherington numbers).

    Raises
    ------
    MorphologyError
        Fewer than 1 tip, or more than 16.

    Examples
    --------
    >>> [str(tree) for tree in binary_trees(4)]
    ['4(3(2(1,1),1),1)', '4(2(1,1),2(1,1))']
    """
    if not 1 <= tips <= MOST_TIPS:
        raise MorphologyError(f"{tips} tips: trees are listed for 1 to {MOST_TIPS}")
    return _of(tips)


@cache
def _of(tips: int) -> tuple[BinaryTree, ...]:
    if tips == 1:
        return (BinaryTree(),)
    found = []
    for few in range(1, tips // 2 + 1):
        for place, smaller in enumerate(_of(few)):
            if 2 * few == tips:
                found += [BinaryTree(smaller, other) for other in _of(few)[: place + 1]]
            else:
                found += [BinaryTree(larger, smaller) for larger in _of(tips - few)]
    return tuple(found)


def parse_tree(text: str) -> BinaryTree:
    """Return the tree that a bracket string stands for, such as `4(3(2(1,1),1),1)`.

    Raises
    ------
    MorphologyError
        It cannot be read, or a number is not that of the tips behind it.
    """
    rest = re.findall(r"\d+|[(),]", text)
    try:
        if "".join(rest) != re.sub(r"\s", "", text):
            raise ValueError
        tree = _parsed(rest)
        if rest or str(tree) != re.sub(r"\s", "", text):
            raise ValueError
    except (ValueError, IndexError):
        raise MorphologyError(
            f"{text!r} is no tree; write tips(larger subtree,smaller subtree), as 3(2(1,1),1)"
        ) from None
    return tree


def _parsed(rest: list[str]) -> BinaryTree:
    """Take a tree from the front of a list of words."""
    tips = int(rest.pop(0))
    if tips == 1:
        return BinaryTree()
    halves = []
    for before, after in (("(", ","), ("", ")")):
        if before and rest.pop(0) != before:
            raise ValueError
        halves.append(_parsed(rest))
        if rest.pop(0) != after:
            raise ValueError
    return BinaryTree(*halves)
