"""What edits of places and diameters promise, on any tree and in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.seeded import shapes
from workbench.errors import MorphologyError
from workbench.morphology import (
    jitter,
    mirror,
    rall_diameters,
    resample,
    rotate,
    smooth,
    taper,
    undo_shrinkage,
)

AXES = st.sampled_from("xyz")


def same_tree(one, other, atol=1e-3):
    for old, new in zip(one.sections, other.sections, strict=True):
        assert (new.region, new.parent, new.parent_x) == (old.region, old.parent, old.parent_x)
        np.testing.assert_allclose(new.points, old.points, atol=atol)


@settings(deadline=None)
@given(shapes(), AXES, st.floats(-720, 720))
def test_turned_and_turned_back(cell, axis, angle_deg):
    turned = rotate(cell, axis=axis, angle_deg=angle_deg)
    for old, new in zip(cell.sections, turned.sections, strict=True):
        assert new.length_um == pytest.approx(old.length_um, rel=1e-4)
        assert new.area_um2 == pytest.approx(old.area_um2, rel=1e-4)
    same_tree(cell, rotate(turned, axis=axis, angle_deg=-angle_deg))


def test_a_quarter_turn_about_z_takes_x_to_y(cell_with_places):
    turned = rotate(cell_with_places, axis="z", angle_deg=90)
    assert turned.sections[1].points[-1, :3].tolist() == pytest.approx([0, 100, 0], abs=1e-4)


@settings(deadline=None)
@given(shapes(), AXES)
def test_mirrored_twice_is_as_before(cell, axis):
    once = mirror(cell, axis=axis)
    assert once.length_um() == pytest.approx(cell.length_um(), rel=1e-4)
    same_tree(cell, mirror(once, axis=axis))


@settings(deadline=None)
@given(shapes(), st.floats(0.25, 4), st.floats(0.25, 4))
def test_shrinkage_is_undone_and_done(cell, x, z):
    large = undo_shrinkage(cell, x=x, z=z)
    same_tree(cell, undo_shrinkage(large, x=1 / x, z=1 / z))
    spans = [np.ptp(np.vstack([s.points for s in one.sections]), axis=0) for one in (large, cell)]
    assert spans[0] == pytest.approx(spans[1] * [x, 1, z, 1], rel=1e-4, abs=1e-3)


@settings(deadline=None)
@given(shapes(), st.floats(0.5, 20))
def test_resampled_points_lie_on_the_old_lines(cell, step_um):
    new = resample(cell, region="all", step_um=step_um)
    for old, made in zip(cell.sections[1:], new.sections[1:], strict=True):
        steps = np.linalg.norm(np.diff(made.points[:, :3], axis=0), axis=1)
        assert steps.max() <= step_um + 1e-3
        assert made.length_um <= old.length_um + 1e-3
        ends = [one.points[-1, :3] - one.points[0, :3] for one in (old, made)]
        np.testing.assert_allclose(*ends, atol=1e-3)  # what hangs on a line cut short moves along
    again = resample(new, region="all", step_um=1e6)
    assert {len(s.points) for s in again.sections[1:]} == {2}


@settings(deadline=None)
@given(shapes(), st.integers(1, 20))
def test_smoothed_sections_are_not_longer_and_end_where_they_did(cell, rounds):
    new = smooth(cell, region="all", rounds=rounds)
    for old, made in zip(cell.sections, new.sections, strict=True):
        assert made.length_um <= old.length_um + 1e-3
        ends = [one.points[-1, :3] - one.points[0, :3] for one in (old, made)]
        np.testing.assert_allclose(*ends, atol=1e-3)


def test_jitter_has_its_sd_and_its_seed(cell_with_places):
    def moved(seed):
        new = jitter(cell_with_places, region="basal", sd_um=0.5, seed=seed)
        return new.sections[1].points[1] - cell_with_places.sections[1].points[1]

    moves = np.array([moved(seed) for seed in range(2000)])
    assert (moved(3) == moves[3]).all()
    # Of 2,000 normal deviates the SD's own standard error is 1.6 %.
    assert moves.std(axis=0) == pytest.approx([0.5, 0.5, 0.5, 0], rel=0.08)


def test_a_cylinder_without_a_place_is_named(cell):
    for done in (
        lambda: jitter(cell, region="basal", sd_um=1),
        lambda: rotate(cell, axis="x", angle_deg=1),
    ):
        with pytest.raises(MorphologyError, match=r"(dend|soma)\[0\] is a cylinder by length and"):
            done()


def test_taper_by_both_laws(cell):
    linear = taper(cell, region="apical", start_um=4, end_um=1, over_um=150)
    ends = [s.points[[0, -1], 3].tolist() for s in linear.sections if s.region == "apical"]
    # Sections from 0 to 100, 100 to 180, 50 to 110, 180 to 220 and the same um from the start.
    assert ends == [[4, 2], [2, 1], [3, pytest.approx(1.8)], [1, 1], [1, 1]]
    law = taper(cell, region="basal", start_um=4, end_um=1, law="exponential")
    ends = [s.points[[0, -1], 3].tolist() for s in law.sections if s.region == "basal"]
    middle = 4 * 0.25 ** (50 / 90)
    assert ends == [[4, pytest.approx(middle)], [pytest.approx(middle), pytest.approx(1)],
                    [pytest.approx(middle), pytest.approx(4 * 0.25 ** (80 / 90))]]  # fmt: skip


@settings(deadline=None)
@given(shapes(), st.floats(1, 3))
def test_powers_add_up_at_every_fork(cell, power):
    new = rall_diameters(cell, region="all", tip_um=0.5, power=power)
    for index, section in enumerate(new.sections[1:], start=1):
        (width,) = set(section.points[:, 3].tolist())
        daughters = [new.sections[child].points[0, 3] for child in new.children[index]]
        expected = sum(one**power for one in daughters) ** (1 / power) if daughters else 0.5
        assert width == pytest.approx(expected, rel=1e-6)
        assert section.length_um == pytest.approx(cell.sections[index].length_um)
