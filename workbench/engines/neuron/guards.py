"""What CoreNEURON would abort on, or get wrong without a word: refused before, by name.

Each check names what is there, says what is allowed and what to do. What was tried with NEURON
9.0.2, and what it did unguarded, stands beside each.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from workbench.builds import Build
from workbench.cells import CellRecipe
from workbench.engines.gpus import require_gpu
from workbench.engines.neuron import door
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, judge

_OTHERWISE = "or choose engine = 'neuron'"

# "mechanism does not exist", and SIGABRT, for every other one.
_POINT_PROCESSES = ("ExpSyn", "Exp2Syn", "IClamp", "NetStim", "PatternStim", "SEClamp")
_DENSITIES = ("hh", "pas")
_ALWAYS_THERE = ("capacitance", "morphology")

# As NEURON's own list of events ends the line: what it is, and what to do.
_EVENTS = {
    r"PlayRecord$": (
        "a Vector recorded at intervals or at given times, which CoreNEURON leaves empty",
        "record every step and resample",
    ),
    r"VecPlayStep": (
        "a Vector played in steps, which ends a CoreNEURON process",
        "play it with a time vector and continuous = True, or use IClamp",
    ),
    r"HocEvent": (
        "a call of the interpreter at a given time, which CoreNEURON leaves out",
        "remove it",
    ),
}

# The first costs CoreNEURON speed alone, the second stops it on a GPU alone.
_HARMLESS_RULES = ("state-outside-derivative",)
_RULES_OF_GPU = ("table-under-cvode",)

_first_globals: dict[str, object] = {}


def check_mechanisms(sets: Sequence[MechanismSet], gpu: bool) -> None:
    """Refuse .mod files that do not compile for CoreNEURON, or do not do there what they say.

    A finding that the file accepts with a comment is accepted here too.

    Raises
    ------
    EngineError
        With the lint's findings, by file and line.
    """
    said = [
        f"  {one.folder / found.file}:{found.line}: {found.message}; {found.advice}"
        for one in sets
        for verdict in judge(one)
        for found in verdict.coreneuron
        if found.rule not in _HARMLESS_RULES and (gpu or found.rule not in _RULES_OF_GPU)
    ]
    if said:
        raise EngineError(
            "\n".join(
                [
                    "CoreNEURON cannot run these mechanisms:",
                    *said,
                    "Correct them, accept what is harmless with a comment (`: lint: accept RULE - "
                    f"REASON`), {_OTHERWISE}",
                ]
            )
        )


def check_recipe(recipe: CellRecipe) -> None:
    """Refuse free GLOBALs: CoreNEURON takes their values once, before its first run in a process.

    Raises
    ------
    EngineError
        With the first one's name.
    """
    for name, value in recipe.global_values.items():
        if value is None:
            raise EngineError(
                f"CoreNEURON takes GLOBALs once for all runs of a process, and {name} is to differ "
                f"from run to run; give it a number, declare it RANGE, {_OTHERWISE}"
            )


def check_gpu() -> None:
    """Refuse a GPU that NEURON was not built for, or that is not there: NEURON would exit.

    Raises
    ------
    EngineError
        Saying which of the two.
    """
    built = door.configuration()
    if not built["CORENRN_ENABLE_GPU"]:
        raise EngineError(
            "gpu was asked for, but this NEURON was built without GPU support, as every wheel "
            "since 9.0; docs/gpu.md says how to build one with it. Or leave out --gpu"
        )
    if not built["CORENRN_ENABLE_SHARED"]:
        raise EngineError(
            "gpu was asked for, but this NEURON was built with a static CoreNEURON, which Python "
            "cannot load; build it with -DCORENRN_ENABLE_SHARED=ON, see docs/gpu.md"
        )
    require_gpu()


def check_process(h: Any, build: Build | None, sections: Sequence[Any]) -> None:
    """Refuse what this process holds and CoreNEURON cannot run; after `finitialize`.

    Parameters
    ----------
    build
        The mechanisms that were compiled for CoreNEURON.
    sections
        All of the process.

    Raises
    ------
    EngineError
        At the first such thing.
    """
    compiled = build.suffixes if build else ()
    densities = {*_DENSITIES, *compiled}.intersection(_type_names(h, 0))
    points = {*_POINT_PROCESSES, *compiled}.intersection(_type_names(h, 1))
    _check_densities(h, densities, sections)
    _check_points(h, points)
    _check_equations(h)
    _check_events()
    _check_globals(h, densities | points)


def _check_densities(h: Any, allowed: set[str], sections: Sequence[Any]) -> None:
    """Refuse extracellular, fastpas and what another library brought along."""
    for name in _type_names(h, 0):
        if name in allowed or name in _ALWAYS_THERE or name.endswith("_ion"):
            continue
        for section in sections:
            if section.has_membrane(name):
                raise EngineError(
                    f"CoreNEURON has no mechanism {name}, which is inserted in {section}; allowed: "
                    f"{_listed(allowed)}. Remove it, {_OTHERWISE}"
                )


def _check_points(h: Any, allowed: set[str]) -> None:
    for name in _type_names(h, 1):
        if name in allowed:
            continue
        here = _kept(h, "List", name)
        if here.count():
            where = f" at {here.o(0).get_segment()}" if here.o(0).has_loc() else ""
            raise EngineError(
                f"CoreNEURON has no point process {name}, and this process holds "
                f"{int(here.count())}{where}; allowed: {_listed(allowed)}. "
                f"Remove it, {_OTHERWISE}"
            )


def _check_equations(h: Any) -> None:
    """Refuse equations beside the cable's: an error of NEURON's that would look like a bad cell."""
    supervisor: Any = sys.modules.get("neuron.nonvint_block_supervisor")
    held = {
        "LinearMechanism": _kept(h, "List", "LinearMechanism").count(),
        "reaction and diffusion (neuron.rxd)": supervisor and supervisor.call,
    }
    for name, there in held.items():
        if there:
            raise EngineError(
                f"CoreNEURON cannot run {name}, and this process holds it; remove it, {_OTHERWISE}"
            )


def _check_events() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        door.cvode().print_event_queue()
    for line in said.getvalue().splitlines():
        for pattern, (what, instead) in _EVENTS.items():
            if re.search(pattern, line):
                raise EngineError(f"this process holds {what}; {instead}, {_OTHERWISE}")


def _check_globals(h: Any, suffixes: set[str]) -> None:
    """Refuse GLOBALs that changed: CoreNEURON takes them once, before its first run."""
    for name, now in _globals(h, suffixes):
        first = _first_globals.setdefault(name, now)
        if first != now:
            raise EngineError(
                f"GLOBAL {name} is {now} and was {first} when CoreNEURON ran first in this "
                f"process, and it would compute with {first}; set it before the first run, put it "
                f"back, run in a process of its own, {_OTHERWISE}"
            )


def _globals(h: Any, suffixes: set[str]) -> Iterator[tuple[str, object]]:
    name = h.ref("")
    for suffix in suffixes:
        ours = _kept(h, "MechanismStandard", suffix, -1)
        for number in range(int(ours.count())):
            ours.name(name, number)
            value = getattr(h, name[0])
            yield name[0], value if isinstance(value, float) else tuple(value)


def _type_names(h: Any, kind: int) -> list[str]:
    """Return the names of all density mechanisms (0), or of all point processes (1)."""
    types, name, found = _kept(h, "MechanismType", kind), h.ref(""), []
    for number in range(int(types.count())):
        types.select(number)
        types.selected(name)
        found.append(name[0])
    return found


@cache
def _kept(h: Any, kind: str, *words: Any) -> Any:
    """Return NEURON's object of these words: always the same, since NEURON leaks freed ones."""
    return getattr(h, kind)(*words)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
