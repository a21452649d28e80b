"""`python -m workbench.builds.loading`: the child that loads a new library and looks at it.

Question: {"library": path, "coreneuron_library": path or None, "mechanisms": [{"suffix", "file",
"kind", "parameters", "globals"}]}. Answer: sentences that say what is missing, none if all is
there.
"""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

from workbench.mechanisms.mechanism import Mechanism
from workbench.questions import answer


def question(
    library: str, coreneuron_library: str | None, mechanisms: Sequence[Mechanism]
) -> dict[str, Any]:
    """Return what to ask the child about a new build."""
    return {
        "library": library,
        "coreneuron_library": coreneuron_library,
        "mechanisms": [
            {
                "suffix": m.suffix,
                "file": m.file,
                "kind": m.kind,
                "parameters": sorted(m.parameters),
                "globals": sorted(m.globals),
            }
            for m in mechanisms
        ],
    }


def main() -> None:
    """Answer the question on standard input."""
    answer(lambda asked: list(_missing(asked)))


def _missing(asked: dict[str, Any]) -> Iterator[str]:
    from neuron import h

    try:
        h.nrn_load_dll(asked["library"])
    except RuntimeError as error:
        yield f"NEURON cannot load {asked['library']}: {error}"
        return
    density, points = _names(h, 0), _names(h, 1)
    for mechanism in asked["mechanisms"]:
        suffix = mechanism["suffix"]
        known = density if mechanism["kind"] == "density" else points
        if suffix not in known:
            yield f"mechanism {suffix} is not in the library"
            continue
        there = _range_variables(h, suffix)
        yield from (f"{suffix} has no {n}" for n in mechanism["parameters"] if n not in there)
        yield from (f"{suffix} has no {n}" for n in mechanism["globals"] if not hasattr(h, n))
    if asked["coreneuron_library"]:
        yield from _missing_in_coreneuron(asked)


def _names(h: Any, kind: int) -> set[str]:
    types = h.MechanismType(kind)
    name = h.ref("")
    found = set()
    for number in range(int(types.count())):
        types.select(number)
        types.selected(name)
        found.add(name[0])
    return found


def _range_variables(h: Any, suffix: str) -> set[str]:
    standard = h.MechanismStandard(suffix, 1)
    name = h.ref("")
    found = set()
    for number in range(int(standard.count())):
        standard.name(name, number)
        found.add(name[0])
    return found


def _missing_in_coreneuron(asked: dict[str, Any]) -> Iterator[str]:
    try:
        library = ctypes.CDLL(asked["coreneuron_library"])
    except OSError as error:
        yield f"the CoreNEURON library cannot be loaded: {error}"
        return
    for mechanism in asked["mechanisms"]:
        # The registration function coreneuron::_<file>_reg(), as C++ names it in a library: it
        # bears the name of the file, what it registers that of the mechanism.
        function = f"_{mechanism['file'].removesuffix('.mod')}_reg"
        if not hasattr(library, f"_ZN10coreneuron{len(function)}{function}Ev"):
            yield f"mechanism {mechanism['suffix']} is not in the CoreNEURON library"


if __name__ == "__main__":
    main()
