"""The kernel of a frame as CUDA C++: all of it but the membranes is the same for every frame."""

from collections.abc import Mapping
from pathlib import Path

from workbench.engines.population.frame import Frame

_HERE = Path(__file__).parent
THREADS = 128
"""Of a block, as `kernel.hpp` has it."""


def headers_of(frame: Frame) -> Mapping[str, str]:
    """Return what `population.cu` includes, by name.

    Raises
    ------
    EngineError
        If a mechanism is not computed by this engine.
    """
    shared = (_HERE / "scalar.hpp", _HERE / "kernel.hpp", *sorted(_HERE.parent.glob("*.hpp")))
    found = {file.name: file.read_text(encoding="utf-8") for file in shared}
    cases = "\n".join(
        f"    case {number}: return act(Membrane{number}{{}});"
        for number in range(len(frame.patches))
    )
    membranes = sum(not patch.points for patch in frame.patches)
    return {
        **found,
        "membranes.hpp": _MEMBRANES.format(frame.text, len(frame.patches), membranes, cases),
    }


def main_text() -> str:
    """Return the file to be compiled."""
    return (_HERE / "population.cu").read_text(encoding="utf-8")


def numbers_of(frame: Frame) -> int:
    """Return how many numbers of eight bytes a run of a frame keeps, as `set_up` hands them out."""
    found = 4 * THREADS + 11 * frame.network.size
    for patch in frame.patches:
        of = patch.membrane
        each = 4 * len(of.states) + 5 * len(of.flows) + len(of.own)
        found += len(of.shared) + len(patch.nodes) * (each + 2 * bool(patch.points))
    return found


_MEMBRANES = """#include "systems.hpp"

namespace {{

{0}
constexpr int PATCHES = {1}, MEMBRANES = {2};  // those of point processes come last

// Call `act` with an object of a membrane's struct.
template <typename Do>
INLINED void with_membrane(int number, Do const& act) {{
    switch (number) {{
{3}
    }}
}}

}}  // namespace
"""
