"""A perisomatic or all-active Allen model built by hand in NEURON, in a process of its own.

`python plain_allen.py LIBRARY FOLDER KIND AMPLITUDE_nA` reads cell.swc and 123_fit.json by the
rules of AllenSDK and BMTK (Gouwens et al. 2018; Billeh et al. 2020), steps into soma(0.5) from 500
to 1500 ms of 1700 under CVODE at 1e-6, and prints what it is and does as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np
from neuron import h


def main(library, folder, kind, amplitude_nA):
    h.nrn_load_dll(library)
    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    read = h.Import3d_SWC_read()
    read.quiet = 1
    read.input(str(Path(folder) / "cell.swc"))
    h.Import3d_GUI(read, 0).instantiate(None)
    fit = json.loads((Path(folder) / "123_fit.json").read_text())
    axon = [section for section in h.allsec() if section.name().startswith("axon")]
    diameters, x = (axon[0].diam, axon[-1].diam), 1.0
    if kind == "perisomatic":
        diameters, x = (1.0, 1.0), 0.5
    for section in axon:
        h.delete_section(sec=section)
    stub = [h.Section(name=f"axon[{n}]") for n in range(2)]
    for section, diameter in zip(stub, diameters, strict=True):
        section.L, section.diam = 30, diameter
    stub[0].connect(h.soma[0](x))
    stub[1].connect(stub[0](1))
    paint(fit)
    measure(fit["conditions"][0], float(amplitude_nA))


def paint(fit):
    [passive], [conditions] = fit["passive"], fit["conditions"]
    for section in h.allsec():
        section.nseg = 1 + 2 * int(section.L / 40)
        section.Ra = passive["ra"]
        section.insert("pas")
        for segment in section:
            segment.pas.e = passive.get("e_pas", segment.pas.e)
    for part in passive.get("cm", ()):
        for section in of(part["section"]):
            section.cm = part["cm"]
    for gene in fit["genome"]:
        for section in of(gene["section"]):
            if gene["mechanism"]:
                section.insert(gene["mechanism"])
            setattr(section, gene["name"], float(gene["value"]))
    for one in conditions["erev"]:
        for section in of(one["section"]):
            if h.ismembrane("na_ion", sec=section):
                section.ena = one["ena"]
            if h.ismembrane("k_ion", sec=section):
                section.ek = one["ek"]


def of(part):
    return [section for section in h.allsec() if section.name()[:4] == part]


def measure(conditions, amplitude_nA):
    clamp = h.IClamp(h.soma[0](0.5))
    clamp.delay, clamp.dur, clamp.amp = 500, 1000, amplitude_nA
    t, v = h.Vector().record(h._ref_t), h.Vector().record(h.soma[0](0.5)._ref_v)
    h.celsius = conditions["celsius"]
    h.cvode_active(True)
    h.cvode.atol(1e-6)
    h.finitialize(conditions["v_init"])
    while h.t < 1700:
        h.fadvance()
    t, v = np.array(t), np.array(v)
    rise = np.flatnonzero((v[:-1] < -10) & (v[1:] >= -10))
    at = t[rise] + (-10 - v[rise]) * (t[rise + 1] - t[rise]) / (v[rise + 1] - v[rise])
    found = {
        "segments": sum(section.nseg for section in h.allsec()),
        "area_um2": sum(segment.area() for section in h.allsec() for segment in section),
        "spikes_ms": at.tolist(),
        "v_mV": np.interp([499, 1499], t, v).tolist(),
    }
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
