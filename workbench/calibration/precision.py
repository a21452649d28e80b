"""Single precision before a fit: where it wins back what it costs, and moves no value by much."""

from dataclasses import dataclass, replace

import numpy as np

from workbench.arrays import Floats
from workbench.calibration.doing import answered
from workbench.calibration.measuring import SHARE, errors_SD
from workbench.calibration.progress import SINGLE
from workbench.calibration.trying import values_under
from workbench.engines import Integrator
from workbench.errors import EngineError
from workbench.fitting import Problem
from workbench.studies import Setting
from workbench.workers.task import Workers

MOST_SD = 0.025
"""By how much single precision may move `SHARE` of the values: a tenth of what a check allows."""

COSTS_s = 30.0
"""Processor time of a second build and its trial; on one of today's processors."""


@dataclass(frozen=True)
class Moves:
    """How far single precision moves feature values: `SHARE` of so many by at most this."""

    quantile_SD: float
    pairs: int

    @property
    def are_small(self) -> bool:
        """Whether values may be computed so."""
        return self.quantile_SD <= MOST_SD

    def __str__(self) -> str:
        share = f"{100 * SHARE:.0f} % of {self.pairs} feature values"
        if self.are_small:
            return f"single precision moves {share} by at most {self.quantile_SD:.1g} SD"
        return (
            f"single precision is left out: it does not keep {share} within {MOST_SD:g} SD of "
            "those in double"
        )


def pays(seconds: float, evaluations: float) -> bool:
    """Return whether so many evaluations, of so many s in double, win back what it costs."""
    return evaluations * seconds * (1 - SINGLE) > COSTS_s


def in_single(setting: Setting) -> Setting | None:
    """Return a setting in single precision; None where its engine has none."""

    def single(integrator: Integrator) -> Integrator:
        return replace(integrator, precision="single")

    try:
        own = tuple((name, single(one)) for name, one in setting.own_integrators)
        return replace(setting, integrator=single(setting.integrator), own_integrators=own)
    except EngineError:
        return None


def moves(double: Problem, single: Problem, rows: Floats, workers: Workers) -> Moves:
    """Compare the values of some individuals, (n, d), in both precisions.

    Only pairs of individual and feature count where one of them answers the target.
    """
    [before] = values_under([double], rows, workers)
    [after] = values_under([single], rows, workers)
    counted = answered(double, before) | answered(double, after)
    errors = errors_SD(double, after, before)[counted]
    if not errors.size:
        return Moves(float("inf"), 0)
    return Moves(float(np.quantile(errors, SHARE, method="inverted_cdf")), errors.size)
