"""The reading of files, compared with NEURON's own Import3d section by section."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cells import known_cell
from workbench.morphology import load_morphology, replace_axon

HERE = Path(__file__).parent
REAL = ("C060114A7", "hay_cell1", "halnes_in_091008A2")

_spec = importlib.util.spec_from_file_location("synthetic_files", HERE / "synthetic_files.py")
synthetic = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic)

OUTLINES = {
    "ellipse": synthetic.ellipse(12, 7),
    "other way round": synthetic.ellipse(12, 7)[::-1],
    "upright": synthetic.ellipse(9, 15, turn=1.4),
    "dented": synthetic.ellipse(14, 8, dent=0.5),
    "triangle": [(0, 0, 1), (20, 2, 1), (6, 11, 1)],
    "tilted": [(x, y, 0.4 * x - 0.1 * y) for x, y, _ in synthetic.ellipse(13, 8)],
}


def import3d(*files, um_per_segment=40, stub=False):
    command = [sys.executable, str(HERE / "import3d_dump.py"), str(um_per_segment)]
    command += ["--stub"] * stub + [str(file) for file in files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=REAL)
def real(request):
    path = known_cell(request.param)
    if path.suffix == ".hoc":
        pytest.skip(f"{path}: Import3d reads no hoc; test_hoc.py compares it with NEURON itself")
    return load_morphology(path), import3d(path)[0]


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


def test_the_interneuron_has_the_points_and_the_area_of_its_archive():
    """Fact sheet of Halnes et al. 2011: 106 sections, 3340 points, 5771.13 um, 9863.57 um2."""
    cell = load_morphology(known_cell("halnes_in_091008A2"))
    assert len(cell.sections) == 106
    assert sum(len(section.points) for section in cell.sections) == 3340
    assert cell.length_um() == pytest.approx(5771.13, abs=0.01)
    assert cell.area_um2() == pytest.approx(9863.57, abs=0.01)


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


def test_real_cells_have_the_sections_of_neuron(real):
    cell, neuron = real
    assert_same_tree(cell, neuron)
    in_order = [cell.names[i] for r in ("somatic", "axonal", "basal", "apical") for i in
                cell.indices(r)]  # fmt: skip
    assert in_order == list(neuron)


def test_real_cells_have_the_geometry_of_neuron(real):
    cell, neuron = real
    assert_same_geometry(cell, neuron)


def test_lengths_of_real_cells_are_bitwise_those_of_neuron(real):
    cell, neuron = real
    assert [s.length_um for s in cell.sections] == [neuron[n]["length"] for n in cell.names]


def test_path_distances_of_real_cells(real):
    cell, neuron = real
    ours = [cell.path_distance_um(name, (0, 1)) for name in cell.names]
    np.testing.assert_allclose(ours, [neuron[name]["ends"] for name in cell.names], atol=1e-9)


@pytest.mark.parametrize("name", ["C060114A7", "hay_cell1"])
def test_stub_has_the_diameters_that_bluepyopt_gives_it(name):
    path = known_cell(name)
    neuron = import3d(path, stub=True)[0]
    cell = replace_axon(load_morphology(path))
    assert set(cell.names) == set(neuron)
    for axon in ("axon[0]", "axon[1]"):
        section = cell.sections[cell.index(axon)]
        assert section.is_cylinder
        assert section.points[0, 3] == pytest.approx(neuron[axon]["diameters"][0], rel=1e-12)
        assert section.length_um == neuron[axon]["length"] == 30.0
        assert section.parent_x == neuron[axon]["parent_x"]
        assert cell.names[section.parent] == neuron[axon]["parent"]
        assert cell.path_distance_um(axon, (0, 1)) == pytest.approx(neuron[axon]["ends"])


def test_random_swc_files_give_the_sections_of_neuron(tmp_path):
    files = [tmp_path / f"{seed}.swc" for seed in range(60)]
    for seed, file in enumerate(files):
        file.write_text(synthetic.swc_text(seed))
    for file, neuron in zip(files, import3d(*files, um_per_segment=3), strict=True):
        cell = load_morphology(file)
        assert_same_tree(cell, neuron)
        assert_same_geometry(cell, neuron)


def test_swc_rows_out_of_order_are_neurons_too_or_noted(tmp_path):
    """Where a dendrite's first row is followed by another branch's, Import3d joins the two."""
    files = [tmp_path / f"{seed}.swc" for seed in range(60)]
    for seed, file in enumerate(files):
        file.write_text(synthetic.swc_text(seed, interleaved=True))
    noted = 0
    for file, neuron in zip(files, import3d(*files), strict=True):
        cell = load_morphology(file)
        if any("next row belongs elsewhere" in note for note in cell.notes):
            noted += 1
        else:
            assert_same_tree(cell, neuron)
            assert_same_geometry(cell, neuron)
    assert 0 < noted < 60


@pytest.mark.parametrize("name", OUTLINES)
def test_outlines_become_the_soma_of_neuron(name, tmp_path):
    file = tmp_path / "cell.asc"
    file.write_text(synthetic.asc_text(OUTLINES[name], ("basal", "apical", "axonal", "basal")))
    neuron = import3d(file, um_per_segment=3)[0]
    cell = load_morphology(file)
    assert_same_tree(cell, neuron)
    # Principal axes come from other linear algebra than NEURON's: the last single digit may move.
    assert_same_geometry(cell, neuron, points_um=2e-6, relative=1e-6)
