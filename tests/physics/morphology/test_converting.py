"""A cell drawn by hoc code, converted: NEURON's own sections, and nothing differs."""

import json
import subprocess
import sys

import numpy as np
import pytest

from workbench.morphology import compare_morphologies, convert_morphology, load_morphology

CELL = """\
create soma, dend[7], apic[3], axon
proc topol() { local i
  for i = 0, 1 connect dend[i](0), soma(0.5)
  for i = 2, 3 connect dend[i](0), dend[0](1)
  for (i = 4; i < 7; i += 1) connect dend[i](0), dend[3](1)
  connect apic[0](0), soma(1)
  for i = 1, 2 {
    if (i % 2) { connect apic[i](0), apic[i-1](1) } else { connect apic[i](0), apic[0](1) }
  }
  connect axon(0), soma(0)
}
proc line() { local i
  pt3dclear()
  for i = 0, 6 pt3dadd($1 + i*$4, $2 + i*$5, $3 + i*$6, $7 - 0.0625*i)
}
proc shape() { local i
  soma { pt3dclear() pt3dadd(0, 0, 0, 10) pt3dadd(0, 5, 0, 14) pt3dadd(0, 15, 0, 9) }
  for i = 0, 1 dend[i] line(3, 5, 0, 4.5, 1.25 - 2*i, i, 2)
  for i = 2, 3 dend[i] line(30, 12.5, 0, 3, 5*i - 12, 1, 1.5)
  for i = 4, 6 dend[i] line(48, 30.5, 6, 2.5, i - 5, 3, 1)
  apic[0] line(0, 15, 0, 0, 40, 0.5, 4)
  for i = 1, 2 apic[i] line(0, 255, 3, 10*(i - 1.5), 12, 0, 2.5)
  axon line(0, 0, 0, 1, -20, 0, 1)
}
access soma
topol()
shape()
"""

PLAIN_NEURON = """
import json, sys
from neuron import h
h.xopen(sys.argv[1])
json.dump({sec.name(): {
    "points": [[f(i) for f in (sec.x3d, sec.y3d, sec.z3d, sec.diam3d)] for i in range(sec.n3d())],
    "parent": sec.parentseg() and [sec.parentseg().sec.name(), sec.parentseg().x],
} for sec in h.allsec()}, open(sys.argv[2], "w"))
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))


def test_hoc_to_swc_gives_the_sections_of_neuron(tmp_path):
    hoc, swc, out = (tmp_path / name for name in ("cell.hoc", "cell.swc", "found.json"))
    hoc.write_text(CELL)
    assert convert_morphology(hoc, swc, trust_hoc=True) == ()
    command = [sys.executable, "-c", PLAIN_NEURON, str(hoc), str(out)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    theirs = json.loads(out.read_text())
    cell = load_morphology(swc)
    assert len(cell) == len(theirs) == 12
    for name, one in theirs.items():
        index = cell.index(name)
        section = cell.sections[index]
        # On an end of the soma a first row of its own is its first point twice.
        kept = np.any(np.diff(section.points, axis=0) != 0, axis=1)
        points = section.points[np.append(True, kept)]
        np.testing.assert_allclose(points, one["points"], rtol=0, atol=1e-9)
        if one["parent"]:
            parent, x = one["parent"]
            assert (section.parent, section.parent_x) == (cell.index(parent), x)
    lines = swc.read_text().splitlines()
    values = lines[20].split()
    values[5] = str(float(values[5]) + 0.001)
    lines[20] = " ".join(values)
    swc.write_text("\n".join(lines))
    found = compare_morphologies(load_morphology(hoc), load_morphology(swc))
    [one] = [one for one in found if one.what == "diameters"]
    assert len(one.sections) == 1
