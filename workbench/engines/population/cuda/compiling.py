"""The kernel of a frame as PTX, which NVIDIA's driver takes; kept by content."""

import hashlib
from typing import NamedTuple

from workbench import resources
from workbench.builds import Report
from workbench.caching import keep, recall
from workbench.engines.population.cuda.nvrtc import compile_ptx, version
from workbench.engines.population.cuda.text import headers_of, main_text
from workbench.engines.population.frame import Frame

_ARCHITECTURE = "compute_75"
"""The least that NVIDIA's compiler knows; drivers take it for all later ones."""


class Compiled(NamedTuple):
    """PTX, and a key of what it was made of."""

    key: str
    ptx: bytes


def ptx_of(frame: Frame, report: Report) -> Compiled:
    """Return a frame's kernel, compiled if need be.

    Raises
    ------
    EngineError
        If a mechanism is not computed by this engine.
    BuildError
        If NVIDIA's compiler is not installed.
    """
    headers, text = headers_of(frame), main_text()
    parts = (text, *headers.items(), _ARCHITECTURE, version())
    key = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    file = resources.cache_folder() / "ptx" / f"{key}.json"
    kept = recall(file, str.encode)
    if kept is None:
        report("compiling population for GPUs (about 5 s)")
        kept = compile_ptx("population.cu", text, headers, _ARCHITECTURE)
        keep(file, kept.decode())
    return Compiled(key, kept)
