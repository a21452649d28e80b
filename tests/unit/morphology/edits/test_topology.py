"""What edits of the tree promise: the same sections, elsewhere."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.seeded import shapes
from workbench.errors import MorphologyError
from workbench.morphology import (
    Cylinder,
    cylinder_tree,
    edit_morphology,
    graft,
    merge_only_children,
    reassemble,
    split,
    swap_subtrees,
)
from workbench.morphology.edits.trees import place_um


def sizes(cell):
    return Counter((s.region, round(s.length_um, 2), round(s.area_um2, 1)) for s in cell.sections)


@settings(deadline=None)
@given(shapes(), st.floats(0.1, 0.9), st.data())
def test_split_and_merged_is_as_before(cell, x, data):
    ends = [i for i in range(1, len(cell)) if not cell.children[i]]
    index = data.draw(st.sampled_from(ends))
    both = split(cell, section=cell.names[index], x=x)
    assert len(both) == len(cell) + 1
    near, far = both.sections[index : index + 2]
    whole = cell.sections[index]
    assert near.length_um == pytest.approx(x * whole.length_um, rel=1e-4)
    assert near.length_um + far.length_um == pytest.approx(whole.length_um, rel=1e-5)
    assert near.area_um2 + far.area_um2 == pytest.approx(whole.area_um2, rel=1e-4)
    back = merge_only_children(both, region=both.names[index])
    assert [s.parent for s in back.sections] == [s.parent for s in cell.sections]
    assert [s.length_um for s in back.sections] == pytest.approx(
        [s.length_um for s in cell.sections], rel=1e-5
    )


def test_places_before_and_behind_a_split(cell):
    both = split(cell, section="apic[0]", x=0.5)  # apic[2] hung there
    assert [(s.parent, s.parent_x) for s in both.sections[4:8]] == [
        (0, 1.0), (4, 1.0), (5, 1.0), (4, 1.0)
    ]  # fmt: skip
    with pytest.raises(MorphologyError, match=r"apic\[0\] cannot be split at 0: pieces are"):
        split(cell, section="apic[0]", x=0)


@settings(deadline=None)
@given(shapes())
def test_merged_cells_keep_length_area_and_ways(cell):
    new = merge_only_children(cell)
    for region in ("axonal", "basal", "apical"):
        assert new.length_um(region) == pytest.approx(cell.length_um(region), rel=1e-5)
        assert new.area_um2(region) >= cell.area_um2(region) * (1 - 1e-5)  # rings at jumps

    def ends(one):
        """Return how far the ends are from which nothing goes on."""
        taken = {s.parent for s in one.sections[1:] if s.parent_x == 1}
        return sorted(
            float(one.path_distance_um(i, 1)) for i in range(1, len(one)) if i not in taken
        )

    tips = ends(cell), ends(new)
    assert tips[0] == pytest.approx(tips[1], rel=1e-4)
    assert merge_only_children(new) == new


def test_a_chain_becomes_one_section():
    rows = [Cylinder("basal" if i else "somatic", 10, 4 - i, parent=i - 1) for i in range(4)]
    side = Cylinder("basal", 7, 1, parent=2, parent_x=0.5)
    one = merge_only_children(cylinder_tree("chain", [*rows, side]))
    assert [s.length_um for s in one.sections] == [10, 30, 7]
    assert one.sections[2].parent_x == 0.5  # in the middle of the second of three
    assert one.sections[1].area_um2 == pytest.approx(np.pi * 10 * 6 + np.pi / 4 * (9 - 4 + 4 - 1))


@settings(deadline=None)
@given(shapes(), st.data())
def test_swapped_twice_is_as_before(cell, data):
    stems = [i for i in range(1, len(cell)) if cell.sections[i].parent == 0]
    one, two = data.draw(st.permutations(stems))[:2]
    swapped = swap_subtrees(cell, section=cell.names[one], other=cell.names[two])
    assert sizes(swapped) == sizes(cell)
    for section in swapped.sections[1:]:
        on = swapped.sections[section.parent]
        assert np.abs(place_um(on, section.parent_x) - section.points[0, :3]).max() < 1e-2


def test_swapped_halves(cell):
    new = swap_subtrees(cell, section="dend[1]", other="apic[1]")
    lengths = {n: s.length_um for n, s in zip(new.names, new.sections, strict=True)}
    at = {n: new.names[s.parent] for n, s in zip(new.names[1:], new.sections[1:], strict=True)}
    moved = {n for n in at if lengths[n] == 80}
    assert {at[n] for n in moved} == {"dend[0]"}
    with pytest.raises(MorphologyError, match=r"apic\[1\] grows from apic\[0\]: they cannot"):
        swap_subtrees(cell, section="apic[0]", other="apic[1]")


@pytest.mark.parametrize("tree", ["3(2(1,1),1)"])
def test_reassembled(cell, tree):
    new = reassemble(cell, section="apic[0]", tree=tree)
    assert sizes(new) == sizes(cell)
    parents = [new.names[new.sections[i].parent] for i in new.indices("apical")]
    assert parents == ["soma[0]", "apic[0]", "apic[1]", "apic[1]", "apic[0]"]


def test_reassembled_at_random(cell):
    for seed in range(20):
        new = reassemble(cell, section="apic[0]", seed=seed)
        assert sizes(new) == sizes(cell)
        counts = Counter(len(new.children[i]) for i in new.indices("apical"))
        assert counts == {2: 2, 0: 3}
    with pytest.raises(MorphologyError, match=r"has 5 sections, and 2\(1,1\) has 3 segments"):
        reassemble(cell, section="apic[0]", tree="2(1,1)")
    with pytest.raises(MorphologyError, match="give either a tree or a seed"):
        reassemble(cell, section="apic[0]")


def test_grafted(cell, tmp_path):
    file = tmp_path / "other.swc"
    rows = [
        "1 1 0 0 0 8 -1",
        "2 4 0 8 0 1 1",
        "3 4 0 60 0 1 2",
        "4 4 9 99 0 1 3",
        "5 4 -9 99 0 1 3",
    ]
    file.write_text("\n".join(rows))
    new = graft(cell, file=str(file), subtree_of="apic[0]", onto="dend[1]", x=0.25)
    assert len(new) == len(cell) + 3
    stem = new.sections[len(cell)]
    assert (new.names[stem.parent], stem.parent_x, stem.region) == ("dend[1]", 0.25, "apical")
    assert new.length_um("apical") == pytest.approx(
        cell.length_um("apical") + 52 + 2 * np.hypot(9, 39), rel=1e-5
    )
    [words] = new.edits
    assert edit_morphology(cell, words) == new
    file.write_text("\n".join(rows).replace("99", "98"))
    with pytest.raises(
        MorphologyError, match=r"graft: .* holds another cell than the one that was"
    ):
        edit_morphology(cell, words)
    assert edit_morphology(cell, words.partition(",digest=")[0]) != new
    file.write_text("# the same cell\n" + "\n".join(rows))
    assert edit_morphology(cell, words) == new
    with pytest.raises(MorphologyError, match=r"soma\[0\] of 'other' is soma"):
        graft(cell, file=str(file), subtree_of="soma[0]")
