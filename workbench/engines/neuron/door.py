"""The only door to NEURON.

NEURON is global to its process: temperature, step, CVODE, sections and mechanism libraries are
shared by all who use it. Everything global is set in `conditions` before a run and put back
after it. A process can load one mechanism library only, and loads ./x86_64 of the current
folder unasked, so NEURON is imported from an empty folder.
"""

import contextlib
import ctypes
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workbench.builds import Build
from workbench.engines.job import Integrator
from workbench.errors import EngineError
from workbench.scratch import scratch_folder

_loaded: list[Build] = []


def open_neuron(build: Build | None) -> Any:
    """Return NEURON's `h` with the library of `build` loaded.

    Raises
    ------
    EngineError
        If this process has loaded another library already, or the library cannot be loaded.
    """
    h = _neuron()
    if build is None:
        return h
    if not _loaded:
        _load(h, build.library)
        _loaded.append(build)
    elif _loaded[0].key != build.key:
        raise EngineError(
            f"this process has loaded {_loaded[0].library} and NEURON cannot load "
            f"{build.library} beside it; run the other cell in a process of its own, as "
            "workbench.simulate does"
        )
    return h


@contextlib.contextmanager
def conditions(
    h: Any,
    integrator: Integrator,
    celsius_degC: float,
    v_init_mV: float,
    put_back: Iterable[tuple[str, float]] = (),
    during: Mapping[str, float] = MappingProxyType({}),
) -> Iterator[None]:
    """Set every global that a run depends on, and leave NEURON's defaults behind.

    `put_back` names mechanisms' GLOBALs that the run before may have changed, with their values;
    `during` those that have a value during this run alone.

    Raises
    ------
    EngineError
        If NEURON cannot use a mechanism of this process with CVODE.
    """
    _set_defaults(h)
    as_before = [(name, getattr(h, name)) for name in during]
    try:
        for name, value in put_back:
            _put_back(h, name, value)
        for name, value in during.items():
            setattr(h, name, value)
        h.celsius = celsius_degC
        h.v_init = v_init_mV
        if integrator.atol is not None:
            _activate_cvode()
            cvode().atol(integrator.atol)
        elif integrator.dt_ms is not None:
            h.dt = integrator.dt_ms
            h.secondorder = 0 if integrator.order == 1 else 2
        yield
    finally:
        for name, value in as_before:
            setattr(h, name, value)
        _set_defaults(h)


@contextlib.contextmanager
def solver(build: Build | None, integrator: Integrator) -> Iterator[None]:
    """Let `psolve` run in the integrator's engine.

    Raises
    ------
    EngineError
        If it is CoreNEURON and the mechanisms were built without it: NEURON would end the
        process.
    """
    from neuron import coreneuron

    core = integrator.engine == "coreneuron"
    library = _core_library(build) if core else contextlib.nullcontext()
    # In this order neither is ever refused beside the other, here and on the way back.
    device = (
        {"cell_permute": 1, "gpu": True} if integrator.gpu else {"gpu": False, "cell_permute": 0}
    )
    with library, coreneuron(enable=core, **device, file_mode=False, verbose=0):
        yield


def compiled(build: Build | None) -> Build | None:
    """Return the build that holds this process's mechanisms: an engine's own, else the loaded."""
    return build or (_loaded[0] if _loaded else None)


def configuration() -> Mapping[str, Any]:
    """Return what NEURON was built with, by the names of its CMake options."""
    _neuron()
    from neuron import config

    found: Mapping[str, Any] = config.arguments
    return found


@cache
def cvode() -> Any:
    """Return NEURON's handle to CVODE: always the same, since NEURON forgets to free them."""
    return _neuron().CVode()


@cache
def parallel_context() -> Any:
    """Return NEURON's handle to `psolve`: always the same, as that of CVODE."""
    return _neuron().ParallelContext()


@cache
def _generator() -> Any:
    """Return a generator of NEURON's, to reach what all have in common."""
    return _neuron().Random()


_vectors: list[Any] = []


def take_vector() -> Any:
    """Return a Vector that records nothing; NEURON forgets some bytes of each that is freed."""
    return _vectors.pop() if _vectors else _neuron().Vector()


def give_back(vector: Any) -> None:
    """Take a Vector out of NEURON's recordings, for the next run to use."""
    vector.play_remove()
    vector.resize(0)
    _vectors.append(vector)


def _put_back(h: Any, name: str, value: float) -> None:
    now = getattr(h, name)
    if isinstance(now, float):
        setattr(h, name, value)
        return
    for index in range(len(now)):
        now[index] = value


def _activate_cvode() -> None:
    try:
        cvode().active(True)
    except RuntimeError as error:
        found = re.search(r"(\w+) cannot be used with CVODE", str(error))
        if not found:
            raise
        raise EngineError(
            f"NEURON says that mechanism {found[0]}, and this process holds it; write a DERIVATIVE "
            "block and SOLVE it with METHOD cnexp or derivimplicit, or choose a fixed step (dt_ms)"
        ) from None


def _set_defaults(h: Any) -> None:
    """Give every setting the value that NEURON 9 starts with."""
    variable_step = cvode()
    variable_step.active(False)
    variable_step.atol(1e-3)
    variable_step.rtol(0)
    variable_step.maxorder(5)
    variable_step.minstep(0)
    variable_step.maxstep(1e9)
    variable_step.jacobian(0)
    variable_step.stiff(2)
    variable_step.condition_order(1)
    # Asked first, since NEURON builds CVODE anew at each call.
    if variable_step.use_local_dt():
        variable_step.use_local_dt(0)
    # It enters each stream of random numbers.
    _generator().Random123_globalindex(0)
    h.secondorder = 0
    h.dt = 0.025
    h.celsius = 6.3
    h.v_init = -65.0
    h.t = 0.0


@contextlib.contextmanager
def _core_library(build: Build | None) -> Iterator[None]:
    """Name the CoreNEURON library that belongs to the loaded one, while `psolve` looks for it."""
    build = compiled(build)
    if build is not None and build.coreneuron_library is None:
        raise EngineError(
            f"the mechanisms in {build.library} were built without CoreNEURON; build them with it"
        )
    before = os.environ.pop("CORENEURONLIB", None)
    if build is not None:
        os.environ["CORENEURONLIB"] = str(build.coreneuron_library)
    try:
        yield
    finally:
        os.environ.pop("CORENEURONLIB", None)
        if before is not None:
            os.environ["CORENEURONLIB"] = before


@cache
def _neuron() -> Any:
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    before = Path.cwd()
    with scratch_folder() as empty:
        os.chdir(empty)
        try:
            from neuron import h
        finally:
            os.chdir(before)
    h.load_file("stdrun.hoc")
    return h


def _load(h: Any, library: Path) -> None:
    """Load a library, unless somebody else in this process has done so: twice is an error."""
    try:
        ctypes.CDLL(str(library), mode=os.RTLD_NOLOAD)
        return
    except OSError:
        pass
    try:
        # A library that cannot be opened is no error to NEURON, only a 0.
        if h.nrn_load_dll(str(library)):
            return
        why = "is it there, and built for this machine?"
    except RuntimeError as error:
        why = str(error)
    raise EngineError(f"NEURON cannot load {library}: {why}")
