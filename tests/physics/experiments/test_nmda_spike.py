"""NMDA spikes: what was computed elsewhere, and the block in the limit of one small synapse."""

import numpy as np
import pytest

from workbench.experiments import compared
from workbench.studies import load_expected_rows

EXPERIMENT = "nmda_spike"


def of(tables, receptors, column):
    own = [one for one in tables["counts"] if one["receptors"] == receptors]
    return np.array([one["n"] for one in own]), np.array([one[column] for one in own])


def test_every_number_that_was_computed_elsewhere(named, tables):
    found = compared(load_expected_rows(named.folder), [], tables)
    assert len(found) == 41
    missed = [str(one) for one in found if not one.holds]
    assert not missed, missed


@pytest.mark.parametrize("receptors", ["both", "AMPA", "no_mg"])
def test_the_peak_in_the_dendrite_saturates_below_the_reversal(tables, receptors):
    """It shows no threshold: what a further synapse adds is always less. Rest is -75 mV."""
    n, peak_mV = of(tables, receptors, "dendrite_mV")
    assert (np.diff(np.diff(peak_mV) / np.diff(n)) < 0).all()
    assert (peak_mV < 75).all()


def test_only_magnesium_makes_a_threshold(tables):
    """What a further synapse adds to the width and to the soma grows up to one, then falls."""
    for column in ("width_ms", "soma_mV"):
        for receptors, steepest in (("both", range(11, 18)), ("no_mg", (1,))):
            n, found = of(tables, receptors, column)
            assert n[np.argmax(np.diff(found) / np.diff(n))] in steepest


def test_without_receptors_for_nmda_magnesium_does_not_matter(tables):
    """AMPA receptors alone never do more than their sum, less with each of them."""
    _, share = of(tables, "AMPA", "soma_of_sum")
    assert (np.diff(share) < 0).all()
    _, share = of(tables, "both", "soma_of_sum")
    assert (np.diff(share) > 0).any()
