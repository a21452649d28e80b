"""A shape by its own numbers: what its generator was given, and what its edits were given.

`morphology.length_um` is an argument of the generator that made a cell, `edit.taper.ratio` one of
an edit that was done to it; where an edit was done twice its place stands for its name, as in
`edit.2.factor`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.errors import InputError, MorphologyError, unknown
from workbench.morphology.edits.edit import EDITS
from workbench.morphology.generate.registry import GENERATORS
from workbench.morphology.tree import Morphology
from workbench.morphology.words import Argument, Worded

GENERATOR, EDIT = "morphology", "edit"

Given = dict[str, Any]


def arguments_of(morphology: Morphology) -> dict[str, Argument]:
    """Return what `varied` may give anew, by name."""
    return {
        f"{owner}.{one.name}": one
        for owner, function, _ in _calls(morphology)
        for one in function.arguments
    }


def varied(morphology: Morphology, values: Mapping[str, float | str]) -> Morphology:
    """Return the cell generated and edited anew, with other arguments and the same regions.

    Parameters
    ----------
    values
        By the names of `arguments_of`; texts are read as on the command line, `"1 mm"` too.

    Raises
    ------
    MorphologyError
        No such argument, or no cell comes of it.

    Examples
    --------
    >>> from workbench.morphology import edit_morphology, generate_morphology
    >>> stick = generate_morphology("ball-and-stick soma_um=20,length_um=200,diameter_um=2")
    >>> thick = edit_morphology(stick, "scale-diameters basal=2")
    >>> other = varied(thick, {"morphology.length_um": 300, "edit.scale-diameters.factor": 3})
    >>> other.length_um("basal"), other.diameter_um("dend")
    (300.0, 6.0)
    """
    known = arguments_of(morphology)
    for name in values:
        if name not in known:
            raise MorphologyError(f"{morphology.name}: {unknown('argument', name, known)}")
    read = {name: _read(name, known[name], value) for name, value in values.items()}
    cell = morphology.unedited or morphology
    regions = {one.name: one for one in morphology.regions}
    for owner, function, given in _calls(morphology):
        own = {n.rpartition(".")[2]: v for n, v in read.items() if n.rpartition(".")[0] == owner}
        try:
            if given.get("region") in regions:
                cell = cell.with_regions(regions)
            if owner == GENERATOR:
                cell = function.function(**(given | own)) if own else cell
            else:
                cell = function.function(cell, **(given | own))
        except MorphologyError as error:
            raise MorphologyError(f"{function.name}: {error}") from None
    return cell.with_regions(regions)


def _calls(morphology: Morphology) -> Iterator[tuple[str, Worded, Given]]:
    """Yield what made the cell: the generator, if there was one, then each edit."""
    name, _, text = (morphology.unedited or morphology).source.partition(" ")
    if name in GENERATORS:
        yield GENERATOR, GENERATORS[name], GENERATORS[name].read(text)
    done = [text.partition(" ") for text in morphology.edits]
    names = [name for name, _, _ in done]
    for number, (name, _, text) in enumerate(done, start=1):
        owner = name if names.count(name) == 1 else str(number)
        yield f"{EDIT}.{owner}", EDITS[name], EDITS[name].read(text)


def _read(name: str, argument: Argument, value: float | str) -> Any:
    whole = isinstance(value, float) and value.is_integer()
    try:
        return argument.read(str(int(value)) if whole else str(value))
    except InputError as error:
        raise MorphologyError(f"{name}: {error}") from None
