"""A problem as plain tables in BluePyOpt's terms: what `problem.json` holds."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from workbench.cells import CellRecipe, MaximalLength, OnPlaced
from workbench.engines.neuron.synapses import arriving
from workbench.errors import MorphologyError, unknown
from workbench.evaluations import Measure
from workbench.exports.bluepyopt.limits import left_behind
from workbench.exports.bluepyopt.lists import list_of, own_lists
from workbench.exports.bluepyopt.values import Bounds, values_of
from workbench.exports.sections import stock_names
from workbench.fitting import Objective, Problem
from workbench.morphology import (
    REGIONS,
    DistanceSite,
    Morphology,
    Site,
    load_morphology,
    locate,
    replace_axon,
)
from workbench.protocols import Events, Played, Protocol, Recording, Step

STOCKS_SUFFIXES = (".swc", ".asc")

Table = dict[str, Any]


def tables_of(problem: Problem, file: Path | None = None) -> Table:
    """Return a problem that BluePyOpt can express as tables of plain numbers and texts.

    Parameters
    ----------
    file
        The morphology's file for BluePyOpt to read; None lists the sections.

    Raises
    ------
    MorphologyError
        If BluePyOpt would not make the problem's tree from the file.
    """
    recipe = problem.recipe
    bounds: Bounds = {one.name: [one.low, one.high] for one in problem.parameters}
    conditions = {"celsius": recipe.celsius_degC, "v_init": recipe.v_init_mV}
    if problem.integrator.order == 2:
        conditions["secondorder"] = 2
    rule, dt_ms = problem.rule, problem.integrator.dt_ms
    return {
        # It becomes the name of a hoc template: letters, digits and _, and no word of hoc's.
        "name": "Cell_" + re.sub(r"[^A-Za-z0-9]", "_", problem.name),
        "conditions": conditions,
        "dt_ms": dt_ms,
        "mechanisms": [{"suffix": suffix, "region": list_of(r)} for r, suffix in recipe.inserted],
        "free": list(problem.parameter_names),
        "held": list(recipe.held),
        "placed": _placed(recipe),
        **values_of(recipe, bounds),
        "protocols": [_protocol(p.bound(), recipe, dt_ms) for p in problem.protocols],
        "objectives": [_objective(objective, problem) for objective in problem.objectives],
        "score": {"missing": rule.missing, "capped": rule.cap is not None},
        "lists": list(own_lists(recipe)),
        "left_behind": list(left_behind(problem)),
        # Last, since the sections fill pages.
        "morphology": _sections(recipe) if file is None else _file(recipe, file),
    }


def _sections(recipe: CellRecipe) -> Table:
    tree = recipe.morphology
    held = own_lists(recipe)
    tables = []
    each = zip(stock_names(tree), tree.sections, recipe.segment_counts, strict=True)
    for index, (name, shape, count) in enumerate(each):
        array, _, number = name.rstrip("]").partition("[")
        table: Table = {"array": array, "number": int(number), "region": shape.region}
        if lists := [name for name, sections in held.items() if index in sections]:
            table["lists"] = lists
        table |= {"parent": shape.parent, "parent_x": shape.parent_x, "segments": count}
        if shape.is_cylinder:
            table |= {"length_um": shape.length_um, "diameter_um": float(shape.points[0, 3])}
        else:
            table["points"] = shape.points.tolist()
        tables.append(table)
    return {"name": tree.name, "sections": tables}


def _file(recipe: CellRecipe, file: Path) -> Table:
    """Return how BluePyOpt makes the recipe's sections and segments from a file."""
    instead = "leave the file out, and the sections themselves are handed over"
    rule = recipe.segments
    if file.suffix.lower() not in STOCKS_SUFFIXES:
        raise MorphologyError(f"{file}: {unknown('suffix', file.suffix, STOCKS_SUFFIXES)}")
    if not isinstance(rule, MaximalLength) or not rule.odd:
        raise MorphologyError(f"BluePyOpt cuts sections by max_length_um, not {rule}; {instead}")
    if own := own_lists(recipe):
        raise MorphologyError(
            "named regions, single sections and those with an ion are lists of the sections that "
            f"are handed over ({', '.join(own)}); {instead}"
        )
    whole = load_morphology(file)
    if whole.unlike_neuron:
        raise MorphologyError(
            f"NEURON, and so BluePyOpt, makes another cell of {file}: {whole.unlike_neuron[0]}; "
            f"{instead}"
        )
    stubbed = replace_axon(whole, um_per_segment=rule.length_um)
    if recipe.morphology not in (whole, stubbed):
        raise MorphologyError(
            f"from {file} BluePyOpt makes another tree than {recipe.morphology.name}, with its "
            f"axon as it is and with it replaced by BluePyOpt's stub; {instead}"
        )
    return {
        "file": str(file.resolve()),
        "replace_axon": recipe.morphology == stubbed,
        "um_per_segment": rule.length_um,
    }


def _protocol(bound: Protocol, recipe: CellRecipe, dt_ms: float | None) -> Table:
    tree = recipe.morphology
    own = {"celsius": bound.celsius_degC, "v_init": bound.v_init_mV}
    return {
        "name": bound.name,
        "duration_ms": bound.duration_ms,
        "conditions": {name: value for name, value in own.items() if value is not None},
        "pulses": [_pulse(s, tree) for s in bound.stimuli if isinstance(s, Step)],
        "played": [
            _played(s, tree, bound.duration_ms) for s in bound.stimuli if isinstance(s, Played)
        ],
        "events": [_events(train, recipe, bound.duration_ms, dt_ms) for train in bound.events],
        "recordings": [_recording(recording, bound.name, tree) for recording in bound.recordings],
    }


def _events(train: Events, recipe: CellRecipe, until_ms: float, dt_ms: float | None) -> Table:
    """Return when events reach each point, as our engine has them arrive."""
    [placed] = [one for one in recipe.placed if one.name == train.place]
    numbers = range(len(placed.points(recipe.morphology)))
    times = [arriving(train.times_of(number), until_ms, dt_ms).tolist() for number in numbers]
    own = {} if train.weight is None else {"weight": float(train.weight)}
    return {"place": train.place, "times_ms": times, **own}


def _recording(recording: Recording, protocol: str, tree: Morphology) -> Table:
    table: Table = {"name": f"{protocol}.{recording.name}", "variable": recording.variable}
    if isinstance(recording.site, OnPlaced):
        return table | {"place": recording.site.place, "number": recording.site.number or 0}
    return table | {"site": _site(recording.site, tree)}


def _placed(recipe: CellRecipe) -> list[Table]:
    names = stock_names(recipe.morphology)
    return [
        {
            "name": one.name,
            "mechanism": one.mechanism,
            "sites": [
                {"name": f"{one.name}[{n}]", "section": names[index], "x": x}
                for n, (index, x) in enumerate(one.points(recipe.morphology))
            ],
        }
        for one in recipe.placed
    ]


def _pulse(step: Step, tree: Morphology) -> Table:
    assert not isinstance(step.site, str), "a bound protocol names no parameters"
    return {
        "site": _site(step.site, tree),
        "delay_ms": step.delay_ms,
        "duration_ms": step.duration_ms,
        "amplitude_nA": step.amplitude_nA,
    }


def _played(stimulus: Played, tree: Morphology, until_ms: float) -> Table:
    """Return the knots until the end of the run, which BluePyOpt takes from the last of them."""
    assert not isinstance(stimulus.site, str), "a bound protocol names no parameters"
    t_ms, current_nA = stimulus.course(until_ms)
    inside = t_ms < until_ms
    return {
        "site": _site(stimulus.site, tree),
        "t_ms": [*t_ms[inside].tolist(), until_ms],
        "current_nA": [*current_nA[inside].tolist(), float(np.interp(until_ms, t_ms, current_nA))],
    }


def _site(site: Site, tree: Morphology) -> Table:
    """Return a site by BluePyOpt's own rule where that is ours, else by section and place."""
    if isinstance(site, DistanceSite) and site.choose == "last" and site.region in REGIONS:
        return {"name": str(site), "region": site.region, "distance_um": site.distance_um}
    index, x = locate(site, tree)
    return {"name": str(site), "section": stock_names(tree)[index], "x": x}


def _objective(objective: Objective, problem: Problem) -> Table:
    aim = {"mean": objective.mean, "std": objective.std}
    parts = [_feature(part, problem) | aim for part in objective.operands]
    if len(parts) == 1 and not objective.side:
        return {**parts[0], "weight": objective.weight}
    operator = "-" if objective.minus else "/" if objective.over else ""
    table = {"name": objective.name, "operator": operator, "side": objective.side, **aim}
    return {**table, "weight": objective.weight, "features": parts}


def _feature(measure: Measure, problem: Problem) -> Table:
    window = measure.window
    protocol = next(p for p in problem.protocols if p.name == measure.protocol)
    return {
        "name": measure.name,
        "feature": measure.feature,
        "recording": f"{measure.protocol}.{measure.recording}",
        "window_ms": [window.begin_ms, window.end_ms],
        "threshold_mV": window.threshold_mV,
        "settings": dict(window.settings),
        "stimulus_nA": protocol.step_nA(window.begin_ms, window.end_ms),
    }
