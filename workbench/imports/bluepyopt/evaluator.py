"""An evaluator that a user's Python builds, in a child, as a problem."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.imports.bluepyopt.aims import Aims
from workbench.imports.bluepyopt.objects import Told, check
from workbench.imports.bluepyopt.parameters import Parameters
from workbench.imports.bluepyopt.problem import Problem, to_study
from workbench.imports.bluepyopt.sweeps import Sweeps
from workbench.imports.bluepyopt.synapses import POINT, Synapses
from workbench.imports.bluepyopt.tables import mechanisms_of
from workbench.imports.source import Source
from workbench.imports.study import Imported
from workbench.inputs import parsing
from workbench.mechanisms import combine
from workbench.questions import ChildFailed, ask

LIMIT_s = 300.0
_WHOLE_um = 1e6
"""No section is cut."""

_SHOWN = 4
"""Names of objectives in a README."""


def read_evaluator(source: Source) -> Imported:
    """Return the study of the evaluator that a Python file builds.

    Raises
    ------
    InputError
        If the file is not trusted, ends with an error, or a study cannot say what it builds.
    """
    file = source.path
    if not source.trust_python:
        raise InputError(
            f"{file} is Python, which would run with your rights: an import of it runs the file in "
            "a process of its own, which may do whatever you may. If you trust it: workbench "
            f"import bluepyopt {shlex.quote(source.given)} --trust-python"
        )
    answer = _ask(source)
    with parsing(file, "an evaluator that BluePyOpt can run"):
        return _study(source, answer)


def _study(source: Source, answer: Told) -> Imported:
    file = source.path
    evaluator, left = answer["evaluator"], answer["conditions"]
    check(file, "the evaluator", evaluator, "CellEvaluator")
    cell, simulator = evaluator["cell_model"], evaluator["sim"]
    check(file, "the cell", cell, "CellModel")
    check(file, "the simulator", simulator, "NrnSimulator")
    mechanisms = cell["mechanisms"] or ()
    synapses = Synapses(file)
    synapses.read([one for one in mechanisms if one["type"] == POINT])
    parameters = Parameters(file, frozenset(evaluator["param_names"]), synapses)
    parameters.read(cell["params"])
    sweeps = Sweeps(file, synapses)
    sweeps.read(list(evaluator["fitness_protocols"].values()))
    aims = Aims(sweeps)
    check(file, "the calculator", evaluator["fitness_calculator"], "ObjectivesCalculator")
    aims.read(evaluator["fitness_calculator"]["objectives"] or ())
    morphology = cell["morphology"]
    segments, axon = _shape(file, morphology)
    integrator = _integrator(file, simulator, left, sweeps.cvode)
    inserted = list(_inserted(file, [one for one in mechanisms if one["type"] != POINT]))
    problem = Problem(
        cell["name"],
        file,
        _morphology(source, morphology),
        _mechanisms(source, [one["suffix"] for one in mechanisms]),
        inserted,
        parameters.painted,
        {name: left[name] for name in ("celsius", "v_init")} | parameters.conditions,
        sweeps.tables,
        aims.targets,
        aims.score(),
        groups=parameters.groups,
        constants=parameters.constants,
        shape={"axon": axon},
        segments=segments,
    )
    study = to_study(problem)
    placed = {"place": synapses.tables} if synapses.tables else {}
    return replace(
        study,
        cell={**study.cell, **placed},
        integrator=integrator,
        texts=sweeps.texts,
        done=list(_done(left, integrator, parameters, aims, segments, axon)),
        unsaid=list(_unsaid(simulator, sweeps, aims)),
    )


def _ask(source: Source) -> dict[str, Any]:
    file = source.path.resolve()
    root = file.parents[source.module.count(".")]
    question = {
        "file": str(file),
        "module": source.module,
        "folders": list(dict.fromkeys([str(root), str(file.parent)])),
        "function": source.function,
        "argument": source.model,
    }
    try:
        answer: dict[str, Any] = ask("workbench.imports.bluepyopt.child", question, LIMIT_s)
    except ChildFailed as failed:
        raise InputError(f"{source.path}: it did not come to its end: {failed}") from None
    if "refused" in answer:
        raise InputError(f"{source.path}: {answer['refused']}")
    return answer


def _morphology(source: Source, told: Told) -> Path:
    if source.morphology:
        return source.morphology
    path: Path = source.path.parent / told["morphology_path"]
    if not path.is_file():
        raise InputError(
            f"{source.path}: its morphology {told['morphology_path']} is not there, or is meant "
            "from another folder; name it with --morphology FILE"
        )
    return path


def _shape(file: Path, told: Told) -> tuple[dict[str, Any], str]:
    """Return the rule of segments, and what becomes of the axon."""
    check(file, "the morphology", told, "NrnFileMorphology")
    if told["morph_modifiers"]:
        raise InputError(
            f"{file}: the morphology has morph_modifiers, which are Python; write what they do as "
            "`edit` into cell.toml of a study without them"
        )
    longest_um = float(told["nseg_frequency"]) if told["do_set_nseg"] else _WHOLE_um
    segments: dict[str, Any] = {"max_length_um": longest_um}
    if not told["do_replace_axon"]:
        return segments, "keep"
    stub_um, axon_um = float(told["axon_stub_length"]), float(told["axon_nseg_frequency"])
    if stub_um != 60:
        raise InputError(f"{file}: axon_stub_length is {stub_um:g} um; a study's stub has 60 um")
    if int(stub_um / 2 / axon_um) != int(stub_um / 2 / longest_um):
        segments["axonal"] = {"max_length_um": axon_um}
    return segments, "stub"


def _inserted(file: Path, mechanisms: Sequence[Told]) -> Iterator[tuple[str, str]]:
    for told in mechanisms:
        what = f"mechanism {told.get('name')}"
        check(file, what, told, "NrnMODMechanism", POINT)
        if not told["deterministic"] or "Stoch" in told["suffix"]:
            raise InputError(f"{file}: {what} is stochastic: BluePyOpt seeds it, a study does not")
        for place in told["locations"]:
            check(file, f"a location of {what}", place, "NrnSeclistLocation")
            yield place["seclist_name"], told["suffix"]


def _mechanisms(source: Source, suffixes: Sequence[str]) -> Path | None:
    if source.mechanisms or set(suffixes) - combine(()).keys():
        return mechanisms_of(source)
    return None


def _integrator(
    file: Path, simulator: Told, left: Told, protocols: Sequence[bool | None]
) -> dict[str, Any]:
    own = bool(simulator["cvode_active"])
    chosen = {own if one is None else bool(one) for one in protocols}
    if len(chosen) > 1:
        raise InputError(
            f"{file}: some protocols run with CVODE and others with a fixed step; a study has one "
            "integrator: give all the same cvode_active"
        )
    if chosen == {True}:
        return {"cvode_atol": left["atol"]}
    if left["secondorder"] not in (0, 2):
        raise InputError(f"{file}: it sets secondorder to {left['secondorder']:g}; 0 or 2 is known")
    return {"dt_ms": float(simulator["dt"]), "order": 2 if left["secondorder"] else 1}


def _done(
    left: Told, integrator: Told, parameters: Parameters, aims: Aims, segments: Told, axon: str
) -> Iterator[str]:
    yield (
        "The file ran in a process of its own, in an empty folder, and the objects of its "
        "evaluator were read. Nothing was simulated."
    )
    if segments["max_length_um"] == _WHOLE_um:
        yield "Every section is one segment (do_set_nseg is off)."
    else:
        yield f"Sections are cut into 1 + 2 int(L / {segments['max_length_um']:g} um) segments."
    if axon == "stub":
        yield "The axon is replaced by BluePyOpt's stub (do_replace_axon)."
    if "dt_ms" in integrator:
        yield f"A fixed step of {integrator['dt_ms']:g} ms, as its simulator has it."
    else:
        yield f"CVODE at NEURON's tolerance, {integrator['cvode_atol']:g}, as its simulator has it."
    for name, unit in (("celsius", "degC"), ("v_init", "mV")):
        if name not in parameters.conditions:
            yield f"No parameter sets {name}: it is {left[name]:g} {unit}, as NEURON had it."
    if renamed := list(parameters.renamed()):
        yield f"Parameters have a study's names here: {', '.join(renamed)}."
    if renamed := list(aims.renamed()):
        more = " and so on" * (len(renamed) > _SHOWN)
        yield f"Objectives have a study's names here: {', '.join(renamed[:_SHOWN])}{more}."


def _unsaid(simulator: Told, sweeps: Sweeps, aims: Aims) -> Iterator[str]:
    for code, names in sweeps.own.items():
        yield (
            f"{code} is code of the file's own and was not read: {', '.join(names)} do here what "
            "BluePyOpt's protocols do with their stimuli and recordings."
        )
    for name in aims.sums:
        yield f"Objective {name} is a weighted sum: its features are objectives here, so weighted."
    if simulator["cvode_minstep_value"]:
        yield f"CVODE's shortest step of {simulator['cvode_minstep_value']:g} ms is not kept."
