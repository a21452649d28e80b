"""Rows whose features promise most, by Gaussian processes over all that was told.

Each generation a `FeatureModel` learns from the best rows and from those near them, and every row
proposed is the best that differential evolution (Storn & Price 1997, J Glob Optim 11:341-359) finds
on the model in a box of its own: around one of the few best rows that lie apart, in one of four
sizes, so that a model which is right far away takes long steps, and one that is right nearby
still takes short ones. The boxes are the trust regions of Eriksson et al. (2019, NeurIPS
32:5496-5507), all sizes at once.

A parameter whose bounds span a factor of ten, or begin at zero, is seen by its square root:
conductances act by their ratios, and most of such a range is more than any cell has.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.search.base import Search
from workbench.search.feature_model import FeatureModel, Kernel, bent
from workbench.search.setting import Setting

ROWS = 300
"""So many rows a model learns from: half of them the best, half near the few best."""

DRAWN = 2
"""Generations that are drawn before there is a model."""

_KEPT = 600
_MIDDLES = 8
_APART = 0.15  # of the range of some parameter, between the middles of boxes
_SIZES = (0.4, 0.2, 0.1, 0.05)
_CANDIDATES, _ROUNDS = 40, 8
_TRIALS, _FIRST_TRIALS = 12, 40
_TWIN = 1e-3
_WIDE = 10.0


class GPSearch(Search):
    """Proposes what Gaussian processes over the features expect to be best."""

    algorithm: ClassVar[str] = "gp"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        low, high = setting.box.T
        self._power = np.where((low >= 0.0) & (low * _WIDE <= high), 2.0, 1.0)

    def _first(self) -> Floats:
        first = Kernel.first(self.dimension)
        self._memory = {"seed": np.array(self.setting.seed), "kernel": first.logs}
        rows = self._drawn(0)
        rows[: len(self.setting.first_rows)] = self.setting.first_rows
        return rows

    def _next(self, scores: Floats) -> Floats:
        self._remember(scores)
        generation = self.generation + 1
        if generation < DRAWN:
            return self._drawn(generation)
        draws = self._draws(generation)
        seen = self._seen(self._memory["known_rows"])
        middles = self._middles(seen)
        model = self._model(seen, middles, draws)
        self._memory["kernel"] = model.kernel.logs
        found = self._searched(model, seen, middles, draws)
        return np.clip(found**self._power, 0.0, 1.0)

    def _remember(self, scores: Floats) -> None:
        """Add what was told, and forget the worst beyond `_KEPT`; the best come first."""
        told: dict[str, NDArray[Any]] = {"rows": self.ask(), "scores": scores, "sides": self.sides}
        known = {
            name: np.concatenate([self._memory.get(f"known_{name}", new[:0]), new])
            for name, new in told.items()
        }
        order = np.argsort(bent(known["scores"]).sum(axis=1), kind="stable")[:_KEPT]
        self._memory |= {f"known_{name}": values[order] for name, values in known.items()}

    def _seen(self, rows: Floats) -> Floats:
        seen: Floats = rows ** (1.0 / self._power)
        return seen

    def _draws(self, generation: int) -> np.random.Generator:
        return np.random.default_rng((int(self._memory["seed"]), generation))

    def _drawn(self, generation: int) -> Floats:
        """Return a Latin hypercube of rows, as they are seen."""
        draws = self._draws(generation)
        strata = draws.permuted(np.tile(np.arange(self.population), (self.dimension, 1)), axis=1).T
        drawn = (strata + draws.random((self.population, self.dimension))) / self.population
        rows: Floats = drawn**self._power
        return rows

    def _middles(self, seen: Floats) -> Floats:
        """Return the few best rows that lie apart."""
        middles = seen[:1]
        for row in seen:
            if len(middles) == _MIDDLES:
                break
            if np.abs(middles - row).max(axis=1).min() > _APART:
                middles = np.vstack([middles, row])
        return middles

    def _model(self, seen: Floats, middles: Floats, draws: np.random.Generator) -> FeatureModel:
        kernel = Kernel(self._memory["kernel"])
        away = ((seen[:, None] - middles) / kernel.lengths) ** 2
        near = np.argsort(away.sum(axis=2).min(axis=1), kind="stable")
        chosen = np.union1d(np.arange(min(ROWS // 2, len(seen))), near[: ROWS // 2])
        scores, sides = self._memory["known_scores"][chosen], self._memory["known_sides"][chosen]
        trials = _FIRST_TRIALS if self.generation + 1 == DRAWN else _TRIALS
        return FeatureModel(seen[chosen], scores, sides, kernel, draws, trials)

    def _searched(
        self, model: FeatureModel, seen: Floats, middles: Floats, draws: np.random.Generator
    ) -> Floats:
        """Return the most promising row of each box, (population, d)."""
        boxes = np.arange(self.population)
        middle = middles[boxes // len(_SIZES) % len(middles)][:, None]
        size = np.array(_SIZES)[boxes % len(_SIZES)][:, None, None]
        low, high = np.clip(middle - size, 0.0, 1.0), np.clip(middle + size, 0.0, 1.0)
        shape = (self.population, _CANDIDATES, self.dimension)

        def sums(rows: Floats) -> Floats:
            return model.sums(rows.reshape(-1, self.dimension)).reshape(shape[:2])

        share = np.maximum(draws.random((*shape[:2], 1)), 1.5 / self.dimension)
        varied = draws.random(shape) < share
        rows = middle + varied * draws.normal(0.0, 0.5, shape) * size
        parents = middles[draws.integers(0, len(middles), shape[:2])]
        rows = np.where(varied & (draws.random((*shape[:2], 1)) < 0.3), parents, rows)
        rows = np.clip(rows, low, high)
        rows[:, 0] = middle[:, 0]
        promised = sums(rows)
        for _ in range(_ROUNDS):
            best = rows[boxes, promised.argmin(axis=1)][:, None]
            one, other = draws.integers(0, _CANDIDATES, (2, *shape[:2]))
            pace = draws.uniform(0.3, 0.9, (*shape[:2], 1))
            apart = rows[boxes[:, None], one] - rows[boxes[:, None], other]
            children = np.clip(rows + pace * (best - rows) + pace * apart, low, high)
            taken = draws.random(shape) < draws.choice([0.3, 0.9], (*shape[:2], 1))
            children = np.where(taken, children, rows)
            expected = sums(children)
            better = expected < promised
            rows = np.where(better[:, :, None], children, rows)
            promised = np.where(better, expected, promised)
        found = rows[boxes, promised.argmin(axis=1)]
        return self._parted(found, seen, size[:, 0], draws)

    def _parted(
        self, found: Floats, seen: Floats, size: Floats, draws: np.random.Generator
    ) -> Floats:
        """Return the rows, those moved that are twins of another or of one that was told."""
        for place, row in enumerate(found):
            others = np.concatenate([found[:place], seen])
            if np.abs(others - row).max(axis=1).min() < _TWIN:
                moved = draws.random(self.dimension) < 0.3
                moved[draws.integers(self.dimension)] = True
                step = moved * draws.normal(0.0, size[place] / 3.0, self.dimension)
                found[place] = np.clip(row + step, 0.0, 1.0)
        return found
