"""The small NeuroML cell as a person writes it in NEURON: `python plain_neuroml.py` prints it.

Its geometry, topology, the conductance of its leak, and the voltage of a step of 0.1 nA from 100 ms
on at 0.025 ms, until 150 ms. Numbers are those of the file, typed again, in NEURON's units.
"""

import json
from math import exp

from neuron import h

POINTS = {
    "soma": [(0, 0, 0, 8), (0, 12, 0, 14), (0, 20, 0, 9)],
    "trunk": [(0, 20, 0, 3), (3, 120, 4, 2.5), (3, 120, 4, 2), (3, 300, -20, 1.4)],
    "oblique": [(3, 165, -2, 1.85), (90, 170, -2, 0.7)],
    "dend": [(4, 0, 0, 1.8), (80, -60, 10, 1.1)],
    "axon": [(0, 0, 0, 1), (-5, -90, 0, 0.8)],
}
SEGMENTS = {"soma": 1, "trunk": 9, "oblique": 4, "dend": 3, "axon": 1}
ALONG_um = (100**2 + 3**2 + 4**2) ** 0.5 + (180**2 + 24**2) ** 0.5 / 4
"""Where the oblique branch hangs on the trunk: a quarter of the way along its second piece."""


def build():
    sections = {name: h.Section(name=name) for name in POINTS}
    for name, section in sections.items():
        for point in POINTS[name]:
            section.pt3dadd(*point)
    sections["trunk"].connect(sections["soma"](1))
    sections["oblique"].connect(sections["trunk"](ALONG_um / sections["trunk"].L))
    sections["dend"].connect(sections["soma"](0))
    sections["axon"].connect(sections["soma"](0))
    for name, section in sections.items():
        section.nseg, section.Ra = SEGMENTS[name], 120
        section.cm = 1 if name in ("soma", "axon") else 1.8
    return sections


def leak(sections):
    """The leak of the file: by the path length from the beginning of the soma in the dendrites."""
    h.load_file("subiter.hoc")
    dendrites = h.SectionList()
    for name in ("soma", "trunk", "oblique", "dend"):
        sections[name].insert("pas")
        for segment in sections[name]:
            segment.pas.e, segment.pas.g = -65, 2e-4
        if name != "soma":
            dendrites.append(sec=sections[name])
    metric = h.SubsetDomainIterator(dendrites, 0, 0, 0)
    metric.update()
    paths_um = iter(metric.map)
    for section in dendrites:
        for segment in section:
            p = next(paths_um)
            if section == sections["oblique"]:
                # NEURON counts from the centre of the segment that a branch hangs on.
                p = 20 + ALONG_um + segment.x * section.L
            segment.pas.g = 1e-4 * (0.5 + 2 * (p >= 100) + exp(-p / 150))


def main():
    h.load_file("stdrun.hoc")
    sections = build()
    leak(sections)
    clamp = h.IClamp(sections["soma"](0.5))
    clamp.delay, clamp.dur, clamp.amp = 100, 500, 0.1
    voltages = {name: h.Vector().record(one(0.5)._ref_v) for name, one in sections.items()}
    h.v_init, h.celsius, h.dt, h.steps_per_ms, h.tstop = -68, 6.3, 0.025, 40, 150
    h.run()
    told = {
        name: {
            "length_um": one.L,
            "areas_um2": [segment.area() for segment in one],
            "g_pas": [s.pas.g for s in one] if h.ismembrane("pas", sec=one) else None,
            "from_soma_um": h.distance(sections["soma"](0.5), one(0.5)),
            "v": list(voltages[name]),
        }
        for name, one in sections.items()
    }
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
