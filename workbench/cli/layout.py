"""A table as lines of a width: numbers stay whole, names lose their middle, prose is folded."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from workbench.errors import shortened

GAP = 2
_LEAST = 16
_NUMBER = re.compile(r"[-+.]?\d|-?inf|nan")


def shown(text: str) -> str:
    """Return a text in which control characters can be read and do nothing."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") else ascii(c)[1:-1]
        for c in text
    )


def widths(rows: Sequence[Sequence[str]], right: Sequence[bool], most: int | None) -> list[int]:
    """Return the width of each column.

    Parameters
    ----------
    rows
        The cells, the header among them.
    right
        Which columns are set to the right; they hold the numbers.
    most
        The width of all, with a gap of 2 between them; None for as wide as they are. Where even
        the numbers need more, it is exceeded.
    """
    columns = list(zip(*rows, strict=True))
    found = [max(map(cell_len, column)) for column in columns]
    if most is None:
        return found
    least = [
        max(_least(cell, is_right) for cell in column)
        for column, is_right in zip(columns, right, strict=True)
    ]
    while sum(found) + GAP * (len(found) - 1) > most:
        spare = [i for i in range(len(found)) if found[i] > least[i]]
        if not spare:
            break
        found[max(spare, key=lambda i: found[i])] -= 1
    return found


def cut(cell: str, width: int) -> list[str]:
    """Return the lines of one cell, each within the width."""
    if cell_len(cell) <= width:
        return [cell]
    lines: list[str] = []
    for word in (_fitting(each, width) for each in cell.split()):
        if lines and cell_len(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def side_by_side(
    cells: Sequence[str], columns: Sequence[int], right: Sequence[bool]
) -> Iterator[list[str]]:
    """Yield the lines of one row, a padded text for each column."""
    each = [cut(cell, width) for cell, width in zip(cells, columns, strict=True)]
    for number in range(max(map(len, each), default=0)):
        line = []
        for lines, width, is_right in zip(each, columns, right, strict=True):
            text = lines[number] if number < len(lines) else ""
            pad = " " * (width - cell_len(text))
            line.append(pad + text if is_right and len(lines) == 1 else text + pad)
        yield line


def _least(cell: str, is_right: bool) -> int:
    """Return how narrow a cell may become: not at all if it is a number."""
    if is_right and _NUMBER.match(cell):
        return cell_len(cell)
    return min(_LEAST, max(map(cell_len, cell.split()), default=0))


def _fitting(word: str, width: int) -> str:
    """Return a word within so many columns; those of some scripts take two a letter."""
    most = len(word)
    while cell_len(word) > width:
        most = min(most - 1, width)
        word = shortened(word, most)
    return word
