"""All protocols of one cell, simulated: first what they are relative to, then they themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.cells import CellRecipe
from workbench.engines import Job, Outcome
from workbench.evaluations.evaluation import Evaluation
from workbench.evaluations.finding import Finder, Integrators
from workbench.evaluations.measures import Found, Measure, evaluation_of
from workbench.evaluations.rounds import Rounds
from workbench.features import Measured, Missing
from workbench.protocols import Protocol


@dataclass(frozen=True)
class Simulated:
    """What came of one cell.

    Attributes
    ----------
    protocols
        As they were run: with numbers where they asked for what is found on the cell.
    outcomes
        By protocol; why it was not run, if what it is relative to was not found.
    found
        By protocol, what was found before it was run.
    """

    protocols: tuple[Protocol, ...]
    outcomes: Mapping[str, Outcome | Missing]
    found: Found

    def evaluation(self, measures: Sequence[Measure]) -> Evaluation:
        """Return what is measured of it."""
        return evaluation_of(measures, self.protocols, self.outcomes, self.found)


def together(parts: Sequence[Simulated]) -> Simulated:
    """Return what came of a cell on several morphologies as one; their protocols differ in name."""
    if len(parts) == 1:
        return parts[0]
    return Simulated(
        tuple(one for part in parts for one in part.protocols),
        {name: outcome for part in parts for name, outcome in part.outcomes.items()},
        {name: found for part in parts for name, found in part.found.items()},
    )


def simulated(
    recipe: CellRecipe, protocols: Sequence[Protocol], integrator_of: Integrators
) -> Rounds[Simulated]:
    """Simulate a cell under protocols, after what they are relative to has been found.

    Those that are relative to nothing are one round.
    """
    finder = Finder(recipe, integrator_of)
    found: dict[str, Mapping[str, Measured]] = {}
    outcomes: dict[str, Outcome | Missing] = {}
    ready: list[Protocol] = []
    for protocol in protocols:
        if not protocol.sought:
            ready.append(protocol)
            continue
        one = yield from finder.ready(protocol)
        ready.append(one.protocol)
        found[protocol.name] = one.found
        if one.why is not None:
            outcomes[protocol.name] = one.why
    left = [one for one in ready if one.name not in outcomes]
    if left:
        now = yield [Job(recipe, one, integrator_of(one.name)) for one in left]
        outcomes |= {one.name: outcome for one, outcome in zip(left, now, strict=True)}
    return Simulated(tuple(ready), {one.name: outcomes[one.name] for one in ready}, found)
