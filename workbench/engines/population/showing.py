"""What is generated for one mechanism, to be read."""

from dataclasses import replace

from workbench.cells import CellRecipe, Paint, Placed
from workbench.engines.population.frame import Frame
from workbench.errors import MechanismError
from workbench.mechanisms import MechanismSet, combine, set_of
from workbench.morphology import Cylinder, cylinder_tree, parse_site


def mechanism_text(name: str, *, folder: str | None = None, generated: bool = False) -> str:
    """Return the text of a mechanism, or the C++ that the population engine generates from it.

    That is a membrane which holds nothing else, with all parameters given. In a cell all
    mechanisms of a segment are one such text, and a parameter that the cell does not give is the
    number that its file declares.

    Parameters
    ----------
    name
        Its SUFFIX or POINT_PROCESS.
    folder
        The folder, or the name of the set, that holds it; by default the sets that ship.
    generated
        Whether the C++ is wanted.

    Raises
    ------
    MechanismError
        If no set holds it, or it is NEURON's own and its text is asked for.
    EngineError
        If the engine does not compute it, with file and line.

    Examples
    --------
    >>> import workbench as wb
    >>> text = wb.mechanism_text("pas", generated=True)
    >>> [line.strip() for line in text.splitlines() if "shared[1]" in line]
    ['Vec const x4 = shared[1] * x3;', 'g = shared[1];']
    """
    one = set_of(name, folder)
    if generated:
        return _generated(name, () if one is None else (one,))
    if one is None:
        raise MechanismError(f"{name} is NEURON's own: it has no .mod file here")
    file = next(m.file for m in one.mechanisms if m.suffix == name)
    return dict(one.sources)[file]


def _generated(suffix: str, sets: tuple[MechanismSet, ...]) -> str:
    mechanism = combine(sets)[suffix]
    cell = CellRecipe(
        suffix,
        cylinder_tree(suffix, [Cylinder("somatic", 20, 20)]),
        sets,
        global_values={name: one.default for name, one in mechanism.globals.items()},
    )
    given = {name: one.default for name, one in mechanism.parameters.items()}
    if mechanism.kind == "point":
        point = Placed("point", suffix, parse_site("soma(0.5)"), given)
        frame = Frame(replace(cell, placed=(point,)))
    else:
        painted = tuple(Paint(name, "all", value) for name, value in given.items())
        frame = Frame(replace(cell, inserted=(("all", suffix),), paint=painted))
    [patch] = frame.patches
    frame.check()
    of = patch.membrane
    told = {
        "s": [name for _, name in of.states],
        "shared": of.shared,
        "own": of.own,
        "flow": of.flows,
    }
    named = [
        f"// {array}: {', '.join(f'{n} {name}' for n, name in enumerate(names))}"
        for array, names in told.items()
        if names
    ]
    return "\n".join([*named, frame.text])
