"""The cell of Hay et al. 2011 with its shape edited: as it is it is theirs, and what edits keep.

Their numbers stand in the experiments' expected.toml, which `reproduce` compares.
"""

import math

import numpy as np
import pytest

from tests.cells import cell_of
from workbench.experiments import described, find_experiment
from workbench.runs import with_params
from workbench.studies import load_study


@pytest.fixture(autouse=True)
def _hay():
    cell_of("hay_l5b")


def recipe_of(study):
    found, values = with_params(load_study(study), "biophys3")
    return found.problem.recipe.with_values(values)


def test_zones_as_shares_of_the_tree_are_those_in_um():
    """Whatever is painted on a section, the cell as it is has it segment by segment."""
    ours, theirs = recipe_of("hay_l5b_dendrites"), recipe_of("hay_l5b")
    assert ours.segment_counts == theirs.segment_counts
    count = 0
    for one, other in zip(ours.painted(), theirs.painted(), strict=True):
        for mine, original in zip(one, other, strict=True):
            assert np.array_equal(mine, original)
        count += 1
    assert count > 1000


def test_zones_grow_with_the_tree():
    """A section's last segment has the value of its end, whose share of the longest path stays.

    Points are rounded, so that shares differ by 1e-7 and what is exponential in them by 1e-6.
    """
    own = ends_of(recipe_of("hay_l5b_dendrites"))
    named = described(find_experiment("bac_against_apical_size"), with_params)
    longest = set()
    for condition in named.experiment.conditions[:30:6]:
        recipe = condition.job.recipe
        longest.add(condition.levels["edit.scale-lengths.factor"])
        for one, other in zip(own, ends_of(recipe), strict=True):
            assert one == pytest.approx(other, rel=1e-5)
    assert longest == {0.6, 0.8, 1, 1.2, 1.4}


def ends_of(recipe):
    """Return what the ends of apical sections have of what varies along them."""
    varied = ("gCa_LVAstbar_Ca_LVAst", "gCa_HVAbar_Ca_HVA", "gIhbar_Ih")
    painted = (one for one in recipe.painted() if isinstance(one.values, np.ndarray))
    return [one.values[-1] for one in painted if one.variable in varied]


def test_a_taper_has_the_area_of_its_mean():
    """A truncated cone has pi times its mean diameter times its slant, whichever end is thick."""
    named = described(find_experiment("backpropagation_against_taper"), with_params)
    seen = set()
    for one in named.experiment.conditions:
        if one.levels.get("edit.taper.law") != "linear":
            continue
        tree = one.job.recipe.morphology
        ends = one.levels["edit.taper.start_um"], one.levels["edit.taper.end_um"]
        expected = math.pi * sum(ends) / 2 * tree.length_um("trunk")
        assert tree.area_um2("trunk") == pytest.approx(expected, rel=1e-4)
        seen.add(ends)
    assert len(seen) == 6
