"""Print what plain NEURON computes for a soma with a dendrite of given diameters, as JSON.

usage: thin_points_child.py DIAMETERS...

Diameters are comma-separated, 20 um apart. For each list and 1, 3 and 9 segments: the voltage of
the soma and of the dendrite's end after 200 ms of a current into the soma.
"""

import json
import os
import sys

ANSWER = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from neuron import h  # noqa: E402


def voltages_mV(diameters, nseg):
    soma, dendrite = h.Section(name="soma"), h.Section(name="dendrite")
    soma.L = soma.diam = 10
    dendrite.connect(soma(0.5))
    for number, diameter in enumerate(diameters):
        dendrite.pt3dadd(20 * number, 0, 0, diameter)
    dendrite.nseg = nseg
    for section in (soma, dendrite):
        section.insert("pas")
        section.e_pas, section.g_pas = -65, 1e-3
    current = h.IClamp(soma(0.5))
    current.delay, current.dur, current.amp = 0, 1e9, 0.05
    h.finitialize(-65)
    h.continuerun(200)
    return [soma(0.5).v, dendrite(1 - 0.5 / nseg).v]


h.load_file("stdrun.hoc")
given = [[float(x) for x in words.split(",")] for words in sys.argv[1:]]
with ANSWER:
    json.dump([[voltages_mV(one, nseg) for nseg in (1, 3, 9)] for one in given], ANSWER)
