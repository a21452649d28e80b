"""Generated cells: against published numbers, closed forms and the definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.morphology import (
    GENERATORS,
    ball_and_stick,
    ball_and_y,
    binary_tree,
    binary_trees,
    chain,
    equivalent_cylinder,
    generate_morphology,
    parse_tree,
    rall_tree,
    random_tree,
    spanning_tree,
    two_compartments,
)


def test_as_many_trees_as_wedderburn_and_etherington_counted():
    counts = [len(binary_trees(tips)) for tips in range(1, 13)]
    assert counts == [1, 1, 1, 2, 3, 6, 11, 23, 46, 98, 207, 451]
    for tree in binary_trees(9):
        assert parse_tree(str(tree)) == tree
        assert (tree.tips, tree.segments) == (9, 17)


# ModelDB 114359, van Elburg & van Ooyen 2010: numbers, strings, and dendritic areas at 1750 um.
@pytest.mark.parametrize(
    ("number", "tree", "area_um2"),
    [
        (1, "8(7(6(5(4(3(2(1,1),1),1),1),1),1),1)", 7202.40),
        (8, "8(7(5(4(2(1,1),2(1,1)),1),2(1,1)),1)", 6636.11),
        (10, "8(7(4(3(2(1,1),1),1),3(2(1,1),1)),1)", 6545.99),
        (12, "8(6(5(4(3(2(1,1),1),1),1),1),2(1,1))", 6670.82),
        (13, "8(6(5(4(2(1,1),2(1,1)),1),1),2(1,1))", 6544.42),
        (23, "8(4(2(1,1),2(1,1)),4(2(1,1),2(1,1)))", 6000.84),
    ],
)
def test_published_trees(number, tree, area_um2):
    cell = binary_tree(number=number, length_um=1750)
    assert str(binary_trees(8)[number - 1]) == tree
    assert cell == binary_tree(tree=tree, length_um=1750)
    assert cell.area_um2("basal") == pytest.approx(area_um2, abs=0.005)
    assert [s.length_um for s in cell.sections[1:]] == pytest.approx([1750 / 15] * 15)
    assert {s.parent_x for s in cell.sections[1:]} == {1.0}


def test_constant_diameters_and_constant_area():
    same = binary_tree(number=5, length_um=1500, diameters="constant", diameter_um=3)
    assert same.area_um2("basal") == pytest.approx(np.pi * 3 * 1500)
    # Option "constant surface": all diameters multiplied by 15 / sum(tips^(2/3)).
    for number in range(1, 24):
        scaled = binary_tree(number=number, length_um=1500, area_um2=np.pi * 0.7 * 1500)
        widths = [s.points[0, 3] for s in scaled.sections[1:]]
        plain = binary_tree(number=number, length_um=1500)
        powers = [s.points[0, 3] / 0.7 for s in plain.sections[1:]]
        assert min(widths) == pytest.approx(0.7 * 15 / sum(powers))


@settings(deadline=None)
@given(st.integers(1, 6), st.floats(0.5, 10), st.floats(10, 500))
def test_a_rall_tree_is_one_cylinder(orders, diameter_um, length_um):
    tree = rall_tree(orders=orders, diameter_um=diameter_um, length_um=length_um)
    assert len(tree.indices("basal")) == 2 ** (orders + 1) - 1
    one = equivalent_cylinder(tree)
    # As long in space constants: (orders + 1) stems. As large: l d^(-1/2) adds up, d^(3/2) is kept.
    assert one.length_um("basal") == pytest.approx((orders + 1) * length_um)
    assert one.area_um2("basal") == pytest.approx(tree.area_um2("basal"), rel=1e-6)


def test_a_rall_tree_without_a_soma_begins_with_its_stem():
    whole = rall_tree(orders=2, diameter_um=4, length_um=100)
    bare = rall_tree(orders=2, diameter_um=4, length_um=100, soma_um=0)
    assert [one.region for one in bare.sections] == ["somatic", *["basal"] * 6]
    assert [one.parent for one in bare.sections] == [-1, 0, 0, 1, 1, 2, 2]
    assert bare.area_um2() == pytest.approx(whole.area_um2("basal"))


def test_what_is_no_cylinder_is_named():
    with pytest.raises(InputError, match=r"dend\[0\] does not fork by the 3/2 power"):
        equivalent_cylinder(
            ball_and_y(soma_um=20, length_um=100, diameter_um=2, branch_um=50, power=2)
        )
    with pytest.raises(InputError, match=r"dend\[\d+\] ends elsewhere than dend"):
        equivalent_cylinder(binary_tree(number=1, length_um=1000))


@given(st.floats(100, 1e5), st.floats(0.05, 0.95), st.floats(1e-3, 1), st.floats(30, 300))
def test_two_compartments_have_their_area_share_and_coupling(area, share, coupling, Ra):
    cell = two_compartments(area_um2=area, share=share, coupling_uS=coupling, Ra_ohm_cm=Ra)
    assert cell.area_um2() == pytest.approx(area)
    assert cell.area_um2("somatic") == pytest.approx(share * area)
    halves = [
        0.01 * Ra * (s.length_um / 2) / (np.pi / 4 * s.points[0, 3] ** 2) for s in cell.sections
    ]
    assert 1 / sum(halves) == pytest.approx(coupling)


def test_sticks_and_chains():
    stick = ball_and_stick(soma_um=20, length_um=200, diameter_um=2)
    assert stick.area_um2() == pytest.approx(np.pi * (20 * 20 + 200 * 2))
    assert [s.parent for s in chain(count=4, length_um=10, diameter_um=1).sections] == [-1, 0, 1, 2]


def test_random_trees_fork_into_two_by_the_power():
    for seed in range(30):
        tree = random_tree(seed=seed, power=2)
        assert tree == random_tree(seed=seed, power=2)
        for index in range(1, len(tree)):
            widths = [tree.sections[child].points[0, 3] for child in tree.children[index]]
            assert len(widths) in (0, 2)
            if widths:
                expected = tree.sections[index].points[0, 3] ** 2
                assert sum(np.square(widths)) == pytest.approx(expected, rel=1e-5)
    assert random_tree(seed=1) != random_tree(seed=2)


def nodes_of(cell):
    return np.unique(np.vstack([s.points[1:, :3] for s in cell.sections[1:]]), axis=0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_without_balancing_it_is_the_minimal_spanning_tree(seed, count):
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial.distance import cdist

    points = np.random.default_rng(seed).normal(scale=50, size=(count, 3))
    points = points.astype(np.float32).astype(float)
    cell = spanning_tree(points, 0.0, most_daughters=100)
    assert (nodes_of(cell) == np.unique(points, axis=0)).all()
    every = np.vstack([np.zeros(3), points])
    least = minimum_spanning_tree(cdist(every, every)).sum()
    assert cell.length_um("basal") == pytest.approx(least, rel=1e-5)


def test_balancing_shortens_ways_and_costs_wire():
    points = np.random.default_rng(1).normal(scale=100, size=(200, 3))
    cells = [spanning_tree(points, balancing) for balancing in (0, 0.3, 0.9)]
    wire = [cell.length_um("basal") for cell in cells]
    ways = [np.mean([cell.path_distance_um(i, 1.0) for i in range(1, len(cell))]) for cell in cells]
    assert wire == sorted(wire)
    assert ways == sorted(ways, reverse=True)
    assert max(len(cell.children[i]) for cell in cells for i in range(1, len(cell))) == 2


TEXTS = [
    "ball-and-stick soma_um=20,length_um=200,diameter_um=2",
    "ball-and-y soma_um=20,length_um=200,diameter_um=2,branch_um=50",
    "chain count=5,length_um=10,diameter_um=3",
    "two-compartments area_um2=6000,share=0.4,coupling_uS=0.02",
    "rall-tree orders=3,diameter_um=4,length_um=100",
    "binary-tree number=3,length_um=1000",
    "binary-tree tree=3(2(1;1);1),length_um=1000,area_um2=2000",
    "random-tree seed=3,stems=2",
    "spanning seed=2,count=50",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_cell_says_what_makes_it_again(text):
    cell = generate_morphology(text)
    assert generate_morphology(cell.source) == cell
    assert all(one.meaning for one in GENERATORS[text.partition(" ")[0]].arguments)


def test_every_generator_has_a_text():
    assert {text.partition(" ")[0] for text in TEXTS} == set(GENERATORS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("random-tre seed=1", "unknown generator 'random-tre'; did you mean 'random-tree'"),
        ("binary-tree number=24,length_um=1", "number is 24: the trees with 8 tips are numbered 1"),
        ("binary-tree tips=17,length_um=1", "17 tips: trees are listed for 1 to 16"),
        ("binary-tree tree=3(1;1),length_um=1", "is no tree; write tips"),
        ("two-compartments area_um2=1,share=1,coupling_uS=1", "share is 1: a number between 0 and"),
        ("ball-and-stick soma_um=20,length_um=0,diameter_um=2", "both are > 0"),
        ("random-tree seed=-1", "seed is -1, it must lie between"),
    ],
)
def test_mistakes_are_told(text, message):
    with pytest.raises(InputError, match=message):
        generate_morphology(text)
