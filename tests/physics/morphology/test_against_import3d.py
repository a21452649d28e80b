"""The reading of files, compared with NEURON's own Import3d section by section."""

import numpy as np
import pytest

from tests.cells import known_cell
from tests.physics.morphology import synthetic_files as synthetic
from tests.physics.morphology.against_neuron import (
    assert_same_geometry,
    assert_same_tree,
    import3d,
)
from workbench.morphology import load_morphology, replace_axon

REAL = ("C060114A7", "hay_cell1", "halnes_in_091008A2")

OUTLINES = {
    "ellipse": synthetic.ellipse(12, 7),
    "other way round": synthetic.ellipse(12, 7)[::-1],
    "upright": synthetic.ellipse(9, 15, turn=1.4),
    "dented": synthetic.ellipse(14, 8, dent=0.5),
    "triangle": [(0, 0, 1), (20, 2, 1), (6, 11, 1)],
    "tilted": [(x, y, 0.4 * x - 0.1 * y) for x, y, _ in synthetic.ellipse(13, 8)],
}


@pytest.fixture(scope="module", params=REAL)
def real(request):
    path = known_cell(request.param)
    if path.suffix == ".hoc":
        pytest.skip(f"{path}: Import3d reads no hoc; test_hoc.py compares it with NEURON itself")
    return load_morphology(path), import3d(path)[0]


def test_the_interneuron_has_the_points_and_the_area_of_its_archive():
    """Fact sheet of Halnes et al. 2011: 106 sections, 3340 points, 5771.13 um, 9863.57 um2."""
    cell = load_morphology(known_cell("halnes_in_091008A2"))
    assert len(cell.sections) == 106
    assert sum(len(section.points) for section in cell.sections) == 3340
    assert cell.length_um() == pytest.approx(5771.13, abs=0.01)
    assert cell.area_um2() == pytest.approx(9863.57, abs=0.01)


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
        if any("next row belongs elsewhere" in note for note in cell.unlike_neuron):
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
