"""A file with each fault: what is named, where, with which mend; and the mend mends it."""

import neurom.check.morphology_checks
import pytest

from tests.unit.morphology.broken import BROKEN
from tests.unit.morphology.seeded import shape
from workbench.errors import MorphologyError
from workbench.morphology import (
    CHECKS,
    check_morphology,
    convert_morphology,
    edit_morphology,
    load_morphology,
    mend_morphology,
    random_tree,
)
from workbench.morphology.checks.by_neurom import _ASKED as ASKED
from workbench.morphology.checks.by_neurom import NEEDLESS, OURS

READ = [name for name, broken in BROKEN.items() if broken.check]
UNREAD = [name for name in BROKEN if name not in READ]


@pytest.fixture
def written(tmp_path):
    def written(name):
        file = tmp_path / f"cell{BROKEN[name].suffix}"
        file.write_text(BROKEN[name].text)
        return file

    return written


def of(check, cell):
    return [one for one in check_morphology(cell) if one.check == check]


def test_there_are_thirty_and_every_check_has_one():
    assert len(BROKEN) >= 30
    found = {broken.check for broken in BROKEN.values()} - {""}
    assert found | {"beginning", "zero area"} == set(CHECKS)


@pytest.mark.parametrize("name", READ)
def test_a_fault_is_named_with_its_place_and_its_mend(name, written):
    broken = BROKEN[name]
    found = [
        one
        for one in of(broken.check, load_morphology(written(name)))
        if broken.said in one.message
    ]
    assert found
    assert found[0].section == broken.section
    assert broken.mend in found[0].mend
    assert found[0].fixable == broken.fixable
    assert (found[0].place_um is not None) == bool(broken.section)


@pytest.mark.parametrize("name", UNREAD)
def test_what_cannot_be_read_says_why(name, written):
    with pytest.raises(MorphologyError) as error:
        load_morphology(written(name))
    assert BROKEN[name].said in str(error.value)


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_said_to_be_mended_is(name, written, tmp_path):
    broken, copy = BROKEN[name], tmp_path / "mended.swc"
    if not broken.check and not broken.fixable:
        with pytest.raises(MorphologyError) as error:
            mend_morphology(written(name))
        assert broken.said in str(error.value)
        return
    mending = mend_morphology(written(name))
    assert bool(mending.done) >= broken.fixable
    convert_morphology(mending.morphology, copy)
    again = check_morphology(load_morphology(copy))
    assert not [one for one in again if one.fixable]
    left = {one.check for one in mending.left}
    assert {one.check for one in again} <= left | {"beginning"}
    if broken.fixable:
        assert not [one for one in again if one.check == broken.check]
    else:
        assert broken.check in left


def test_diameters_are_those_between_the_neighbours(written):
    cell = mend_morphology(written("a diameter of 0 on the way")).morphology
    # 30 um from a diameter of 2 um, 40 um from one of 6 um.
    assert cell.sections[1].points[:, 3] == pytest.approx([2, 2 + 4 * 30 / 70, 6])
    fork = mend_morphology(written("a diameter of 0 where it forks")).morphology
    assert [fork.sections[i].points[0, 3] for i in (2, 3)] == [2, 2]


def test_what_was_far_is_drawn_where_it_hangs(written):
    cell = load_morphology(written("a neurite far from the soma"))
    moved = mend_morphology(cell).morphology
    assert moved.length_um() == pytest.approx(cell.length_um())
    assert moved.area_um2() == pytest.approx(cell.area_um2())
    assert moved.sections[2].points[0, :3] == pytest.approx([0, 6, 0])


def test_another_unit_is_written_in_um(tmp_path, written):
    file = written("nm for um")
    mending = mend_morphology(file, unit="nm")
    assert mending.done == ("lengths in nm are in um",)
    assert mending.morphology.sections[0].points[0, 3] == pytest.approx(12)


def test_kinds_that_are_told_are_kept(written):
    mending = mend_morphology(written("kinds without a meaning"), kinds={0: "basal"})
    assert mending.done == ("points of kind 0 are basal",)


@pytest.mark.parametrize("seed", range(8))
def test_a_sound_tree_needs_no_mend(seed):
    """Whatever is odd about a drawn tree, mending it twice does no more than once."""
    once = mend_morphology(shape(seed, 9))
    assert mend_morphology(once.morphology).done == ()
    assert once.morphology.length_um() == pytest.approx(shape(seed, 9).length_um(), rel=1e-6)


def test_edits_do_not_make_a_mended_cell():
    cell = edit_morphology(random_tree(seed=1), "split section=dend[9],x=0.3")
    mended = mend_morphology(cell).morphology
    assert (mended.edits, mended.unedited) == ((), None)
    sound = load_morphology("two_compartments")
    assert mend_morphology(sound).morphology is sound


def test_each_check_of_neurom_is_asked_once_or_is_one_of_ours():
    theirs = {name for name in dir(neurom.check.morphology_checks) if name.startswith("has_")}
    assert {*OURS, *ASKED, *NEEDLESS} == theirs
    assert set(OURS.values()) <= set(CHECKS)
    assert not set(OURS) & set(ASKED)
