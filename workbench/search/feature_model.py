"""What a row's features will be, from those of the rows told: a Gaussian process for each.

The composition of known and unknown of Astudillo & Frazier (2019, ICML, PMLR 97:354-363): how a sum
of scores follows from features is known, so features are modelled and the sum is computed. A score
alone has a kink where its feature meets the target, and does not say from which side; a feature
with its sign is nearly a line there, and twenty rows say where the target is met.

What is modelled is sign * log(1 + score), and whether a feature is missing, each with the mean of
eq. 2.25 of Rasmussen & Williams (2006) and the Matérn kernel of `surrogate`. All features share one
kernel, with a length for each parameter. It is the likeliest (eq. 5.8, each feature's variance at
its optimum) of few that are tried each time; with many times this finds lengths without a gradient.
Nothing is left to BLAS; see `surrogate`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.search.surrogate import distances, eliminated, matern, solved

BENT = 20.0
"""Scores count as they are up to this, and beyond it by their logarithm: see `bent`."""

MISSING = 250.0
"""The score that a missing feature is expected to count as."""

JUDGED_ROWS = 150
"""So many rows decide which lengths are likely."""

_LENGTHS = (0.05, 20.0)  # in units of a parameter's range
_NOISES = (1e-4, 0.5)  # of the kernel's variance: features jump where a spike appears
_FIRST_NOISE = 0.02
_PRIOR = 0.02  # how little lengths far from the first are believed
_HOPE = 0.5  # deviations by which a feature may be nearer to its target than expected
_LEAST = 1e-9


@dataclass(frozen=True)
class Kernel:
    """The lengths of a kernel, one a parameter, and its noise, as logarithms, (d + 1,)."""

    logs: Floats

    @classmethod
    def first(cls, dimension: int) -> "Kernel":
        """Return that with which a search begins."""
        return cls(np.append(np.full(dimension, _first_length(dimension)), np.log(_FIRST_NOISE)))

    @property
    def lengths(self) -> Floats:
        """In units of the parameters' ranges, (d,)."""
        lengths: Floats = np.exp(self.logs[:-1])
        return lengths

    def covariance(self, rows: Floats) -> Floats:
        """Return the kernel between rows, (n, n), with the noise on its diagonal."""
        scaled = rows / self.lengths
        matrix = matern(distances(scaled, scaled))
        matrix[np.diag_indices_from(matrix)] += np.exp(self.logs[-1])
        return matrix

    def likelier(
        self, rows: Floats, outputs: Floats, draws: np.random.Generator, trials: int
    ) -> "Kernel":
        """Return the likeliest of itself and those drawn, each around the likeliest before it."""
        best, least = self, self._unlikeliness(rows, outputs)
        for trial in range(trials):
            other = best._varied(draws, together=trial % 3 == 0)
            if (found := other._unlikeliness(rows, outputs)) < least:
                best, least = other, found
        return best

    def _varied(self, draws: np.random.Generator, *, together: bool) -> "Kernel":
        dimension = len(self.logs) - 1
        if together:
            change = np.full(dimension, draws.normal(0.0, 0.3))
        else:
            change = draws.normal(0.0, 0.5, dimension) * (draws.random(dimension) < 0.25)
        logs = self.logs + np.append(change, draws.normal(0.0, 0.5))
        logs[:-1] = np.clip(logs[:-1], *np.log(_LENGTHS))
        logs[-1] = np.clip(logs[-1], *np.log(_NOISES))
        return Kernel(logs)

    def _unlikeliness(self, rows: Floats, outputs: Floats) -> float:
        """Return the negative logarithm of likelihood and prior, up to a constant and a factor."""
        count, features = outputs.shape
        solution, log_determinant = eliminated(self.covariance(rows), outputs)
        misfit = np.einsum("nk,nk->k", outputs, solution) / count
        away = self.logs[:-1] - _first_length(len(self.logs) - 1)
        prior = _PRIOR * features * (away**2).sum()
        fit = np.log(np.maximum(misfit, _LEAST)).sum()
        return float(fit + (features * log_determinant + prior) / count)


class FeatureModel:
    """The features of rows near those it was told.

    Parameters
    ----------
    rows : array (n, d)
        Rows that were told, in the coordinates in which distances are meant.
    scores : array (n, k)
        Theirs.
    sides : array (n, k)
        On which side of its target each feature lay: -1, 1, or 0 where it was missing.
    kernel
        That of the model before.
    draws
        For the kernels that are tried.
    trials
        How many.
    """

    def __init__(
        self,
        rows: Floats,
        scores: Floats,
        sides: NDArray[np.int8],
        kernel: Kernel,
        draws: np.random.Generator,
        trials: int,
    ) -> None:
        outputs = _outputs(scores, sides)
        self._mean = outputs.mean(axis=0)
        apart = outputs - self._mean
        spread = apart.std(axis=0)
        changing = spread > _LEAST
        self._spread = np.where(changing, spread, 1.0)
        standard = apart / self._spread
        step = -(-len(rows) // JUDGED_ROWS)
        self.kernel = kernel.likelier(rows[::step], standard[::step][:, changing], draws, trials)
        self._rows = rows / self.kernel.lengths
        self._factors = solved(self.kernel.covariance(rows), apart)

    def sums(self, rows: Floats) -> Floats:
        """Return what sum of `bent` scores may be hoped for at rows, (m, d).

        A feature may be nearer to its target than expected by a part of the deviation that its
        nearest row in the model leaves: more, where nothing is known.
        """
        near = matern(distances(rows / self.kernel.lengths, self._rows))
        outputs = self._mean + np.einsum("mn,nk->mk", near, self._factors)
        signed, missing = np.split(outputs, 2, axis=1)
        missing = np.clip(missing, 0.0, 1.0)
        unknown = np.sqrt(np.maximum(1.0 - near.max(axis=1) ** 2, 0.0))[:, None]
        hope = _HOPE * unknown * self._spread[: signed.shape[1]]
        scores = np.expm1(np.maximum(np.abs(signed) - hope, 0.0))
        expected = missing * bent(np.array(MISSING)) + (1.0 - missing) * bent(scores)
        sums: Floats = expected.sum(axis=1)
        return sums


def bent(scores: Floats) -> Floats:
    """Return scores as a search weighs them: s up to `BENT`, then `BENT` (1 + log(s / `BENT`)).

    A single feature that is hopeless does not outweigh all others, and still can get better.
    """
    beyond = np.maximum(scores, BENT) / BENT
    weighed: Floats = np.minimum(scores, BENT) + BENT * np.log(beyond)
    return weighed


def _outputs(scores: Floats, sides: NDArray[np.int8]) -> Floats:
    """Return what is modelled, (n, 2 k): signed logarithms, then whether features are missing.

    A missing feature is expected where those that have a value are on average.
    """
    present = sides != 0
    signed = sides * np.log1p(scores)
    mean = signed.sum(axis=0) / np.maximum(present.sum(axis=0), 1)
    return np.concatenate([np.where(present, signed, mean), ~present], axis=1)


def _first_length(dimension: int) -> float:
    return float(np.log(0.3 * np.sqrt(dimension)))
