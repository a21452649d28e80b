"""Be the child that opens files with MorphIO and NeuroM: a damaged one may crash or hang them.

A question has the `suffix` and either the `text` or the `path`; `sphere` asks for NeuroM's centre
and area of the soma too, `sizes` for what NeuroM makes of the file at that path and nothing else.
The answer holds plain numbers, or why there are none.
"""

import os
import re
import resource
from typing import Any

import numpy as np

from workbench.questions import answer

# A damaged file may ask for as much memory as it can name.
LARGEST_bytes = 16 * 2**30


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return what MorphIO read; `refused` with its reason where it did not."""
    import morphio

    morphio.set_maximum_warnings(0)
    warnings = morphio.WarningHandlerCollector()
    cut_where_kinds_change = morphio.Option.allow_unifurcated_section_change
    text, path = question.get("text"), question.get("path")
    if question.get("sizes"):
        return _sizes(path)
    source = (path,) if text is None else (text, question["suffix"][1:])
    try:
        read = morphio.Morphology(*source, cut_where_kinds_change, warning_handler=warnings)
        return {
            "sections": [_section(section) for section in read.sections],
            "outline": [[float(str(value)) for value in point] for point in read.soma.points],
            "diameters": np.asarray(read.soma.diameters, dtype=float).tolist(),
            "warnings": [_plain(found.warning.msg(), path) for found in warnings.get_all()],
            "sphere": _sphere(read) if question["sphere"] else None,
        }
    except morphio.SomaError as error:
        return {"refused": f"one soma is needed. {_plain(error, path)}"}
    except Exception as error:
        # MorphIO raises whatever a file made of it, IndexError and bad_alloc among others.
        said = _plain(error, path) or type(error).__name__
        return {"refused": f"it cannot be read: {said}"}


def _sizes(path: str | None) -> dict[str, Any]:
    """Return number, length and area of the sections of each kind, as NeuroM has them."""
    import neurom

    try:
        read = neurom.load_morphology(path)
        found: dict[int, list[float]] = {}
        for section in read.sections:
            size = found.setdefault(int(section.to_morphio().type), [0, 0.0, 0.0])
            for place, value in enumerate((1, section.length, section.area)):
                size[place] += float(value)
        soma_um2 = float(read.soma.area) if len(read.soma.points) else None
    except Exception as error:
        # As above.
        return {"refused": _plain(error, path) or type(error).__name__}
    return {"kinds": {str(kind): size for kind, size in found.items()}, "soma_um2": soma_um2}


def _section(section: Any) -> dict[str, Any]:
    points = np.column_stack([section.points, section.diameters]).astype(np.float64)
    return {
        "type": int(section.type),
        "parent": -1 if section.is_root else int(section.parent.id),
        "points": points.tolist(),
    }


def _sphere(read: Any) -> tuple[list[float], float]:
    from neurom.core.soma import get_area, get_center

    return np.asarray(get_center(read.soma), dtype=float).tolist(), float(get_area(read.soma))


def _plain(message: object, path: str | None) -> str:
    """Return MorphIO's message in one line, without colours and without the file's name."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(message))
    name = r"\$STRING\$" if path is None else re.escape(path)
    text = re.sub(rf"{name}:(\d+):(error|warning)", r"line \1:", text)
    return re.sub(r"\s+", " ", text.replace("line 0:", "").replace("Warning: ", "")).strip()


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = LARGEST_bytes if hard == resource.RLIM_INFINITY else min(hard, LARGEST_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    answer(reply)
