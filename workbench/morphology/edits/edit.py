"""What makes a function an edit: its name and arguments, for studies, commands and records.

An edit is written as one text, `scale-lengths region=apical,factor=1.2`: its name, and what it is
given. The command line takes it, `Morphology.edits` and a run's record keep it, and
`edit_morphology` does it again.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Concatenate, ParamSpec

from workbench.errors import MorphologyError, unknown
from workbench.morphology.tree import Morphology
from workbench.morphology.words import Worded, worded

P = ParamSpec("P")


EDITS: dict[str, Worded] = {}
"""All edits by name."""


def edit(
    function: Callable[Concatenate[Morphology, P], Morphology],
) -> Callable[Concatenate[Morphology, P], Morphology]:
    """Make a function an edit, called as it is with `-` for `_`, that is kept in `edits`.

    Regions with names are asked of what came out, and cut it anew.

    Its arguments are keywords, numbers, texts, pairs of numbers or choices (`Literal`); its
    docstring says what each means. One that has to keep more than what it is given adds its own
    words to `edits`.
    """

    @functools.wraps(function)
    def edited(morphology: Morphology, /, *args: P.args, **kwargs: P.kwargs) -> Morphology:
        after = function(morphology, *args, **kwargs)
        told = after.edits[len(morphology.edits) :]
        if [text.partition(" ")[0] for text in told] != [made.name]:
            told = (made.words(kwargs),)
        edits = (*morphology.edits, *told)
        after = replace(after, edits=edits, unedited=morphology.unedited or morphology)
        return after.with_regions({}) if after.regions else after

    made = worded(function, edited, skip=1)
    EDITS[made.name] = made
    return edited


def edit_morphology(morphology: Morphology, *edits: str) -> Morphology:
    """Return a cell with edits done, one after the other.

    Parameters
    ----------
    edits
        Each as one text: a name, and what it is given: `scale-lengths region=apical,factor=1.2`,
        or `scale-lengths apical=1.2`. So `Morphology.edits` keeps them.

    Raises
    ------
    MorphologyError
        No such edit, or it cannot be done on this cell.

    Examples
    --------
    >>> from workbench.morphology import load_morphology
    >>> patch = load_morphology("patch")
    >>> long = edit_morphology(patch, "scale-lengths somatic=2")
    >>> long.length_um() / patch.length_um(), long.edits
    (2.0, ('scale-lengths region=somatic,factor=2.0',))
    """
    for text in edits:
        name, _, given = text.strip().partition(" ")
        if name not in EDITS:
            raise MorphologyError(unknown("edit", name, EDITS))
        arguments = EDITS[name].read(given.strip())
        try:
            morphology = EDITS[name].function(morphology, **arguments)
        except MorphologyError as error:
            raise MorphologyError(f"{name}: {error}") from None
    return morphology
