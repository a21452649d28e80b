"""SWC and ASC files as other programs write them, compared with NEURON's Import3d.

Import3d refuses or misreads some: those are compared with the same cell written as it wants it,
by the tests themselves.
"""

import numpy as np
import pytest

from tests.physics.morphology import synthetic_files as synthetic
from tests.physics.morphology.against_neuron import (
    assert_same_geometry,
    assert_same_tree,
    import3d,
)
from workbench.morphology import load_morphology

SEEDS = range(40)


def written(tmp_path, name, texts, suffix=".swc"):
    files = [tmp_path / f"{name}{number}{suffix}" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return files


def assert_same(cell, neuron):
    assert_same_tree(cell, neuron)
    assert_same_geometry(cell, neuron)


def rows_of(text):
    return [line.split() for line in text.splitlines()]


def text_of(rows):
    return "".join(" ".join(map(str, row)) + "\n" for row in rows)


def renumbered(text, seed):
    """Return the file with other numbers, and the same in the order of its tree."""
    rows = rows_of(text)
    numbers = (np.random.default_rng(seed).permutation(len(rows)) * 3 + 7).tolist()
    new = {row[0]: str(number) for row, number in zip(rows, numbers, strict=True)} | {"-1": "-1"}
    rows = [[new[row[0]], *row[1:6], new[row[6]]] for row in rows]
    children = {}
    for row in sorted(rows, key=lambda row: int(row[0])):
        children.setdefault(row[6], []).append(row)
    walked, waiting = [], list(children["-1"])
    while waiting:
        walked.append(waiting.pop(0))
        waiting = children.get(walked[-1][0], []) + waiting
    place = {row[0]: str(i + 1) for i, row in enumerate(walked)} | {"-1": "-1"}
    in_order = [[place[row[0]], *row[1:6], place[row[6]]] for row in walked]
    return text_of(rows), text_of(in_order)


def test_parents_that_come_later(tmp_path):
    pairs = [renumbered(synthetic.swc_text(seed), seed) for seed in SEEDS]
    neurons = import3d(*written(tmp_path, "ordered", [ordered for _, ordered in pairs]))
    files, compared = written(tmp_path, "shuffled", [text for text, _ in pairs]), 0
    for file, neuron in zip(files, neurons, strict=True):
        cell = load_morphology(file)
        assert "points stand before their parents" in cell.unlike_neuron[0]
        if not any("joins" in n or "of a sphere" in n for n in cell.unlike_neuron):
            assert_same(cell, neuron)
            compared += 1
    assert compared > len(SEEDS) / 2


def test_cells_without_a_soma(tmp_path):
    files = written(tmp_path, "bare", [synthetic.bare_text(seed) for seed in SEEDS])
    for file, neuron in zip(files, import3d(*files), strict=True):
        cell = load_morphology(file)
        assert any("no soma" in note for note in cell.notes)
        assert_same(cell, neuron)


def test_trees_without_a_parent(tmp_path):
    """NEURON hangs them on the middle of the soma; none of one point, of which it makes two."""
    files = written(tmp_path, "stray", [synthetic.stray_text(seed) for seed in SEEDS])
    for file, neuron in zip(files, import3d(*files), strict=True):
        cell = load_morphology(file)
        assert any("trees without a parent" in note for note in cell.notes)
        assert_same(cell, neuron)


def test_a_cell_is_neurons_point_by_point_unless_it_is_said_to_be_another(tmp_path):
    texts = [
        text
        for seed in SEEDS
        for text in (
            synthetic.swc_text(seed),
            synthetic.swc_text(seed, interleaved=True),
            synthetic.bare_text(seed),
            synthetic.stray_text(seed),
        )
    ]
    files, alike = written(tmp_path, "any", texts), 0
    for file, neuron in zip(files, import3d(*files), strict=True):
        cell = load_morphology(file)
        if cell.unlike_neuron:
            continue
        alike += 1
        assert set(cell.names) == set(neuron)
        for name, section in zip(cell.names, cell.sections, strict=True):
            np.testing.assert_array_equal(section.points, neuron[name]["points"], name)
            assert section.length_um == neuron[name]["length"]
    assert len(texts) / 2 < alike < len(texts)


def test_three_points_that_stand_apart_are_the_sphere_that_neuron_makes_of_them_together(tmp_path):
    texts = []
    for seed in range(200):
        rows = rows_of(synthetic.swc_text(seed))
        if [row[1] for row in rows[:4]].count("1") == 3 and rows[2][6] == "1":
            texts.append(rows)
    assert len(texts) > 10
    neurons = import3d(*written(tmp_path, "together", [text_of(rows) for rows in texts]))
    for number, (rows, neuron) in enumerate(zip(texts, neurons, strict=True)):
        order = [0, *range(3, len(rows)), 1, 2]
        new = {rows[old][0]: str(i + 1) for i, old in enumerate(order)} | {"-1": "-1"}
        apart = [[new[rows[i][0]], *rows[i][1:6], new[rows[i][6]]] for i in order]
        [file] = written(tmp_path, f"apart{number}_", [text_of(apart)])
        cell = load_morphology(file)
        assert "the centre and the sides of a sphere" in cell.unlike_neuron[0]
        assert_same(cell, neuron)


@pytest.mark.parametrize("seed", range(6))
def test_a_stack_of_outlines_is_the_soma_of_neuron(seed, tmp_path):
    [file] = written(tmp_path, "stack", [synthetic.stack_text(seed)], ".asc")
    [neuron] = import3d(file)
    cell = load_morphology(file)
    assert len(cell.sections[0].points) > 1
    assert_same_tree(cell, neuron)
    assert_same_geometry(cell, neuron, points_um=2e-6, relative=1e-6)


def test_nanometres_are_what_neuron_reads_in_um(tmp_path):
    rows = [rows_of(synthetic.swc_text(seed)) for seed in range(10)]
    um = written(tmp_path, "um", [text_of(one) for one in rows])
    in_nm = [
        [[*row[:2], *(f"{float(x) * 1000:.1f}" for x in row[2:6]), row[6]] for row in one]
        for one in rows
    ]
    nm = written(tmp_path, "nm", [text_of(one) for one in in_nm])
    for file, neuron in zip(nm, import3d(*um), strict=True):
        cell = load_morphology(file, unit="nm")
        assert_same_tree(cell, neuron)
        assert_same_geometry(cell, neuron, points_um=1e-5, relative=1e-5)
