"""What a fit of several morphologies has on each, and what racing saved of it."""

from dataclasses import dataclass

from workbench.evaluations import Row, was_run
from workbench.fitting import ScoreRule
from workbench.fitting.objectives import Objective


@dataclass(frozen=True)
class Race:
    """What racing saved.

    Attributes
    ----------
    beaten
        How many individuals were beaten before they had been run on all morphologies.
    saved, planned
        Simulations of an individual on a morphology: that were not done, and that would have been.
    """

    beaten: int
    saved: int
    planned: int

    def __str__(self) -> str:
        share = 100 * self.saved / self.planned if self.planned else 0.0
        return (
            f"racing: {self.beaten} individuals beaten before the last morphology; {self.saved} of "
            f"{self.planned} simulations of an individual on a morphology saved ({share:.0f} %)"
        )


def sums_SD(objectives: tuple[Objective, ...], rule: ScoreRule, row: Row) -> dict[str, float]:
    """Return by morphology the sum of an individual's scores there; nothing if there is but one.

    Their mean, or the largest of them, is the individual's sum.
    """
    names = dict.fromkeys(one.morphology for one in objectives if one.morphology)
    count = 1 if rule.morphologies == "worst" else len(names)
    sums = dict.fromkeys(names, 0.0)
    for objective, measured in zip(objectives, row.evaluation.measured, strict=True):
        if objective.morphology and was_run(measured):
            score = rule.failed if row.evaluation.failed else rule.score(objective, measured)
            sums[objective.morphology] += count * objective.weight * score
    return sums
