"""What is done in a process of its own: NEURON with the mechanisms of the families.

Each function builds its patches, runs them and lets them go; it is called through
`families.neuron_process`. Voltages hold still where a patch carries no current or 1e15 uF/cm2.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.builds import Build
from workbench.engines.neuron.door import open_neuron

Array = NDArray[np.float64]
Values = Mapping[str, float]
HELD_uF_per_cm2 = 1e15


def load(build: Build) -> None:
    """Be the process that has this library, for NEURON and CoreNEURON."""
    os.environ["CORENEURONLIB"] = str(build.coreneuron_library)
    open_neuron(build)


@contextmanager
def _settings(celsius_degC: float, dt_ms: float | None, atol: float = 1e-10) -> Iterator[Any]:
    """NEURON with a temperature and a fixed step, or CVODE without one."""
    h = open_neuron(None)
    cvode = h.CVode()
    h.celsius = celsius_degC
    h.dt = dt_ms or 0.025
    cvode.atol(atol)
    cvode.active(dt_ms is None)
    yield h
    cvode.active(False)
    cvode.atol(1e-3)


def _patch(h: Any, suffixes: Sequence[str], values: Values) -> Any:
    section = h.Section(name="patch")
    section.L = section.diam = 20
    for suffix in suffixes:
        section.insert(suffix)
    for name, value in values.items():
        setattr(section, name, value)
    return section


def gate_steps(
    suffix: str, gate: str, patches: Mapping[str, Array], dt_ms: float, celsius_degC: float
) -> tuple[Array, Array, Array]:
    """Return a gate at the start, and one step after it was set to 0 and to 1.

    `patches` holds a value for each patch of v and of other variables, conductances of 0 among
    them: without current the voltage holds still to the last bit.
    """
    with _settings(celsius_degC, dt_ms) as h:
        rows = [dict(zip(patches, row, strict=True)) for row in zip(*patches.values(), strict=True)]
        sections = [_patch(h, [suffix], row) for row in rows]
        state = f"{gate}_{suffix}"

        def read() -> Array:
            return np.array([getattr(section, state) for section in sections])

        def step_from(value: float) -> Array:
            for section, row in zip(sections, rows, strict=True):
                section.v = row["v"]
            h.finitialize()
            for section in sections:
                setattr(section, state, value)
            h.fadvance()
            for section, row in zip(sections, rows, strict=True):
                moved = {name: getattr(section, name) for name in row}
                if moved != row:
                    raise ValueError(f"{row} became {moved}")
            return read()

        h.finitialize()
        return read(), step_from(0.0), step_from(1.0)


def currents(
    suffix: str,
    values: Values,
    states: Values,
    v_mV: Array,
    read: Sequence[str],
    celsius_degC: float,
) -> Mapping[str, Array]:
    """Return currents at prescribed states, and `moved`, by how much one step moves v.

    The step is 0.1 ms of backward Euler, with a capacitance of 1 uF/cm2.
    """
    with _settings(celsius_degC, 0.1) as h:
        found: dict[str, list[float]] = {name: [] for name in (*read, "moved")}
        section = _patch(h, [suffix], values)
        for v in v_mV.tolist():
            h.finitialize(v)
            for name, value in states.items():
                setattr(section, name, value)
            h.fcurrent()
            for name in read:
                found[name].append(getattr(section, name))
            h.fadvance()
            found["moved"].append(section.v - v)
        return {name: np.array(column) for name, column in found.items()}


def held(
    suffixes: Sequence[str],
    values: Values,
    states: Values,
    watch: Sequence[str],
    times_ms: Array,
    v_mV: float,
    dt_ms: float | None,
    celsius_degC: float = 6.3,
) -> Mapping[str, Array]:
    """Return what `watch` names at some times, at a voltage that nothing moves."""
    with _settings(celsius_degC, dt_ms, atol=1e-12) as h:
        section = _patch(h, suffixes, {**values, "cm": HELD_uF_per_cm2})
        h.finitialize(v_mV)
        for name, value in states.items():
            setattr(section, name, value)
        if dt_ms is None:
            h.CVode().re_init()
        return _read_at(h, section, watch, times_ms, dt_ms)


def _read_at(
    h: Any, where: Any, watch: Sequence[str], times_ms: Array, dt_ms: float | None
) -> Mapping[str, Array]:
    rows = []
    for time in times_ms.tolist():
        _advance(h, time, dt_ms)
        rows.append([getattr(where, name) for name in watch])
    return dict(zip(watch, np.array(rows).T, strict=True))


def _advance(h: Any, time_ms: float, dt_ms: float | None) -> None:
    if dt_ms is None:
        h.CVode().solve(time_ms)
        return
    while h.t < time_ms - dt_ms / 2:
        h.fadvance()
    h.fcurrent()


def synapse_at_voltages(
    name: str, values: Values, states: Values, v_mV: Array, read: Sequence[str]
) -> Mapping[str, Array]:
    """Return currents and conductances of a synapse with prescribed states."""
    with _settings(6.3, 0.025) as h:
        section = _patch(h, [], {})
        synapse = _point(h, name, section, values)
        found: dict[str, list[float]] = {one: [] for one in read}
        for v in v_mV.tolist():
            h.finitialize(v)
            for state, value in states.items():
                setattr(synapse, state, value)
            h.fcurrent()
            for one in read:
                found[one].append(getattr(synapse, one))
        return {one: np.array(column) for one, column in found.items()}


def synapse_after_events(
    name: str,
    values: Values,
    events: Sequence[tuple[float, float]],
    v_mV: float,
    watch: Sequence[str],
    times_ms: Array | None,
    until_ms: float,
    dt_ms: float | None,
) -> Mapping[str, Array]:
    """Return what `watch` names of a synapse on a held patch, after events of (time, weight).

    Without times, the integrator's own time points up to `until_ms` come back, with `t`.
    """
    with _settings(6.3, dt_ms) as h:
        section = _patch(h, [], {"cm": HELD_uF_per_cm2})
        synapse = _point(h, name, section, values)
        connections = [h.NetCon(None, synapse) for _ in events]
        references = {one: getattr(synapse, f"_ref_{one}") for one in watch} | {"t": h._ref_t}
        vectors = {one: h.Vector().record(r) for one, r in references.items()}
        h.finitialize(v_mV)
        for connection, (time, weight) in zip(connections, events, strict=True):
            connection.weight[0] = weight
            connection.event(time)
        if times_ms is None:
            _advance(h, until_ms, dt_ms)
            found: Mapping[str, Array] = {one: np.array(v) for one, v in vectors.items()}
        else:
            found = _read_at(h, synapse, watch, times_ms, dt_ms)
        # In this order: NEURON does not survive a connection that outlives its section.
        del connections, vectors, references, synapse, section
        return found


def potential(
    name: str, values: Values, passive: Values, v_mV: float, times_ms: Array, dt_ms: float | None
) -> Array:
    """Return the voltage of a passive patch with one point process."""
    with _settings(6.3, dt_ms, atol=1e-6) as h:
        section = _patch(h, ["pas"], passive)
        synapse = _point(h, name, section, values)
        h.finitialize(v_mV)
        found = _read_at(h, section, ["v"], times_ms, dt_ms)["v"]
        del synapse, section
        return found


def _point(h: Any, name: str, section: Any, values: Values) -> Any:
    point = getattr(h, name)(section(0.5))
    for parameter, value in values.items():
        setattr(point, parameter, value)
    return point


def both_engines(
    suffixes: Sequence[str],
    values: Values,
    synapses: Mapping[str, tuple[Values, float | None]],
    clamp_nA: float,
    v_mV: float,
    watch: Sequence[str],
    celsius_degC: float,
) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Return 50 ms in NEURON and in CoreNEURON.

    A clamp is on from 5 to 45 ms. A synapse comes with its parameters and, unless it acts by
    itself, with the weight of its events at 5, 12 and 19 ms.
    """
    with _settings(celsius_degC, 0.025) as h:
        section = _patch(h, suffixes, values)
        clamp = h.IClamp(section(0.5))
        clamp.delay, clamp.dur, clamp.amp = 5, 40, clamp_nA
        points = [_point(h, name, section, given) for name, (given, _) in synapses.items()]
        source = h.NetStim()
        source.start, source.number, source.interval, source.noise = 5, 3, 7, 0
        connections = [
            h.NetCon(source, point, 0, 1, weight)
            for point, (_, weight) in zip(points, synapses.values(), strict=True)
            if weight is not None
        ]
        vectors = {one: h.Vector().record(getattr(section(0.5), f"_ref_{one}")) for one in watch}

        from neuron import coreneuron

        ours = _fifty_ms(h, v_mV, vectors)
        with coreneuron(enable=True, verbose=0):
            theirs = _fifty_ms(h, v_mV, vectors)
        del connections, vectors, source, points, clamp, section
        return ours, theirs


def _fifty_ms(h: Any, v_mV: float, vectors: Mapping[str, Any]) -> Mapping[str, Array]:
    h.finitialize(v_mV)
    h.ParallelContext().set_maxstep(10)
    h.ParallelContext().psolve(50)
    return {one: np.array(vector) for one, vector in vectors.items()}
