"""The protocols of a model in hoc: a procedure each."""

import re
from collections.abc import Iterator
from pathlib import Path

from workbench.cells import OnPlaced
from workbench.exports.driving import amounts_of, arrivals, course_file, longest_step_ms
from workbench.exports.hoc.cell import template_of
from workbench.exports.model import Model
from workbench.protocols import EPSP, Events, Played, Protocol, Recording, Stimulus
from workbench.protocols.protocol import OF_STIMULI

CALLS = {"step": "inject", "epsp": "inject_epsp", "voltage_clamp": "inject_voltage"}

EPSP_FILE = "epsp.hoc"
"""Apart, since hoc reads no `new EPSPCurrent` without that mechanism."""


def has_epsp(model: Model) -> bool:
    """Return whether a protocol injects an EPSP."""
    return any(isinstance(each, EPSP) for one in model.protocols for each in one.stimuli)


def procedure_of(protocol: str) -> str:
    """Return the procedure that runs a protocol."""
    return "run_" + re.sub(r"[^A-Za-z0-9]", "_", protocol)


def protocols_text(model: Model, out: Path) -> str:
    """Return `protocols.hoc`; currents that are played are files of the folder."""
    said = [
        f"// The protocols of {model.name}, a procedure each.",
        '{load_file("simulation.hoc")}',
        '{load_file("cell.hoc")}',
    ]
    if has_epsp(model):
        said.insert(2, f'{{load_file("{EPSP_FILE}")}}')
    for one in model.protocols:
        body = "\n".join(f"    {line}" for line in _protocol(model, one, out))
        said.append(f"\nproc {procedure_of(one.name)}() {{\n{body}\n}}")
    return "\n".join(said) + "\n"


def _protocol(model: Model, protocol: Protocol, out: Path) -> Iterator[str]:
    celsius, v_init = model.celsius_degC(protocol), model.v_init_mV(protocol)
    for stimulus in protocol.stimuli:
        yield f"// {stimulus.words(protocol.duration_ms)}"
    yield f"cell = new {template_of(model)}()"
    yield f"begin({protocol.duration_ms!r}, {celsius!r}, {v_init!r})"
    own: dict[tuple[object, str], str] = {}
    for number, stimulus in enumerate(protocol.stimuli):
        yield _stimulus(model, protocol, stimulus, number, out)
        for variable, one in stimulus.recorded.items():
            own[stimulus.site, variable] = f"clamps.o({number}).{one.name}"
    for train in protocol.events:
        yield from _events(model, protocol, train)
    for recording in protocol.recordings:
        if recording.variable in OF_STIMULI:
            yield from _kept(recording, own[recording.site, recording.variable])
        else:
            yield from _kept(recording, _pointer(model, recording))
    yield _run(model, protocol)
    yield f'save("traces/{protocol.name}.csv")'


def _stimulus(model: Model, protocol: Protocol, stimulus: Stimulus, number: int, out: Path) -> str:
    assert not isinstance(stimulus.site, str)
    section, x = model.place(stimulus.site)
    if isinstance(stimulus, Played):
        file = course_file(model, protocol, stimulus, number, out)
        cvode = int(model.integrators[protocol.name].atol is not None)
        return f'cell.{section} inject_played({x!r}, "{file}", {cvode})'
    amounts = ", ".join(map(repr, amounts_of(stimulus).values()))
    return f"cell.{section} {CALLS[stimulus.kind]}({x!r}, {amounts})"


def _events(model: Model, protocol: Protocol, train: Events) -> Iterator[str]:
    for number, weight, times_ms in arrivals(model, protocol, train):
        yield f"deliver(cell.{train.place}.o({number}), {weight!r})"
        yield from (f"at({time_ms!r})" for time_ms in times_ms)


def _kept(recording: Recording, variable: str) -> Iterator[str]:
    yield f'keep("{recording.name}")'
    yield f"vector.record(&{variable})"


def _pointer(model: Model, recording: Recording) -> str:
    if isinstance(recording.site, OnPlaced):
        place, number = recording.site.place, recording.site.number or 0
        return f"cell.{place}.o({number}).{recording.variable}"
    section, x = model.place(recording.site)
    return f"cell.{section}.{recording.variable}({x!r})"


def _run(model: Model, protocol: Protocol) -> str:
    integrator = model.integrators[protocol.name]
    if integrator.atol is None:
        return f"run_fixed({integrator.dt_ms!r}, {integrator.order})"
    return f"run_cvode({integrator.atol!r}, {min(longest_step_ms(protocol), 1e9)!r})"
