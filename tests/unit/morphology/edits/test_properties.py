"""What each edit promises on any tree: regions, lengths, areas, and its inverse if it has one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.edits.test_every_edit import CASES
from tests.unit.morphology.seeded import shapes
from workbench.morphology import (
    EDITS,
    REGIONS,
    add_spines,
    edit_morphology,
    graft,
    jitter,
    load_morphology,
    prune_diameter,
    prune_order,
    prune_terminals,
    reassemble,
    remove_axon,
    remove_subtree,
    replace_axon,
    scale_diameters,
    stub_axon,
    swap_subtrees,
    taper,
    taper_axon,
)
from workbench.morphology.edits.trees import orders, starts_um, subtree
from workbench.studies.cell_tables import MorphologyTable
from workbench.studies.edits import edited

NEURITES = st.sampled_from(["axonal", "basal", "apical", "all"])


def same_sections(old, new, kept):
    """Tell that these sections of the old cell are all there is of the new one, as they were."""
    assert len(new) == len(kept)
    place = {index: number for number, index in enumerate(kept)} | {-1: -1}
    for index, section in zip(kept, new.sections, strict=True):
        was = old.sections[index]
        assert (section.region, section.parent, section.parent_x) == (
            was.region, place[was.parent], was.parent_x
        )  # fmt: skip
        assert (section.points == was.points).all()


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=10, deadline=None)
@given(cell=shapes())
def test_the_soma_stays_and_no_region_comes_but_an_axon_or_a_graft(case, cell):
    after = edit_morphology(cell, case)
    scaled = case.startswith(("scale-lengths all", "rotate", "mirror", "undo-shrinkage"))
    if not scaled:
        assert (after.sections[0].points == cell.sections[0].points).all()
    assert after.sections[0].region == "somatic"
    assert len(after.indices("somatic")) == 1
    assert len(after.indices()) == sum(len(after.indices(region)) for region in REGIONS)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=5, deadline=None)
@given(cell=shapes())
def test_a_study_with_its_table_loads_to_the_same_digest(case, cell, tmp_path_factory):
    name, _, words = edit_morphology(cell, case).edits[-1].partition(" ")
    arguments = EDITS[name].read(words)
    table = {"type": name} | {
        key: list(value) if isinstance(value, tuple) else value for key, value in arguments.items()
    }
    read = MorphologyTable.model_validate({"file": "cell.swc", "edit": [table]})
    path = tmp_path_factory.getbasetemp() / "cell.toml"
    assert edited(path, cell, read.edit, {}).digest == edit_morphology(cell, case).digest


@settings(deadline=None)
@given(shapes(), NEURITES, st.floats(0.25, 4))
def test_diameters_scaled_and_scaled_back(cell, region, factor):
    thick = scale_diameters(cell, region=region, factor=factor)
    for index, (old, new) in enumerate(zip(cell.sections, thick.sections, strict=True)):
        by = factor if index in cell.indices(region) else 1.0
        assert new.length_um == old.length_um
        np.testing.assert_allclose(new.points[:, 3], by * old.points[:, 3], rtol=1e-6)
    back = scale_diameters(thick, region=region, factor=1 / factor)
    for old, new in zip(cell.sections, back.sections, strict=True):
        np.testing.assert_allclose(new.points, old.points, rtol=1e-6)


@settings(deadline=None)
@given(shapes(), st.integers(0, 4))
def test_what_is_of_a_higher_order_is_gone_and_nothing_else(cell, order):
    kept = [0, *(i for i in range(1, len(cell)) if orders(cell)[i] <= order)]
    same_sections(cell, prune_order(cell, region="all", order=order), kept)
    assert prune_order(cell, region="all", order=99) == cell


@settings(deadline=None)
@given(shapes(), st.floats(0.25, 8))
def test_what_is_thinner_is_gone_with_what_grows_from_it(cell, diameter_um):
    thin = [i for i in range(1, len(cell)) if cell.diameter_um(i) < diameter_um]
    kept = [i for i in range(len(cell)) if i not in subtree(cell, thin)]
    same_sections(cell, prune_diameter(cell, region="all", diameter_um=diameter_um), kept)


@settings(deadline=None)
@given(shapes(), st.floats(0.05, 1), st.integers(0, 99))
def test_a_share_of_the_ends_is_gone(cell, share, seed):
    ends = {i for i in range(1, len(cell)) if not cell.children[i]}
    new = prune_terminals(cell, region="all", share=share, seed=seed)
    assert len(cell) - len(new) == round(share * len(ends))
    lost = cell.length_um() - new.length_um()
    lengths = sorted(cell.sections[i].length_um for i in ends)
    count = len(cell) - len(new)
    assert sum(lengths[:count]) * (1 - 1e-9) <= lost + 1e-9
    assert lost <= sum(lengths[len(lengths) - count :]) + 1e-6


@settings(deadline=None)
@given(shapes(), st.data())
def test_a_subtree_removed_leaves_all_else(cell, data):
    index = data.draw(st.integers(1, len(cell) - 1))
    kept = [i for i in range(len(cell)) if i not in subtree(cell, [index])]
    same_sections(cell, remove_subtree(cell, section=cell.names[index]), kept)


@settings(deadline=None)
@given(shapes(), st.floats(0.5, 5), st.floats(0.1, 0.5), st.sampled_from(["linear", "exponential"]))
def test_a_taper_falls_with_the_path_and_moves_no_point(cell, start_um, end_um, law):
    new = taper(cell, region="apical", start_um=start_um, end_um=end_um, law=law)
    for index, (old, made) in enumerate(zip(cell.sections, new.sections, strict=True)):
        assert (made.points[:, :3] == old.points[:, :3]).all()
        if index in cell.indices("apical"):
            assert (np.diff(made.points[:, 3]) <= 1e-6).all()
            assert end_um - 1e-6 <= made.points[:, 3].min()
            assert made.points[:, 3].max() <= start_um + 1e-6
        else:
            assert (made.points == old.points).all()


@settings(deadline=None)
@given(shapes(), st.floats(0.01, 2), st.integers(0, 99))
def test_jitter_moves_no_diameter_and_no_joint(cell, sd_um, seed):
    new = jitter(cell, region="all", sd_um=sd_um, seed=seed)
    for old, made in zip(cell.sections, new.sections, strict=True):
        assert (made.region, made.parent, made.parent_x) == (old.region, old.parent, old.parent_x)
        assert (made.points[:, 3] == old.points[:, 3]).all()
    assert jitter(cell, region="all", sd_um=sd_um, seed=seed) == new


@settings(deadline=None)
@given(shapes(), st.data())
def test_what_was_swapped_is_swapped_back(cell, data):
    stems = [i for i in range(1, len(cell)) if cell.sections[i].parent == 0]
    one, two = data.draw(st.permutations(stems))[:2]
    once = swap_subtrees(cell, section=cell.names[one], other=cell.names[two])
    lengths = np.array([s.length_um for s in once.sections])
    moved = [once.names[np.abs(lengths - cell.sections[i].length_um).argmin()] for i in (one, two)]
    back = swap_subtrees(once, section=moved[0], other=moved[1])

    def hangs(tree):
        return sorted(
            (s.region, s.length_um, tree.sections[s.parent].length_um, s.parent_x)
            for s in tree.sections[1:]
        )

    for now, before in zip(hangs(back), hangs(cell), strict=True):
        assert now[0] == before[0]
        assert now[1:] == pytest.approx(before[1:], abs=1e-3)


@settings(deadline=None)
@given(shapes(), st.integers(0, 99))
def test_put_together_anew_has_the_same_sections(cell, seed):
    stem = next(i for i in range(1, len(cell)) if cell.sections[i].parent == 0)
    count = len(subtree(cell, [stem]))
    if count % 2 == 0:
        return  # no binary tree has an even number of segments
    new = reassemble(cell, section=cell.names[stem], seed=seed)
    for region in REGIONS:
        assert new.length_um(region) == pytest.approx(cell.length_um(region), rel=1e-4)
        assert new.area_um2(region) == pytest.approx(cell.area_um2(region), rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(shapes(), st.integers(0, 99), st.floats(0.005, 0.05))
def test_spines_taken_off_leave_the_cell(cell, seed, density):
    new = add_spines(
        cell, region="basal", density_per_um=density, seed=seed, neck_um=0.1, head_um=0.5
    )
    count = (len(new) - len(cell)) // 2
    assert count == round(density * cell.length_um("basal"))
    more_um2 = count * np.pi * (0.1 * 1.0 + 0.5 * 0.5)
    assert new.area_um2() - cell.area_um2() == pytest.approx(more_um2, rel=1e-6, abs=1e-6)
    same_sections(cell, edit_morphology(new, *_off(cell, new)), range(len(cell)))


def _off(cell, new):
    """Return the edits that take off each neck, with its head: the last first."""
    return [f"remove-subtree {new.names[i]}" for i in reversed(range(len(cell), len(new), 2))]


@settings(deadline=None)
@given(shapes())
def test_axons_of_each_kind_leave_all_else(cell):
    bare = remove_axon(cell)
    kept = [i for i in range(len(cell)) if cell.sections[i].region != "axonal"]
    same_sections(cell, bare, kept)
    made = [replace_axon(cell), taper_axon(cell, start_um=2, end_um=1, length_um=50)]
    made += [stub_axon(cell, like=kind) for kind in ("bluepyopt", "hay", "allen-all-active")]
    for new in made:
        assert remove_axon(new) == bare
    assert {round(new.length_um("axonal"), 4) for new in made} <= {50.0, 60.0}


@settings(deadline=None)
@given(shapes(), st.data(), st.floats(0, 1))
def test_a_graft_taken_off_leaves_the_cell(cell, data, x):
    donor = load_morphology("two_compartments")
    onto = data.draw(st.sampled_from(cell.names))
    new = graft(cell, file="two_compartments", subtree_of="apic[0]", onto=onto, x=x)
    assert new.length_um() == pytest.approx(cell.length_um() + donor.length_um("apical"))
    added = new.names[[s.points.tobytes() for s in new.sections].index(
        donor.sections[1].points.tobytes())]  # fmt: skip
    assert remove_subtree(new, section=added) == cell
    assert starts_um(new)[new.index(added)] == pytest.approx(
        float(cell.path_distance_um(onto, x)), rel=1e-6, abs=1e-6
    )
