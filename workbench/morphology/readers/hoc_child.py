"""Be the child in which NEURON runs a hoc file and its sections are copied out.

The question is the text of the file. The answer holds `sections` in the order of NEURON, each with
its `name`, the index of its `parent` (-1 for none), `parent_x`, whether it hangs there by its 1 end
(`turned`), its `points` (x, y, z, diameter in um), and NEURON's own `length_um`, `diameters_um` of
its segments and `area_um2`; or, under `refused`, what NEURON said.
"""

import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.questions import answer

LARGEST_FILE_bytes = 2**28
LONGEST_s = 600
"""Of processor time, where nobody is left who waits."""
_FILE, _SAID = "cell.hoc", ".said"


def reply(text: str) -> dict[str, Any]:
    """Return what the hoc file of this text draws."""
    return draw(text)[1]


def neuron_with(library: str | None) -> Any:
    """Return NEURON, with compiled mechanisms if there are some."""
    from neuron import h

    if library is not None:
        h.nrn_load_dll(library)
    return h


def draw(
    text: str,
    library: str | None = None,
    name: str = _FILE,
    run: Callable[[Any, str], None] = lambda h, name: h.xopen(name),
) -> tuple[Any, dict[str, Any]]:
    """Run the hoc file of this text and return NEURON and what was drawn.

    Parameters
    ----------
    library
        Compiled mechanisms that the file needs.
    name
        What it is called in the current folder, where other files may lie that it loads.
    run
        Has NEURON run the file of this name.
    """
    h = neuron_with(library)
    home = Path.cwd()
    (home / name).write_text(text, encoding="latin-1", newline="")
    with (home / _SAID).open("wb") as stream:
        # What the file prints, or starts, must not hold the pipes to whoever asked.
        for descriptor in (1, 2):
            os.dup2(stream.fileno(), descriptor)
        try:
            run(h, name)
        except RuntimeError as error:
            return h, {"refused": _said(home) or str(error)}
        finally:
            os.chdir(home)
    # NEURON says so and goes on, without what that file would have drawn.
    if "Couldn't find: " in _said(home):
        return h, {"refused": _said(home)}
    return h, drawn(h)


def drawn(h: Any) -> dict[str, Any]:
    """Return the sections that stand in NEURON."""
    sections = list(h.allsec())
    index = {section: number for number, section in enumerate(sections)}
    return {"sections": [_section(h, section, index) for section in sections]}


def _section(h: Any, section: Any, index: dict[Any, int]) -> dict[str, Any]:
    # The area first: it brings points, length and diameters up to date with one another.
    area_um2 = sum(segment.area() for segment in section)
    parent = section.parentseg()
    return {
        "name": section.name(),
        "parent": -1 if parent is None else index[parent.sec],
        "parent_x": 0.0 if parent is None else parent.x,
        "turned": parent is not None and bool(section.orientation()),
        "points": [
            [section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i)]
            for i in range(section.n3d())
        ],
        "length_um": section.L,
        "diameters_um": [segment.diam for segment in section],
        "area_um2": area_um2,
    }


def _said(home: Path) -> str:
    return (home / _SAID).read_text(encoding="utf-8", errors="replace")


def _limit(what: int, most: int) -> None:
    """Take less of something than the machine would give, for good."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(hard, most)
    resource.setrlimit(what, (most, most))


def answer_within_limits(reply: Callable[[Any], object]) -> None:
    """Be a child that runs a hoc file, which does not get all that the machine would give."""
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE_bytes)
    _limit(resource.RLIMIT_CPU, LONGEST_s)
    _limit(resource.RLIMIT_CORE, 0)
    answer(reply)


if __name__ == "__main__":
    answer_within_limits(reply)
