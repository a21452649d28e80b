"""What NEURON's own Import3d makes of a file, in a child, and how a cell is compared with it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

DUMP = Path(__file__).parent / "import3d_dump.py"


def import3d(*files, um_per_segment=40, stub=False):
    command = [sys.executable, str(DUMP), str(um_per_segment)]
    command += ["--stub"] * stub + [str(file) for file in files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def without_ring(theirs):
    """Leave out the parent's point where the branch repeats its place with a diameter of its own.

    Import3d keeps both, and a ring of membrane between them; the archive's hoc file, which the
    SWC of the interneuron was made from, has only the branch's own.
    """
    points = np.asarray(theirs["points"])
    if theirs["parent"] in (None, "soma[0]") or len(points) < 3:
        return theirs
    if (points[0, :3] != points[1, :3]).any():
        return theirs
    return {**theirs, "points": points[1:]}


def assert_same_tree(cell, neuron):
    assert set(cell.names) == set(neuron)
    for name, section in zip(cell.names, cell.sections, strict=True):
        theirs = without_ring(neuron[name])
        parent = cell.names[section.parent] if section.parent >= 0 else None
        assert (parent, section.parent_x) == (theirs["parent"], theirs["parent_x"]), name
        assert section.points.shape == np.shape(theirs["points"]), name


def assert_same_geometry(cell, neuron, points_um=0.0, relative=1e-9):
    for name, section in zip(cell.names, cell.sections, strict=True):
        theirs = without_ring(neuron[name])
        np.testing.assert_allclose(section.points, theirs["points"], 0, points_um, err_msg=name)
        assert section.length_um == pytest.approx(theirs["length"], rel=max(relative, 1e-12))
        if theirs is not neuron[name]:
            continue
        nseg = len(theirs["areas"])
        diameters = section.segment_diameters_um(nseg)
        np.testing.assert_allclose(diameters, theirs["diameters"], relative, err_msg=name)
        # Between the ends as NEURON rounds them: they decide whose the ring of a jump is.
        areas = section._areas_between(section._segment_ends(nseg))
        np.testing.assert_allclose(areas, theirs["areas"], relative, err_msg=name)
