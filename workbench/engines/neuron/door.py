"""The only door to NEURON.

NEURON is global to its process: temperature, step, CVODE, sections and mechanism libraries are
shared by all who use it. Everything global is set in `conditions` before a run and put back
after it. A process can load one mechanism library only, and loads ./x86_64 of the current
folder unasked, so NEURON is imported from an empty folder.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from workbench.engines.job import Integrator
from workbench.errors import EngineError
from workbench.mechanisms import Build

_loaded: list[Path] = []


def open_neuron(build: Build | None) -> Any:
    """Return NEURON's `h` with the library of `build` loaded.

    Raises
    ------
    EngineError
        If this process has loaded another library already.
    """
    library = None if build is None else Path(build.library)
    if build is not None and build.coreneuron_library is not None and not _loaded:
        os.environ["CORENEURONLIB"] = str(build.coreneuron_library)
    h = _neuron()
    if library is not None and library not in _loaded:
        if _loaded:
            raise EngineError(
                f"this process has loaded {_loaded[0]} and NEURON cannot load {library} beside "
                "it; run the other cell in a process of its own, as workbench.simulate does"
            )
        h.nrn_load_dll(str(library))
        _loaded.append(library)
    return h


@contextlib.contextmanager
def conditions(
    h: Any, integrator: Integrator, celsius_degC: float, v_init_mV: float
) -> Iterator[None]:
    """Set every global that a run depends on, and leave NEURON's defaults behind."""
    cvode = h.CVode()
    try:
        h.celsius = celsius_degC
        h.v_init = v_init_mV
        if integrator.dt_ms is None:
            cvode.active(True)
            cvode.atol(integrator.atol)
            cvode.rtol(0)
            cvode.use_local_dt(0)
        else:
            cvode.active(False)
            h.dt = integrator.dt_ms
            h.secondorder = 0 if integrator.order == 1 else 2
        yield
    finally:
        cvode.active(False)
        cvode.atol(1e-3)
        h.secondorder = 0
        h.dt = 0.025
        h.celsius = 6.3
        h.v_init = -65.0
        h.t = 0.0


@contextlib.contextmanager
def core_neuron() -> Iterator[None]:
    """Let `psolve` run in CoreNEURON.

    Raises
    ------
    EngineError
        If the mechanisms were built without CoreNEURON.
    """
    if _loaded and "CORENEURONLIB" not in os.environ:
        raise EngineError("these mechanisms were built without CoreNEURON; build them with it")
    from neuron import coreneuron

    coreneuron.enable = True
    coreneuron.verbose = 0
    try:
        yield
    finally:
        coreneuron.enable = False


@cache
def _neuron() -> Any:
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        try:
            from neuron import h
        finally:
            os.chdir(before)
    h.load_file("stdrun.hoc")
    return h
