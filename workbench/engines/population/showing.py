"""What is generated for one mechanism, to be read."""

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
    given = {name: one.default for name, one in mechanism.parameters.items()}
    of_point = mechanism.kind == "point"
    point = Placed("point", suffix, parse_site("soma(0.5)"), given if of_point else {})
    frame = Frame(
        CellRecipe(
            suffix,
            cylinder_tree(suffix, [Cylinder("somatic", 20, 20)]),
            sets,
            inserted=() if of_point else (("all", suffix),),
            paint=() if of_point else tuple(Paint(n, "all", x) for n, x in given.items()),
            global_values={name: one.default for name, one in mechanism.globals.items()},
            placed=(point,) if of_point else (),
        )
    )
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
