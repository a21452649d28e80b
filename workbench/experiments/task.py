"""Conditions as work: a row holds the number of one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.engines import Failure, Outcome
from workbench.engines.tasks import Simulations
from workbench.evaluations import Evaluation, evaluation_of
from workbench.experiments.experiment import Condition
from workbench.features import Missing, lacking


@dataclass(frozen=True)
class ConditionTask:
    """Conditions on one build of the mechanisms: a number in, an `Evaluation` out."""

    conditions: tuple[Condition, ...]

    @cached_property
    def simulations(self) -> Simulations:
        """Their simulations, under the same numbers."""
        return Simulations(tuple(condition.job for condition in self.conditions))

    @cached_property
    def digest(self) -> str:
        """Digest of the conditions."""
        return digest(self.conditions)

    @property
    def loads(self) -> str:
        """The build that all of them run on."""
        return self.simulations.loads

    def open(self) -> Callable[[Floats], Evaluation]:
        """Return what simulates and measures one condition, with NEURON started here."""
        simulate = self.simulations.open()

        def evaluate(row: Floats) -> Evaluation:
            return evaluation_under(self.conditions[int(row[0])], simulate(row))

        return evaluate


def evaluation_under(condition: Condition, outcome: Outcome) -> Evaluation:
    """Return what is measured of a condition, with the reasons of what none can have under it."""
    protocol = condition.job.protocol
    if isinstance(outcome, Failure):
        return evaluation_of(condition.measures, [protocol], {protocol.name: outcome})
    reasons = [
        lacking(
            one.feature,
            one.window,
            protocol.duration_ms,
            protocol.step_nA(one.window.begin_ms, one.window.end_ms),
        )
        for one in condition.measures
    ]
    measures = [m for m, reason in zip(condition.measures, reasons, strict=True) if not reason]
    found = evaluation_of(measures, [protocol], {protocol.name: outcome})
    values = iter(found.measured)
    measured = tuple(Missing(reason) if reason else next(values) for reason in reasons)
    return Evaluation(measured, found.status)
