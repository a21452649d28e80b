"""A hoc file, run by NEURON in a child, as a study."""

import contextlib
import re
import shlex
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import InputError, MorphologyError
from workbench.imports.hoc.cell import built_cell, global_names, library_of, mechanism_sets
from workbench.imports.hoc.painting import Built
from workbench.imports.source import Source
from workbench.imports.study import STEP, Imported
from workbench.inputs import content
from workbench.mechanisms import MechanismSet, judge
from workbench.morphology import Morphology
from workbench.morphology.readers.hoc import RefusedHocError, ask_neuron

_LOADS = re.compile(r"\b(load_\w+|xopen|ropen|File)\b")
_NOT_THERE = "and it is not in the folder of the file either"
_COMPILED = {".mod", ".c", ".cpp", ".o", ".so", ".dll", ".dylib", ".la"}
_LARGEST_MB = 200
_FOREVER_ms = 1e6
_NEURONS_v_init_mV = -65.0
_RAN = (
    "NEURON ran the file in a folder with copies of the files beside it, if it loads any, and its "
    "sections were copied out.",
    "Values are those with which a run begins: its init() was called, if it has one.",
)


def read_hoc_cell(source: Source) -> Imported:
    """Return the cell that a hoc file builds.

    Raises
    ------
    InputError
        If the file is not trusted, NEURON refuses it, or a study cannot say what it builds.
    """
    path = source.path
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the hoc file that builds the cell")
    if not source.trust_hoc:
        raise InputError(
            f"{path} is hoc code, which would run with your rights. If you trust it: "
            f"workbench import hoc {shlex.quote(str(path))} --trust-hoc"
        )
    sets = mechanism_sets(source)
    text = content(path).removeprefix(BOM_UTF8).decode("latin-1")
    question = {
        "text": text,
        "name": path.name,
        "files": _beside(source) if _LOADS.search(text) else {},
        "library": library_of(sets),
        "not_run": {
            one.suffix: [what.split()[1] for what in one.unset if what.startswith("POINTER ")]
            for each in sets
            for one in judge(each)
            if one.unset
        },
        "globals": global_names(sets),
    }
    answer = _asked(path, question)
    v_init_mV, begins = _beginning(answer["v_init"], answer["begins_mV"])
    found = built_cell(path, answer, sets, source.kinds, v_init_mV)
    protocols, left = _protocols(found.tree, answer, found.order)
    return Imported(
        "hoc",
        path.stem,
        f"{path.stem}, a cell of hoc code",
        "",
        str(path.resolve()),
        found.tables,
        protocols,
        integrator={"cvode_atol": 1e-3},
        texts=found.texts,
        done=[*_RAN, *found.done],
        unsaid=[
            *begins,
            *_unsaid(answer["sections"]),
            *_pointers(sets, answer["sections"]),
            *found.unsaid,
            *left,
        ],
    )


def _asked(path: Path, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the child says of the file as nrngui opens it, or as it is by itself.

    Names that a file takes may be those of the standard library.

    Raises
    ------
    InputError
        What NEURON says where it is opened with nrngui, if it comes to its end neither way.
    """
    child = "workbench.imports.hoc.child"
    try:
        return ask_neuron(path, child, {**question, "as_nrngui": True}, _NOT_THERE)
    except RefusedHocError:
        with contextlib.suppress(MorphologyError):
            return ask_neuron(path, child, {**question, "as_nrngui": False}, _NOT_THERE)
        raise


def _beside(source: Source) -> dict[str, str]:
    """Return the files of the model's folder that may be loaded, by their place in it.

    Raises
    ------
    InputError
        If they are larger than a model is.
    """
    files = {
        str(file.relative_to(source.folder)): file.resolve()
        for file in source.files("")
        if file.suffix not in _COMPILED
    }
    if sum(file.stat().st_size for file in files.values()) > _LARGEST_MB * 1e6:
        raise InputError(
            f"{source.path.name} loads files, and in {source.folder} there are more than "
            f"{_LARGEST_MB} MB; put the model into a folder of its own"
        )
    return {here: str(file) for here, file in files.items()}


def _protocols(
    tree: Morphology, answer: Mapping[str, Any], order: Sequence[int]
) -> tuple[dict[str, Any], list[str]]:
    """Return a protocol with the current clamps that the file placed, or one with a step."""
    place = {old: new for new, old in enumerate(order)}
    placed = [one for one in answer["clamps"] if one["section"] >= 0 and one["duration_ms"] > 0]
    ends = [one["delay_ms"] + one["duration_ms"] for one in placed]
    short = [end for end in ends if end < _FOREVER_ms]
    until_ms = answer["until_ms"] or (1.2 * max(short) if short else STEP["duration_ms"])
    steps = [
        {
            "type": "step",
            "site": _site(tree, answer["sections"], place, one),
            "delay_ms": one["delay_ms"],
            "duration_ms": min(one["duration_ms"], until_ms - one["delay_ms"]),
            "amplitude_nA": one["amplitude_nA"],
        }
        for one in placed
        if one["delay_ms"] < until_ms
    ]
    if not steps:
        return {"step": STEP}, ["Its clamps begin when its run has ended."] * bool(placed)
    return {"clamps": {**STEP, "duration_ms": until_ms, "parameters": {}, "stimuli": steps}}, []


def _site(
    tree: Morphology, drawn: Sequence[Built], place: Mapping[int, int], one: Mapping[str, Any]
) -> str:
    x = 1 - one["x"] if drawn[one["section"]]["turned"] else one["x"]
    return f"{tree.names[place[one['section']]]}({x:.10g})"


def _beginning(v_init: float | None, begins_mV: list[float] | None) -> tuple[float, list[str]]:
    """Return the voltage with which runs begin, and a sentence where the file has it otherwise."""
    said_mV = _NEURONS_v_init_mV if v_init is None else v_init
    lowest_mV, highest_mV = begins_mV or (said_mV, said_mV)
    if lowest_mV == highest_mV:
        return lowest_mV, []
    return said_mV, [
        f"Its init() lets sections begin at voltages from {lowest_mV:g} to {highest_mV:g} mV; here "
        f"all begin at {said_mV:g} mV."
    ]


def _unsaid(built: Sequence[Built]) -> Iterator[str]:
    placed: Counter[str] = Counter()
    for one in built:
        placed.update(one["processes"])
    del placed["IClamp"]
    for kind, count in sorted(placed.items()):
        yield f"{count} {kind}: point processes and what drives them are not imported."
    yield "What the file does after the cell is built (runs, graphs, files) is not imported."


def _pointers(sets: Sequence[MechanismSet], built: Sequence[Built]) -> Iterator[str]:
    carried = {suffix for one in built for suffix in one["carries"]}
    for verdict in (verdict for one in sets for verdict in judge(one)):
        if verdict.suffix in carried:
            for name in verdict.pointers:
                yield (
                    f"What POINTER {name} of {verdict.suffix} reads is not imported, nor what an "
                    "init() sets, which could not be called: give it under [pointers] of "
                    f"cell.toml, {verdict.suffix}.{name} = ..."
                )
