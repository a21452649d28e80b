"""Conditions as work: a row holds the number of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.engines import Failure, Job, Outcome
from workbench.engines.neuron import NeuronEngine
from workbench.engines.tasks import Simulations
from workbench.evaluations import Evaluation, Measure, evaluation_of
from workbench.experiments.experiment import Condition
from workbench.experiments.measures import CableMeasure, FunctionMeasure, ShapeMeasure
from workbench.features import Measured, Missing, lacking
from workbench.protocols import Protocol


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

    @property
    def together(self) -> int:
        """How many conditions are best simulated at once."""
        return self.simulations.together

    def open(self) -> Callable[[Floats], Evaluation]:
        """Return what simulates and measures one condition, with its engine started here."""
        many = self.open_many()
        return lambda row: many(row[None, :])[0]

    def open_many(self) -> Callable[[Floats], list[Evaluation]]:
        """Return what simulates and measures several conditions, (n, 1)."""
        engine = self.simulations.engine()
        neuron = engine if isinstance(engine, NeuronEngine) else None

        def evaluate(rows: Floats) -> list[Evaluation]:
            conditions = [self.conditions[int(row[0])] for row in rows]
            outcomes = engine([condition.job for condition in conditions])
            return [
                evaluation_under(condition, outcome, neuron)
                for condition, outcome in zip(conditions, outcomes, strict=True)
            ]

        return evaluate


def evaluation_under(
    condition: Condition, outcome: Outcome, engine: NeuronEngine | None = None
) -> Evaluation:
    """Return what is measured of a condition, with the reasons of what none can have under it.

    `engine` is needed where there are measures of a cable with gates.
    """
    of_traces = tuple(one for one in condition.measures if isinstance(one, Measure))
    found = _of_traces(of_traces, condition.job.protocol, outcome)
    values = iter(found.measured)
    measured = tuple(
        next(values) if isinstance(one, Measure) else _other(one, condition.job, outcome, engine)
        for one in condition.measures
    )
    return Evaluation(measured, found.status)


def _other(
    one: ShapeMeasure | CableMeasure | FunctionMeasure,
    job: Job,
    outcome: Outcome,
    engine: NeuronEngine | None,
) -> Measured:
    if isinstance(one, ShapeMeasure):
        return one.of(job.recipe.morphology)
    if isinstance(one, FunctionMeasure):
        return Missing(outcome.message) if isinstance(outcome, Failure) else one.of(outcome)
    return one.of(job.recipe, engine)


def _of_traces(measures: Sequence[Measure], protocol: Protocol, outcome: Outcome) -> Evaluation:
    if isinstance(outcome, Failure):
        return evaluation_of(measures, [protocol], {protocol.name: outcome})
    reasons = [_lacking(one, protocol) for one in measures]
    able = [m for m, reason in zip(measures, reasons, strict=True) if not reason]
    found = evaluation_of(able, [protocol], {protocol.name: outcome})
    values = iter(found.measured)
    measured = tuple(Missing(reason) if reason else next(values) for reason in reasons)
    return Evaluation(measured, found.status)


def _lacking(one: Measure, protocol: Protocol) -> str:
    """Return why no cell can have a measure under a protocol, or nothing if it can."""
    for part in one.operands:
        window = part.window
        stimulus_nA = protocol.step_nA(window.begin_ms, window.end_ms)
        why = lacking(part.feature, window, protocol.duration_ms, stimulus_nA)
        if why and not part.of_map:
            return why if part == one else f"{part.name}: {why}"
    return ""
