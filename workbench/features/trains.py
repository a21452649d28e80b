"""How alike two trains of spikes are."""

from itertools import combinations, permutations

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError

_BIN_ms = 0.1
_REACH = 5
"""Standard deviations of the Gaussian to either side."""


def explained_variance(
    first_ms: Floats, second_ms: Floats, sigma_ms: float, duration_ms: float
) -> float:
    """Return the explained variance of one train by another: 1 for equal ones, about 0 by chance.

    EV = [var a + var b - var(a - b)] / [var a + var b], of the trains in bins of 0.1 ms, each
    convolved with a Gaussian (Teeter et al. 2018, Nat Commun 9:709).

    Parameters
    ----------
    first_ms, second_ms
        Times of spikes, (n,) and (m,), from 0 to `duration_ms`.
    sigma_ms
        Of the Gaussian.

    Returns
    -------
    NaN if neither train has a spike.
    """
    return _explained(
        _smooth(first_ms, sigma_ms, duration_ms), _smooth(second_ms, sigma_ms, duration_ms)
    )


def mean_explained_variance(trains_ms: list[Floats], sigma_ms: float, duration_ms: float) -> float:
    """Return the mean of `explained_variance` over all pairs of trains.

    Raises
    ------
    InputError
        If there are fewer than two.
    """
    _check_several(trains_ms)
    smooth = [_smooth(train, sigma_ms, duration_ms) for train in trains_ms]
    return float(np.mean([_explained(a, b) for a, b in combinations(smooth, 2)]))


def coincidence(data_ms: Floats, model_ms: Floats, window_ms: float, duration_ms: float) -> float:
    """Return the coincidence factor: 1 for equal trains, 0 for a Poisson train of the model's rate.

    Gamma = (N - 2 f D N_data) / [(N_data + N_model) / 2] / (1 - 2 f D), with N the spikes of the
    data that have one of the model within D = `window_ms`, and f the model's rate (Kistler,
    Gerstner & van Hemmen 1997, Neural Comput 9:1015).

    Parameters
    ----------
    data_ms, model_ms
        Times of spikes, (n,) and (m,), in order.
    duration_ms
        Of both.

    Returns
    -------
    NaN if neither train has a spike.
    """
    if not data_ms.size + model_ms.size:
        return float("nan")
    by_chance = 2 * window_ms * model_ms.size / duration_ms
    near = np.searchsorted(model_ms, data_ms + window_ms, side="right") > np.searchsorted(
        model_ms, data_ms - window_ms, side="left"
    )
    excess = np.count_nonzero(near) - by_chance * data_ms.size
    return float(2 * excess / (data_ms.size + model_ms.size) / (1 - by_chance))


def mean_coincidence(trains_ms: list[Floats], window_ms: float, duration_ms: float) -> float:
    """Return the mean of `coincidence` over all pairs of trains, each in both roles.

    Raises
    ------
    InputError
        If there are fewer than two.
    """
    _check_several(trains_ms)
    pairs = permutations(trains_ms, 2)
    return float(np.mean([coincidence(a, b, window_ms, duration_ms) for a, b in pairs]))


def _check_several(trains_ms: list[Floats]) -> None:
    if len(trains_ms) < 2:
        raise InputError(f"{len(trains_ms)} trains of spikes; two or more can be compared")


def _explained(a: Floats, b: Floats) -> float:
    both = float(a.var() + b.var())
    return float("nan") if both == 0 else 1 - float((a - b).var()) / both


def _smooth(times_ms: Floats, sigma_ms: float, duration_ms: float) -> Floats:
    count = max(1, round(duration_ms / _BIN_ms))
    places = np.clip((times_ms / _BIN_ms).astype(int), 0, count - 1)
    train = np.bincount(places, minlength=count).astype(float)
    reach = round(_REACH * sigma_ms / _BIN_ms)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _BIN_ms / sigma_ms) ** 2)
    size = 1 << (count + bell.size).bit_length()
    both = np.fft.rfft(train, size) * np.fft.rfft(bell / bell.sum(), size)
    return np.asarray(np.fft.irfft(both, size)[reach : reach + count])
