"""Explained variance and coincidence: closed forms, and the nine repeats of a published noise."""

import numpy as np
import pytest

from tests.cells import recordings_of_others
from workbench.errors import InputError
from workbench.features.trains import (
    coincidence,
    explained_variance,
    mean_coincidence,
    mean_explained_variance,
)
from workbench.recordings import load_recordings


@pytest.mark.parametrize("apart_ms", [0.0, 5.0, 10.0, 40.0])
def test_two_spikes_apart_in_closed_form(apart_ms):
    """Two Gaussians overlap by exp(-d^2 / 4 sigma^2), and the train is long beside both."""
    first, second = np.array([5000.0]), np.array([5000.0 + apart_ms])
    found = explained_variance(first, second, 10.0, 10_000.0)
    assert found == pytest.approx(np.exp(-(apart_ms**2) / 400), abs=4e-3)


def test_coincidence_by_hand():
    """Ten spikes each, five within 4 ms: f = 1 / 100 ms, so 0.08 by chance."""
    data = np.arange(50.0, 1000.0, 100.0)
    model = data + np.where(np.arange(10) < 5, 3.0, 5.0)
    assert coincidence(data, model, 4.0, 1000.0) == pytest.approx((5 - 0.8) / 10 / (1 - 0.08))
    assert coincidence(data, data, 4.0, 1000.0) == pytest.approx(1.0)


def test_chance():
    """Poisson trains of 10 Hz explain nothing of one another."""
    rng = np.random.default_rng(1)
    trains = [np.sort(rng.uniform(0, 2e5, 2000)) for _ in range(2)]
    assert abs(coincidence(*trains, 4.0, 2e5)) < 0.05
    assert abs(explained_variance(*trains, 4.0, 2e5)) < 0.05


def test_trains_without_spikes():
    none, one = np.array([]), np.array([10.0])
    assert np.isnan(explained_variance(none, none, 4.0, 100.0))
    assert np.isnan(coincidence(none, none, 4.0, 100.0))
    assert explained_variance(none, one, 4.0, 1000.0) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(InputError, match="1 trains of spikes"):
        mean_coincidence([one], 4.0, 100.0)
    with pytest.raises(InputError, match="two or more"):
        mean_explained_variance([one], 4.0, 100.0)


def test_nine_repeats_of_one_noise():
    """Pozzorini et al. 2015; the numbers were computed elsewhere, with code of another author."""
    files = sorted(recordings_of_others("gif_test").glob("Cell3_Ger1Test_*.ibw"))
    found = load_recordings(files, threshold_mV=0)
    assert {one.shape.kind for one in found} == {"noise"}
    [group] = found.reliability()
    assert (group["sweeps"], group["spikes"]) == (9, [220, 236])
    names = [f"explained_variance_{sigma}ms" for sigma in (4, 10, 20)]
    assert [group[name] for name in names] == pytest.approx([0.803, 0.863, 0.909], abs=1e-3)
    assert group["coincidence_4ms"] == pytest.approx(0.784, abs=1e-3)
