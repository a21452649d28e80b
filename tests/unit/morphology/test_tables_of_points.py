"""A table of sections may give their points, and a cell written so is read as it was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import MorphologyError
from workbench.imports.geometry import section_table
from workbench.morphology import load_morphology, random_tree

ROOT = '[[section]]\nregion = "somatic"\nlength_um = 10\ndiameter_um = 10\n'


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_tree_there_and_back(tmp_path_factory, seed):
    tree = random_tree(seed=seed)
    path = tmp_path_factory.mktemp("table") / "tree.toml"
    path.write_text(section_table(tree))
    again = load_morphology(path)
    assert again == tree
    assert again.names == tree.names


def test_points(tmp_path):
    points = "points = [[0, 0, 0, 2], [3, 4, 0, 1], [3, 4, 12, 1]]"
    (tmp_path / "cell.toml").write_text(
        f'{ROOT}[[section]]\nregion = "basal"\nparent = 0\nparent_x = 0.5\n{points}\n'
    )
    dendrite = load_morphology(tmp_path / "cell.toml").sections[1]
    assert dendrite.length_um == 5 + 12
    assert not dendrite.is_cylinder
    # A frustum of radii 1 and 0.5 and a cylinder, by hand.
    assert dendrite.area_um2 == pytest.approx(np.pi * (1.5 * np.hypot(5, 0.5) + 12))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("points = [[0, 0, 0, 2]]", "two or more"),
        ("points = [[0, 0, 0], [1, 1, 1]]", "two or more"),
        ('points = [[0, 0, 0, "2"], [1, 1, 1, 1]]', "two or more"),
        ("points = [[0, 0, 0, 2], [0, 0, 0, 2]]", "without length"),
        ("points = [[0, 0, 0, 2], [1, 0, 0, 2]]\nlength_um = 3", "points and length_um"),
        ("point = 3", "unknown key 'point'; did you mean 'points'"),
    ],
)
def test_points_that_are_none(tmp_path, row, said):
    (tmp_path / "cell.toml").write_text(f'{ROOT}[[section]]\nregion = "basal"\nparent = 0\n{row}\n')
    with pytest.raises(MorphologyError, match=said):
        load_morphology(tmp_path / "cell.toml")
