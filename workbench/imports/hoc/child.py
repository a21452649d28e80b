"""Be the child in which NEURON runs a hoc file and the cell with all its values is copied out.

The question holds the `text` of the file and its `name`, the `files` that it may load (their path
here and that of a copy of theirs), a `library` of compiled mechanisms or None, and the names of
`globals`. The answer is that of the reader of shapes, and for each section besides:
`segments`, `carries` (by suffix, by variable, a value for each segment), `ions` (the same by ion),
`cm`, `Ra` and how many point processes of each kind stand there (`processes`); `celsius`, `v_init`
(None if the file set none), `globals` by name, `clamps` and `until_ms` (None if it says nothing).
"""

import shutil
from pathlib import Path
from typing import Any

from workbench.morphology.readers.hoc_child import answer_within_limits, draw

_NO_MECHANISMS = {"morphology", "capacitance"}


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return what the hoc file builds."""
    for here, source in question["files"].items():
        Path(here).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, here)
    h, found = draw(question["text"], question["library"], question["name"])
    if "refused" in found:
        return found
    sections = list(h.allsec())
    index = {section: number for number, section in enumerate(sections)}
    for drawn, section in zip(found["sections"], sections, strict=True):
        drawn |= _painted(section)
    return {
        **found,
        "celsius": h.celsius,
        "v_init": _number(h, "v_init"),
        "until_ms": _number(h, "tstop"),
        "globals": {name: getattr(h, name) for name in question["globals"]},
        "clamps": [_clamp(clamp, index) for clamp in h.List("IClamp")],
    }


def _painted(section: Any) -> dict[str, Any]:
    said = section.psection()
    return {
        "segments": section.nseg,
        "Ra": said["Ra"],
        "cm": said["cm"],
        "carries": {
            suffix: {name: values for name, values in variables.items() if _are_numbers(values)}
            for suffix, variables in said["density_mechs"].items()
            if suffix not in _NO_MECHANISMS
        },
        "ions": said["ions"],
        "processes": {kind: len(placed) for kind, placed in said["point_processes"].items()},
    }


def _are_numbers(values: list[Any]) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _number(h: Any, name: str) -> float | None:
    """Return a variable of the hoc interpreter's, if there is one."""
    try:
        return float(getattr(h, name))
    except (AttributeError, LookupError, TypeError):
        return None


def _clamp(clamp: Any, index: dict[Any, int]) -> dict[str, Any]:
    segment = clamp.get_segment()
    return {
        "section": -1 if segment is None else index[segment.sec],
        "x": 0.0 if segment is None else segment.x,
        "delay_ms": clamp.delay,
        "duration_ms": clamp.dur,
        "amplitude_nA": clamp.amp,
    }


if __name__ == "__main__":
    answer_within_limits(reply)
