"""Print what NEURON's Import3d makes of morphology files, as JSON. Runs in a process of its own.

usage: import3d_dump.py UM_PER_SEGMENT [--stub] FILE...

With --stub the axons are replaced by BluePyOpt.
"""

import json
import os
import sys

# NEURON and hoc write what they have to say to the file descriptor, from the import on: here that
# is stderr, and stdout is for the answer alone.
ANSWER = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from neuron import h  # noqa: E402

TEMPLATE = """
begintemplate %(name)s
public init, soma, axon, dend, apic, all, somatic, axonal, basal, apical
objref all, somatic, axonal, basal, apical, this
proc init() {
    all = new SectionList() somatic = new SectionList() axonal = new SectionList()
    basal = new SectionList() apical = new SectionList()
}
create soma[1], axon[1], dend[1], apic[1]
endtemplate %(name)s
"""


def dump(path, number, um_per_segment, stub):
    h(TEMPLATE % {"name": f"Cell{number}"})
    cell = getattr(h, f"Cell{number}")()
    swc = path.lower().endswith(".swc")
    reader = h.Import3d_SWC_read() if swc else h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(path)
    h.Import3d_GUI(reader, 0).instantiate(cell)
    for section in cell.all:
        section.nseg = 1 + 2 * int(section.L / um_per_segment)
    if stub:
        replace_axon(cell)
    # The template brings one section of each kind, without points where the file has none.
    mine = [section for section in cell.all if section.n3d() or stub]
    h.distance(0, cell.soma[0](0.5))
    return {name(section): describe(section) for section in mine}


def replace_axon(cell):
    from types import SimpleNamespace

    from bluepyopt.ephys.morphologies import NrnFileMorphology

    simulator = SimpleNamespace(neuron=SimpleNamespace(h=h))
    NrnFileMorphology.replace_axon(sim=simulator, icell=cell)


def describe(section):
    parent = section.parentseg()
    return {
        "parent": name(parent.sec) if parent else None,
        "parent_x": parent.x if parent else 0.0,
        "length": section.L,
        "ends": [h.distance(section(0)), h.distance(section(1))],
        "points": [
            [section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i)]
            for i in range(section.n3d())
        ],
        "diameters": [segment.diam for segment in section],
        "areas": [segment.area() for segment in section],
    }


def name(section):
    return section.name().split(".")[-1]


if __name__ == "__main__":
    um_per_segment, *files = sys.argv[1:]
    stub = "--stub" in files
    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    found = [
        dump(file, number, float(um_per_segment), stub)
        for number, file in enumerate(file for file in files if file != "--stub")
    ]
    with ANSWER:
        json.dump(found, ANSWER)
