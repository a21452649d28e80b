"""What makes a function a generator: its name and arguments, for the command line and for files."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec

from workbench.errors import MorphologyError, unknown
from workbench.morphology.tree import Morphology
from workbench.morphology.words import Worded, worded

P = ParamSpec("P")

GENERATORS: dict[str, Worded] = {}
"""All generators by name."""


def generator(function: Callable[P, Morphology]) -> Callable[P, Morphology]:
    """Make a function a generator, called as it is with `-` for `_`; its cells' source says how."""

    @functools.wraps(function)
    def generated(*args: P.args, **kwargs: P.kwargs) -> Morphology:
        return replace(function(*args, **kwargs), source=made.words(kwargs))

    made = worded(function, generated)
    GENERATORS[made.name] = made
    return generated


def generate_morphology(text: str) -> Morphology:
    """Return the cell that a generator makes.

    Parameters
    ----------
    text
        The generator's name and what it is given, `random-tree seed=3,stems=5`. So a generated
        cell's `source` tells it.

    Raises
    ------
    MorphologyError
        No such generator, or it cannot make a cell of what it is given.

    Examples
    --------
    >>> cell = generate_morphology("ball-and-stick soma_um=20,length_um=200,diameter_um=2")
    >>> cell.names, cell.length_um("basal")
    (('soma[0]', 'dend[0]'), 200.0)
    """
    name, _, given = text.strip().partition(" ")
    if name not in GENERATORS:
        raise MorphologyError(unknown("generator", name, GENERATORS))
    try:
        cell: Morphology = GENERATORS[name].function(**GENERATORS[name].read(given.strip()))
    except MorphologyError as error:
        raise MorphologyError(f"{name}: {error}") from None
    return cell
