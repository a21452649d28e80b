"""The problem of a fit: a value that a worker is given once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.digests import digest
from workbench.engines import Integrator, Job
from workbench.errors import InputError, StudyError, unknown
from workbench.evaluations import (
    BEATEN,
    Evaluation,
    Measure,
    Rounds,
    Simulated,
    beaten_after,
    check_found,
    evaluation_of,
    simulated,
    together,
    was_run,
)
from workbench.features import Measured
from workbench.fitting.block import BlockCheck
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter, to_physical, to_unit
from workbench.fitting.penalties import Penalty, with_penalties
from workbench.mechanisms import why_not_painted
from workbench.morphology import Morphology
from workbench.protocols import Protocol, check_protocol
from workbench.units import ANY, amount

_PARTS = {
    "parameters": ("parameters",),
    "protocols": ("protocols",),
    "targets": ("objectives", "rule", "penalties", "block"),
    "integrator": ("integrator", "own_integrators"),
}
"""The fields that each part of a problem but its cell is made of."""

_CLEARLY = 1.0 + 1e-9
"""What a sum has to be above a bound by: more than the order of adding can do."""


@dataclass(frozen=True)
class Problem:
    """A cell with free parameters, protocols, and the features that it should have.

    Attributes
    ----------
    recipe
        The cell; its free values are those of `parameters`.
    protocols
        All are simulated for every individual, in this order.
    objectives
        One score each.
    integrator
        For all protocols without one of their own.
    own_integrators
        Those of single protocols, by name. A process loads one build of the mechanisms: engine,
        compilation and GPU are those of `integrator`.
    penalties
        What voltages may not do, each under one of the protocols.
    morphologies
        By name, if there are several: each protocol and objective says of which it is, and the
        protocols of one stand together. `recipe` has the first.
    block
        What is simulated after the protocols, of an individual with small scores.
    """

    name: str
    recipe: CellRecipe
    parameters: tuple[Parameter, ...]
    protocols: tuple[Protocol, ...]
    objectives: tuple[Objective, ...]
    integrator: Integrator = Integrator()
    rule: ScoreRule = ScoreRule()
    own_integrators: tuple[tuple[str, Integrator], ...] = ()
    penalties: tuple[Penalty, ...] = ()
    morphologies: tuple[tuple[str, Morphology], ...] = ()
    block: BlockCheck | None = None

    def __post_init__(self) -> None:
        free, named = set(self.recipe.free), [p.name for p in self.parameters]
        if free != set(named) or len(named) != len(free):
            raise StudyError(
                f"{self.name}: the free values of the cell are {sorted(free)}, "
                f"but the parameters are {sorted(named)}"
            )
        for what, parts in (("protocols", self.protocols), ("objectives", self.objectives)):
            names = [part.name for part in parts]
            for name in names:
                if names.count(name) > 1:
                    raise StudyError(f"{self.name}: two {what} are named {name}")
        self._check_objectives()
        self._check_penalties()
        if self.block is not None:
            if self.morphologies:
                raise StudyError(
                    f"{self.block.name}: a block is looked for on one morphology, and there are "
                    f"{len(self.morphologies)}; leave the check or the others out"
                )
            check_protocol(self.block.protocol.bound(), self.recipe)
        for recipe, done in self.cells(self.recipe):
            for protocol in done:
                check_protocol(protocol.bound(), recipe)
        protocols = [protocol.name for protocol in self.all_protocols]
        for name, own in self.own_integrators:
            if name not in protocols:
                what = unknown("protocol", name, protocols)
                raise StudyError(f"{self.name}: an integrator of its own for {what}")
            if own.build != self.integrator.build:
                raise StudyError(
                    f"{self.name}: {name} is to run on {own} and the others on {self.integrator}; "
                    "engine, native, gpu and precision have to be the same for all protocols"
                )

    def __repr__(self) -> str:
        return f"<Problem {self.name}: {self.content}>"

    def _check_objectives(self) -> None:
        for objective in self.objectives:
            for operand in objective.operands:
                try:
                    self._check_operand(operand)
                except InputError as error:
                    raise StudyError(f"{objective.name}: {error}") from None

    def _check_penalties(self) -> None:
        protocols = {protocol.name: protocol for protocol in self.protocols}
        for one in self.penalties:
            if one.protocol not in protocols:
                raise StudyError(f"{one.name}: {unknown('protocol', one.protocol, protocols)}")
            recordings = [r.name for r in protocols[one.protocol].recordings]
            if (recording := f"{one.location}.v") not in recordings:
                raise StudyError(f"{one.name}: {unknown('recording', recording, recordings)}")

    def _check_operand(self, operand: Measure) -> None:
        protocols = {protocol.name: protocol for protocol in self.protocols}
        if operand.protocol not in protocols:
            raise StudyError(unknown("protocol", operand.protocol, protocols))
        recordings = [r.name for r in protocols[operand.protocol].recordings]
        for recording in operand.recordings:
            if recording not in recordings:
                raise StudyError(unknown("recording", recording, recordings))
        check_found(operand, protocols[operand.protocol])
        operand.window.check_end(protocols[operand.protocol].duration_ms)

    @cached_property
    def digest(self) -> str:
        """Digest of everything that a value or a score depends on; the name is no part of it."""
        return digest(tuple(self.parts.items()))

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """Digest by part, to say what has changed when two problems differ."""
        return {
            "cell": digest(replace(self.recipe, name="")),
            **({"morphologies": digest(self.morphologies)} if self.morphologies else {}),
            **{part: digest(self, of=fields) for part, fields in _PARTS.items()},
        }

    @property
    def content(self) -> str:
        """What it consists of, in words."""
        protocols = len(self.protocols) // (len(self.morphologies) or 1)
        return (
            f"{len(self.parameters)} free parameters, {protocols} protocols, {len(self.axes)} "
            f"features{self.shapes}; {self.integration}"
        )

    @property
    def shapes(self) -> str:
        """On how many morphologies it is, in words that follow others; nothing of one."""
        if not self.morphologies:
            return ""
        return f" on {len(self.morphologies)} morphologies ({self.rule.morphologies})"

    @cached_property
    def axes(self) -> Mapping[str, list[int]]:
        """The places of the objectives that are one score of a search, by what they are called.

        Those of one feature on several morphologies.
        """
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.objectives):
            found.setdefault(one.shared_name, []).append(place)
        return found

    def cells(self, recipe: CellRecipe) -> Iterator[tuple[CellRecipe, tuple[Protocol, ...]]]:
        """Yield a cell on each morphology, with the protocols that are done to it there."""
        if not self.morphologies:
            yield recipe, self.protocols
        for name, morphology in self.morphologies:
            own = recipe if morphology is recipe.morphology else recipe.with_morphology(morphology)
            yield own, tuple(one for one in self.protocols if one.morphology == name)

    @property
    def all_protocols(self) -> tuple[Protocol, ...]:
        """The protocols, and that of the block check."""
        return self.protocols if self.block is None else (*self.protocols, self.block.protocol)

    @property
    def integration(self) -> str:
        """How the protocols are integrated, in words."""
        own = [f"{name}: {integrator}" for name, integrator in self.own_integrators]
        return "; ".join([str(self.integrator), *own])

    def integrator_of(self, protocol: str) -> Integrator:
        """Return the integrator of a protocol, of this problem or of another with its cell."""
        return dict(self.own_integrators).get(protocol, self.integrator)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the free parameters, in the order of a row."""
        return tuple(parameter.name for parameter in self.parameters)

    def physical(self, unit: Floats) -> Floats:
        """Map rows of the unit cube, (n, d), to parameter values in their own units, (n, d)."""
        return to_physical(self.parameters, unit)

    def unit(self, values: Floats) -> Floats:
        """Map parameter values, (n, d), to rows of the unit cube, (n, d)."""
        return to_unit(self.parameters, values)

    def row(self, values: Mapping[str, float]) -> Floats:
        """Return a parameter set as a row of values, (d,).

        Raises
        ------
        StudyError
            If a parameter is missing, is not one of this problem, or is no number of reason.
        """
        for name in values:
            if name not in self.parameter_names:
                variable = name.partition(".")[0]
                what = why_not_painted(variable, self.recipe.mechanisms)
                what = what or unknown("parameter", name, self.parameter_names)
                raise StudyError(f"{self.name}: {what}")
        missing = [name for name in self.parameter_names if name not in values]
        if missing:
            raise StudyError(f"{self.name}: the parameter set has no {', '.join(missing)}")
        try:
            row = [amount(name, values[name], ANY) for name in self.parameter_names]
        except InputError as error:
            raise StudyError(f"{self.name}: {error}") from None
        return np.array(row, dtype=float)

    def cell(self, row: Floats) -> CellRecipe:
        """Return the cell with a row of parameter values, (d,)."""
        return self.recipe.with_values(dict(zip(self.parameter_names, row.tolist(), strict=True)))

    def jobs(self, row: Floats, *, block: bool = False) -> list[Job]:
        """Return simulations of one individual, for checks and proofs; `block` has its check too.

        Where a protocol asks for what is found on the cell there is a stand-in: `simulating` has
        the simulations whose numbers count.
        """
        cells = list(self.cells(self.cell(row)))
        if self.block is not None and block:
            cells.append((cells[0][0], (self.block.protocol,)))
        plain = [
            (recipe, one.bound() if one.sought else one)
            for recipe, done in cells
            for one in _without_maps(done)
        ]
        return [Job(recipe, one, self.integrator_of(one.name)) for recipe, one in plain]

    def simulating(self, recipe: CellRecipe) -> Rounds[Simulated]:
        """Return the simulations of one cell: its company is a function of the problem.

        Several morphologies are simulated one after the other.
        """
        parts = []
        for own, done in self.cells(recipe):
            parts.append((yield from simulated(own, _without_maps(done), self.integrator_of)))
        return together(parts)

    def evaluating(self, row: Floats) -> Rounds[Evaluation]:
        """Simulate and measure one individual, (d,)."""
        recipe = self.cell(row)
        found = yield from self.simulating(recipe)
        return (yield from self.judging(recipe, found))

    def judging(self, recipe: CellRecipe, found: Simulated) -> Rounds[Evaluation]:
        """Return what is measured of a cell that was simulated, with its penalties.

        If there is a block check and the scores are small, it is simulated once more.
        """
        evaluation, block = self.evaluation(found), self.block
        if block is None or evaluation.failed or not block.is_due(self.score(evaluation)):
            return evaluation
        again = yield from simulated(recipe, (block.protocol,), self.integrator_of)
        return block.judged(evaluation, again.outcomes)

    def evaluation(self, found: Simulated) -> Evaluation:
        """Return what is measured of a cell that was simulated, with its penalties."""
        evaluation = found.evaluation(self.objectives)
        return with_penalties(evaluation, self.objectives, self.penalties, found.outcomes)

    def racing(self, row: Floats, above: float) -> Rounds[Evaluation]:
        """Do what `evaluating` does, but end after the morphology that beats the individual.

        It is beaten where the sum of its scores so far is above a bound: no score is negative, so
        whatever the other morphologies said, the sum would be. What was not run has no value.
        """
        parts: list[Simulated] = []
        cells = list(self.cells(self.cell(row)))
        for own, done in cells:
            parts.append((yield from simulated(own, _without_maps(done), self.integrator_of)))
            so_far = self._so_far(together(parts), len(parts), len(cells))
            if float(self.score(so_far).sum()) > above * _CLEARLY:
                break
        return so_far

    def _so_far(self, found: Simulated, count: int, of: int) -> Evaluation:
        """Return the evaluation of what was run on `count` of the morphologies."""
        if count == of:
            return self.evaluation(found)
        known = {one.name for one in found.protocols}
        run = [one for one in self.objectives if one.protocol in known]
        penalties = [one for one in self.penalties if one.protocol in known]
        part = evaluation_of(run, found.protocols, found.outcomes, found.found)
        part = with_penalties(part, run, penalties, found.outcomes)
        values = iter(part.measured)
        measured: list[Measured] = [
            next(values) if one.protocol in known else beaten_after(count, of)
            for one in self.objectives
        ]
        return Evaluation(tuple(measured), part.status if part.failed else BEATEN)

    def score(self, evaluation: Evaluation) -> Floats:
        """Return the scores, one an objective, (k,), non-negative and finite.

        Each is its objective's weight times what the rule says. Of several morphologies their sum
        is what the rule makes of them: where that is the worst, the others' scores are 0. So are
        those of what was not run.
        """
        weights: Floats = np.array([objective.weight for objective in self.objectives])
        if evaluation.failed:
            return self._counting(weights * self.rule.failed)
        measured = zip(self.objectives, evaluation.measured, strict=True)
        scores = [
            self.rule.score(objective, values) if was_run(values) else 0.0
            for objective, values in measured
        ]
        return self._counting(np.multiply(weights, scores))

    def _counting(self, scores: Floats) -> Floats:
        """Return the scores with 0 on all morphologies but the worst, if that alone counts."""
        if not self.morphologies or self.rule.morphologies != "worst":
            return scores
        own = np.array([one.morphology for one in self.objectives])
        sums = {name: float(scores[own == name].sum()) for name, _ in self.morphologies}
        return np.where(own == max(sums, key=lambda name: sums[name]), scores, 0.0)

    def told(self, scores: Floats, sides: NDArray[np.int8]) -> tuple[Floats, NDArray[np.int8]]:
        """Return what a search is told of scores and sides, both (n, k): a column for each axis.

        On several morphologies the sum of a feature's scores, and the side of its largest.
        """
        axes = list(self.axes.values())
        if len(axes) == len(self.objectives):
            return scores, sides
        largest = [np.array(places)[scores[:, places].argmax(axis=1)] for places in axes]
        rows = np.arange(len(scores))
        return (
            np.column_stack([scores[:, places].sum(axis=1) for places in axes]),
            np.column_stack([sides[rows, place] for place in largest]),
        )


def _without_maps(protocols: tuple[Protocol, ...]) -> tuple[Protocol, ...]:
    """Return the protocols without maps, which no objective asks for."""
    return tuple(replace(one, maps=()) if one.maps else one for one in protocols)
