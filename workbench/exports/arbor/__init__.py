"""A model as a cable cell of Arbor's (ACC), on the mechanisms that come with Arbor."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from workbench.exports.arbor.component import CATALOGUES, components, parameters_of
from workbench.exports.arbor.pieces import Pieces, pieces_of
from workbench.exports.arbor.shapes import other_shapes
from workbench.exports.model import Model
from workbench.exports.obstacles import of_cell
from workbench.mechanisms import combine
from workbench.morphology import Site, locate
from workbench.protocols import EPSP, Played, Protocol, Step, Stimulus

__all__ = ["of_arbor", "other_shapes", "write_arbor"]


def write_arbor(model: Model, out: Path) -> None:
    """Write a model as components of ACC, its protocols, and a script that runs them."""
    pieces = pieces_of(model)
    for name, text in components(model, pieces).items():
        (out / f"{name}.acc").write_text(text, encoding="utf-8")
    protocols = {one.name: _protocol(model, pieces, one) for one in model.protocols}
    (out / "protocols.json").write_text(json.dumps(protocols, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("run_arbor.py"), out / "run_arbor.py")


def of_arbor(model: Model) -> Iterator[str]:
    """Yield what Arbor cannot say of a model, or has no mechanism for."""
    yield from of_cell(model)
    recipe = model.recipe
    if foreign := sorted({suffix for _, suffix in recipe.inserted} - {*CATALOGUES}):
        yield f"mechanisms {', '.join(foreign)}: Arbor comes with {', '.join(CATALOGUES)}"
    pool = combine(recipe.mechanisms)
    for suffix in sorted({suffix for _, suffix in recipe.inserted} & {*CATALOGUES}):
        own = {name.removesuffix(f"_{suffix}") for name in pool[suffix].parameters}
        if lacking := [name for name in parameters_of(suffix) if name not in own]:
            yield f"mechanism {suffix}: it is another than Arbor's, without {', '.join(lacking)}"
    for one in model.painted:
        for suffix in CATALOGUES:
            name = one.variable.removesuffix(f"_{suffix}")
            if name != one.variable and name not in parameters_of(suffix):
                yield f"{one.name}: {suffix} of Arbor has no parameter {name}"
    if recipe.placed:
        yield f"placed {', '.join(one.name for one in recipe.placed)}: they are not written"
    for reversal in recipe.held:
        yield f"{reversal} is held where NEURON would compute it: Arbor has one way for the cell"
    for protocol in model.protocols:
        for stimulus in protocol.stimuli:
            if not isinstance(stimulus, Step | EPSP | Played):
                yield f"protocol {protocol.name}: {stimulus.kind}: currents alone are written"
        if model.integrators[protocol.name].order == 2:
            yield f"protocol {protocol.name}: steps of second order: Arbor has the first alone"
        for recording in protocol.recordings:
            if recording.variable != "v":
                yield f"protocol {protocol.name}: {recording.name}: voltages alone are recorded"


def _protocol(model: Model, pieces: Pieces, protocol: Protocol) -> dict[str, Any]:
    dt_ms = model.integrators[protocol.name].dt_ms
    assert dt_ms is not None
    currents = []
    for stimulus in protocol.stimuli:
        assert not isinstance(stimulus.site, str)
        where = _location(model, pieces, stimulus.site)
        course = _course(stimulus, protocol.duration_ms, dt_ms)
        currents.append({"kind": stimulus.kind, "where": where, "ms_nA": course})
    recordings = {}
    for one in protocol.recordings:
        assert isinstance(one.site, Site)
        recordings[one.name] = _location(model, pieces, one.site)
    return {
        "duration_ms": protocol.duration_ms,
        "dt_ms": dt_ms,
        "celsius_degC": model.celsius_degC(protocol),
        "v_init_mV": model.v_init_mV(protocol),
        "currents": currents,
        "recordings": recordings,
    }


def _course(stimulus: Stimulus, until_ms: float, dt_ms: float) -> list[list[float]]:
    """Return the knots of a current that goes in straight lines between them."""
    begin_ms, end_ms = stimulus.window_ms(until_ms)
    if isinstance(stimulus, Step):
        nA = float(stimulus.amplitude_nA)
        return [[begin_ms, 0.0], [begin_ms, nA], [end_ms, nA], [end_ms, 0.0]]
    if isinstance(stimulus, Played):
        t_ms, current_nA = stimulus.course(until_ms + dt_ms)
    else:
        t_ms = np.arange(begin_ms, until_ms + dt_ms, dt_ms)
        found = stimulus.current_nA(t_ms)
        assert found is not None
        current_nA = found
    return [[at, nA] for at, nA in zip(t_ms.tolist(), current_nA.tolist(), strict=True)]


def _location(model: Model, pieces: Pieces, site: Site) -> str:
    """Return the middle of the segment in which NEURON has a site."""
    section, x = locate(site, model.recipe.morphology)
    count = model.recipe.segment_counts[section]
    return f"(distal (segment {pieces.middle[section, min(int(x * count), count - 1)]}))"
