"""The cell of `netpyne_rules.py` written by hand in NEURON, in a process of its own.

`python plain_netpyne.py AMPLITUDE_nA` steps into soma(0.5) from 100 to 600 ms of 700 with steps of
0.025 ms at 20 degrees from -66 mV; it prints the voltage there and what its sections are as JSON.
"""

import json
import sys

from neuron import h


def main(amplitude_nA):
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    near, far = h.Section(name="apic_0"), h.Section(name="apic_1")
    near.connect(soma(0.5), 0)
    far.connect(near(1), 1)
    dend.connect(soma(1), 0)
    soma.L = soma.diam = 18.8
    dend.L, dend.diam, dend.nseg, dend.cm = 200, 1.5, 5, 1.5
    near.nseg = far.nseg = 3
    for points, section in (
        ([(0, 20, 0, 3), (0, 60, 5, 2.2), (10, 120.5, 5, 1)], near),
        ([(10, 220.5, 5, 0.7), (10, 120.5, 5, 0.9)], far),
    ):
        for point in points:
            h.pt3dadd(*point, sec=section)
    soma.Ra, near.Ra, dend.Ra = 123, 90, 150
    for section, g, e in ((near, 3e-5, -68), (far, 0, -68), (dend, 2e-4, -70)):
        section.insert("pas")
        section.g_pas, section.e_pas = g, e
    for section in (soma, far):
        section.insert("hh")
    soma.gl_hh, soma.el_hh, soma.ena = 0.003, -70, 55
    for segment, g, gnabar in zip(far, (1e-5, 5e-5, 2e-4), (0, 0.05, 0.12), strict=True):
        segment.g_pas, segment.gnabar_hh = g, gnabar
    print("\n" + json.dumps({"v_mV": run(soma, amplitude_nA), **told([soma, near, far, dend])}))


def run(soma, amplitude_nA):
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 100, 500, amplitude_nA
    v = h.Vector().record(soma(0.5)._ref_v)
    h.celsius, h.dt = 20, 0.025
    h.finitialize(-66)
    for _ in range(28000):
        h.fadvance()
    return list(v)


def told(sections):
    return {
        "length_um": [section.L for section in sections],
        "area_um2": [sum(segment.area() for segment in section) for section in sections],
    }


if __name__ == "__main__":
    main(float(sys.argv[1]))
