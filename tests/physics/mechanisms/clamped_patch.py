"""A child process: one patch of membrane under a current clamp, in NEURON and in CoreNEURON.

`python clamped_patch.py LIBRARY SUFFIX[+SUFFIX...]...` prints, as JSON, the largest difference of
voltage and the range of the voltage for each combination of mechanisms. CoreNEURON ends the
process when it fails, so this is not done in the process of the tests.
"""

import json
import sys

from neuron import coreneuron, h


def traces(core: bool) -> "list[float]":
    coreneuron.enable = core
    coreneuron.verbose = 0
    voltage = h.Vector().record(h.cas()(0.5)._ref_v)
    context = h.ParallelContext()
    h.finitialize(-80)
    context.set_maxstep(10)
    context.psolve(60)
    return list(voltage)


def compare(suffixes: "list[str]") -> "dict[str, float]":
    section = h.Section(name="patch")
    section.L = section.diam = 20
    for suffix in ["pas", *suffixes]:
        section.insert(suffix)
        if suffix in ("pas", "CaDynamics_E2"):
            continue
        setattr(section, f"g{suffix}bar_{suffix}", 2e-4)
    clamp = h.IClamp(section(0.5))
    clamp.delay, clamp.dur, clamp.amp = 5, 30, 0.5
    ours, other = traces(False), traces(True)
    assert len(ours) == len(other) == 2401
    return {
        "difference_mV": max(abs(a - b) for a, b in zip(ours, other, strict=True)),
        "lowest_mV": min(ours),
        "highest_mV": max(ours),
    }


h.nrn_load_dll(sys.argv[1])
h.load_file("stdrun.hoc")
h.celsius = 34
print(json.dumps({names: compare(names.split("+")) for names in sys.argv[2:]}))
