"""How far a setting is from the converged values, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.calibration.doing import does
from workbench.calibration.sampling import Individual
from workbench.calibration.simulated import Simulated, Simulations
from workbench.engines import Integrator
from workbench.fitting import Problem
from workbench.studies import Setting, Study, fine

SHARE = 0.95
"""The share of pairs of individual and feature that has to be within the budget."""

PAIRS = 59
"""So many pairs, none of them beyond the budget, show with a confidence of 95 % that `SHARE` of all
are within it: 0.95^59 is 0.048. Fewer do not."""

SETTLED_SD = 0.05
"""A value has converged when the next refinement changes it by less."""


@dataclass(frozen=True)
class Measured:
    """A setting on a sample: cost and errors.

    Attributes
    ----------
    seconds_each
        Processor time of each protocol of one individual, the mean over the sample, (p,).
    errors_SD
        |value - converged value| / SD for every individual and feature, (n, k); infinite where
        only one of the two has a value, NaN where no converged value is known.
    doing
        Which individuals do what the targets ask, (n,); their errors alone have to keep the budget
        too, for in those of the others a missing value that is missing counts as right.
    lost
        Who no worker survived, and why; a setting that loses somebody is out of the choice.
    """

    setting: Setting
    segments: int
    seconds_each: Floats
    errors_SD: Floats
    doing: NDArray[np.bool_]
    lost: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lost = f"; loses {len(self.lost)}" if self.lost else ""
        return (
            f"<Measured {self.setting}: {self.segments} segments, {self.seconds:.3g} s an "
            f"individual, 95 % within {self.quantile_SD():.3g} SD{lost}>"
        )

    @property
    def seconds(self) -> float:
        """Processor time of one individual, all protocols."""
        return float(self.seconds_each.sum())

    def beyond(self, budget_SD: float) -> float:
        """Return the share of the known pairs whose error is above the budget.

        NaN if none is known: that keeps no budget.
        """
        known = self.errors_SD[~np.isnan(self.errors_SD)]
        return float(np.mean(known > budget_SD)) if known.size else float("nan")

    @property
    def known(self) -> int:
        """How many pairs have a converged value, or converged without one."""
        return int(np.sum(~np.isnan(self.errors_SD)))

    @property
    def of_doing(self) -> "Measured":
        """The same, of the individuals alone that do what the targets ask."""
        return replace(self, errors_SD=self.errors_SD[self.doing], doing=self.doing[self.doing])

    @property
    def allowed(self) -> float:
        """The share that may be beyond the budget, less one standard error of such a share."""
        error = np.sqrt(SHARE * (1 - SHARE) / self.known) if self.known else 0.0
        return max(0.0, float(1 - SHARE - error))

    def keeps(self, budget_SD: float) -> bool:
        """Return whether enough of the known pairs are within the budget."""
        both = (self, self.of_doing)
        return not self.lost and all(one.beyond(budget_SD) <= 1 - SHARE + 1e-9 for one in both)

    def is_safe(self, budget_SD: float, part: float = 1.0) -> bool:
        """Return whether this part of what is allowed is beyond the budget, or less.

        Of those that do what the targets ask all that is allowed of them may be.
        """
        doing = self.of_doing
        return (
            not self.lost
            and self.beyond(budget_SD) <= part * self.allowed
            and doing.beyond(budget_SD) <= doing.allowed
        )

    def quantile_SD(self, share: float = SHARE) -> float:
        """Return the error that this share of the known pairs does not exceed."""
        known = np.sort(self.errors_SD[~np.isnan(self.errors_SD)])
        if not known.size:
            return float("nan")
        return float(known[min(known.size - 1, int(np.ceil(share * known.size)) - 1)])


def measure(
    study: Study,
    setting: Setting,
    sample: Sequence[Individual],
    converged: Floats,
    simulations: Simulations,
) -> Measured:
    """Simulate individuals with a setting and compare with the converged values, (n, k).

    One that is lost has errors without bound, and no part in the mean cost.
    """
    problem = setting.apply(study).problem
    values = np.full(converged.shape, np.inf)
    seconds, lost = [], []
    for i, one in enumerate(simulations.run(problem, sample, timed=True)):
        if isinstance(one, Simulated):
            values[i] = one.values
            seconds.append(one.seconds)
        else:
            lost.append(f"{sample[i].name}: {one}")
    each = np.mean(seconds, axis=0) if seconds else np.full(len(problem.protocols), np.inf)
    errors = errors_SD(problem, values, converged)
    doing = does(problem, converged)
    segments = sum(problem.cell(sample[0].row).segment_counts)
    return Measured(setting, segments, each, errors, doing, tuple(lost))


def converge(
    study: Study,
    sample: Sequence[Individual],
    simulations: Simulations,
    *,
    keep_segments: bool,
) -> Floats:
    """Return the converged value of every feature of every individual, (n, k).

    Each refinement takes finer segments and a finer tolerance. NaN means that the feature has no
    value, as its refinement says too; +inf that it still moves at the finest.

    Raises
    ------
    WorkerError
        If no worker survives an individual: without its values nothing can be compared.
    """
    steps = ladder(study, keep_segments)
    found = np.full((len(sample), len(study.problem.objectives)), np.inf)
    before = simulations.values(steps[0].apply(study).problem, sample)
    pending = np.arange(len(sample))
    for setting in steps[1:]:
        problem = setting.apply(study).problem
        now = simulations.values(problem, [sample[int(i)] for i in pending])
        moved = errors_SD(problem, before, now)
        found[pending] = np.where(moved < SETTLED_SD, now, np.inf)
        left = (moved >= SETTLED_SD).any(axis=1)
        pending, before = pending[left], now[left]
        if not len(pending):
            break
    return found


def ladder(study: Study, keep_segments: bool) -> list[Setting]:
    """Return the settings under which values converge, each finer than the one before."""
    own = study.problem.recipe.segments
    native = Integrator(native=True, steps_per_ms=5000)
    return [
        Setting(own if keep_segments else fine(um), replace(native, atol=atol))
        for um, atol in ((20.0, 1e-4), (10.0, 1e-5), (5.0, 1e-6))
    ]


def errors_SD(problem: Problem, values: Floats, converged: Floats) -> Floats:
    """Return |value - converged| / SD, (n, k); see `Measured`."""
    stds = np.array([objective.std for objective in problem.objectives])
    one, both = np.isnan(values) ^ np.isnan(converged), np.isnan(values) & np.isnan(converged)
    with np.errstate(invalid="ignore"):
        errors = np.abs(values - converged) / stds
    errors = np.where(one, np.inf, np.where(both, 0.0, errors))
    return np.where(np.isposinf(converged), np.nan, errors)
