"""The outlines of somata in a Neurolucida file: a stack of them is one soma, drawn in sections."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError

_TOKEN = re.compile(r'"[^"]*"|;[^\n]*|[()]')
_CELL_BODY = re.compile(r"\(\s*CellBody\s*\)")
_NO_NUMBER = re.compile(r"\(\s*([-+]?(?:nan|inf|infinity))(?=[\s,)])", re.IGNORECASE)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_POINT = re.compile(
    rf"\(\s*({_NUMBER})[\s,]+({_NUMBER})[\s,]+({_NUMBER})(?:[\s,]+{_NUMBER})?[^()]*\)"
)


def outlines_of(path: Path, text: str) -> tuple[list[Floats], str]:
    """Return the outlines of the soma, (n, 3) each, and the text with no more than the first.

    Outlines that overlap in x and y, one after the other, are a stack (as in NEURON's Import3d).

    Raises
    ------
    MorphologyError
        Outlines that lie apart, or in one plane: two cells. A stack that goes up and down. A point
        at nan or inf.
    """
    for token in _NO_NUMBER.finditer(text):
        # MorphIO leaves such a point out without a word.
        line = text.count("\n", 0, token.start()) + 1
        raise MorphologyError(f"{path}, line {line}: a point at {token[1]}, which is no number")
    spans = [span for span in _blocks(text) if _CELL_BODY.search(text, *span)]
    if len(spans) < 2:
        return [], text
    outlines = [_points(text[start:end]) for start, end in spans]
    lines = [text.count("\n", 0, start) + 1 for start, _ in spans]
    for number, outline in enumerate(outlines):
        if len(outline) < 3:
            raise MorphologyError(
                f"{path}, line {lines[number]}: an outline of a soma with {len(outline)} points, "
                "three or more are needed"
            )
        if number and not _overlap(outlines[number - 1], outline):
            raise MorphologyError(
                f"{path}, lines {lines[number - 1]} and {lines[number]}: one soma is needed. These "
                "outlines of cell bodies lie apart, so they are two; keep the one of this cell"
            )
    steps = np.diff([outline[:, 2].mean() for outline in outlines])
    if not ((steps > 0).all() or (steps < 0).all()):
        raise MorphologyError(
            f"{path}, lines {lines}: one soma is needed. Several outlines of its body are a stack "
            "if each lies above, or each below, the one before in z; these do not: put them in "
            "order, or keep one"
        )
    for start, end in reversed(spans[1:]):
        text = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return outlines, text


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each outermost pair of brackets begins and ends."""
    depth, start = 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] == "(":
            start = token.start() if depth == 0 else start
            depth += 1
        elif token[0] == ")" and depth:
            depth -= 1
            if depth == 0:
                yield start, token.end()


def _points(block: str) -> Floats:
    bare = re.sub(r";[^\n]*", "", block)
    return np.array([[float(x) for x in point.groups()] for point in _POINT.finditer(bare)])


def _overlap(one: Floats, other: Floats) -> bool:
    """Tell whether the boxes around two outlines share a place in x and y."""
    low = np.maximum(one.min(axis=0), other.min(axis=0))
    high = np.minimum(one.max(axis=0), other.max(axis=0))
    return bool((low[:2] <= high[:2]).all())
