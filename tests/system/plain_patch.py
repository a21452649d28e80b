"""A patch of squid axon in plain NEURON, and what a spike train of it is: run in a child process.

Nothing of the workbench is imported. Reads conductances (S/cm2) as a JSON list of
[gnabar, gkbar, gl], writes a list of {feature: mean of its values, or null}.
"""

import json
import sys

import numpy as np
from neuron import h

h.load_file("stdrun.hoc")


def simulate(conductances, delay_ms, width_ms, amplitude_nA, until_ms):
    """Return times (ms) and voltages (mV): one cylinder of 1e4 um2, CVODE at 1e-8."""
    gnabar, gkbar, gl = conductances
    patch = h.Section(name="patch")
    patch.L = patch.diam = float(np.sqrt(1e4 / np.pi))
    patch.nseg, patch.cm, patch.Ra = 3, 1, 35.4
    patch.insert("hh")
    patch.ena, patch.ek = 50, -77
    for segment in patch:
        segment.hh.gnabar, segment.hh.gkbar = gnabar, gkbar
        segment.hh.gl, segment.hh.el = gl, -54.3
    clamp = h.IClamp(patch(0.5))
    clamp.delay, clamp.dur, clamp.amp = delay_ms, width_ms, amplitude_nA
    t = h.Vector().record(h._ref_t)
    v = h.Vector().record(patch(0.5)._ref_v)
    h.celsius = 6.3
    h.cvode_active(True)
    h.cvode.atol(1e-8)
    h.finitialize(-65)
    while h.t < until_ms:
        h.fadvance()
    return np.array(t), np.array(v)


def features(conductances):
    """Return what targets.toml of hodgkin_huxley names, computed by hand."""
    t, v = simulate(conductances, 10, 100, 1.0, 120)
    rise = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
    at = t[rise] - v[rise] * (t[rise + 1] - t[rise]) / (v[rise + 1] - v[rise])
    at = at[(at >= 10) & (at <= 110)]
    intervals = np.diff(at)
    pulse_t, pulse_v = simulate(conductances, 10, 0.5, 10, 40)
    inside = pulse_v[(pulse_t >= 10) & (pulse_t <= 40)]
    return {
        "step.soma.spike_count": float(at.size),
        "step.soma.spike_intervals": float(intervals.mean()) if intervals.size else None,
        "pulse.soma.maximum": float(inside.max()),
        "pulse.soma.minimum": float(inside.min()),
    }


if __name__ == "__main__":
    json.dump([features(one) for one in json.load(sys.stdin)], sys.stdout)
