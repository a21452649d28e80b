"""A hoc file as NEURON runs it: `python plain_hoc.py LIBRARY FILE` prints the voltage of the soma.

Until `tstop` of the file with a fixed step of 0.025 ms, from `v_init`, at `celsius` of the file.
"""

import json
import sys

from neuron import h


def main(library, file):
    h.nrn_load_dll(library)
    h.load_file("stdrun.hoc")
    h.xopen(file)
    v = h.Vector().record(h.soma(0.5)._ref_v)
    h.dt, h.steps_per_ms = 0.025, 40
    h.run()
    print("\n" + json.dumps(list(v)))


if __name__ == "__main__":
    main(*sys.argv[1:])
