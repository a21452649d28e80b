"""What a problem may hold that stock BluePyOpt cannot express, a sentence each."""

from collections.abc import Iterator

from workbench.cells import Balance, CellRecipe, Distribution, DLambda
from workbench.engines import Integrator
from workbench.engines.neuron import conduct_of
from workbench.features import own_features
from workbench.fitting import Problem
from workbench.protocols import FOUND, Alpha, Chirp, Noise, Protocol, Ramp, Sine, Step, Waveform

NEURONS_ATOL = 1e-3
STIMULI = (Step, Alpha, Ramp, Sine, Chirp, Noise, Waveform)


def obstacles(problem: Problem) -> Iterator[str]:
    """Yield everything that stock BluePyOpt cannot express, and what can be done."""
    if problem.morphologies:
        names = ", ".join(name for name, _ in problem.morphologies)
        yield f"several morphologies: it has one; name it with --morphology: {names}"
    yield from _of_integrator(problem.integrator)
    for name, own in problem.own_integrators:
        yield f"{name} has an integrator of its own, {own}: it has one for all protocols"
    yield from _of_cell(problem.recipe)
    yield from _of_mechanisms(problem.recipe)
    for protocol in problem.protocols:
        yield from _of_protocol(protocol, problem.recipe)
    yield from _of_targets(problem)


def left_behind(problem: Problem) -> Iterator[str]:
    """Yield what has no counterpart there, though no score of a sound individual depends on it."""
    if scaled := [one.name for one in problem.parameters if one.scale == "log"]:
        yield f"{', '.join(scaled)}: the logarithmic scale; BluePyOpt searches bounds evenly"
    for protocol in problem.protocols:
        if protocol.maps:
            yield f"{protocol.name}: its maps"
    rule, integrator = problem.rule, problem.integrator
    if rule.failed != rule.missing:
        yield (
            f"score: failed = {rule.failed:g}; there a failed simulation has no features, each "
            f"missing ({rule.missing:g})"
        )
    if integrator.dt_ms is None:
        yield f"steps_per_ms = {integrator.steps_per_ms}: its CVODE takes as many steps as it wants"


def _of_integrator(integrator: Integrator) -> Iterator[str]:
    if integrator.engine != "neuron":
        yield f"engine {integrator.engine}: it simulates with NEURON; choose engine neuron"
    if integrator.step_error_mV is not None:
        yield (
            f"step_error_mV = {integrator.step_error_mV:g}: it has no adaptive steps; export a "
            f"fixed step (--dt 0.025) or CVODE at NEURON's own tolerance (--cvode {NEURONS_ATOL:g})"
        )
    if integrator.atol not in (None, NEURONS_ATOL):
        yield (
            f"cvode_atol = {integrator.atol:g}: it leaves CVODE at NEURON's own tolerance; take "
            f"{NEURONS_ATOL:g} or a fixed step"
        )


def _of_cell(recipe: CellRecipe) -> Iterator[str]:
    for pointer in recipe.pointers:
        yield f"POINTER {pointer}; it sets none"
    names = [paint.name for paint in recipe.paint]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: it is painted twice, and BluePyOpt keeps one parameter of a name"
    for paint in recipe.paint:
        if isinstance(paint.distribution, Balance):
            yield f"{paint.name}: it balances the membrane, and it has no such leak; give a number"
    spread = [p.distribution for p in recipe.paint if isinstance(p.distribution, Distribution)]
    for distribution in {one.name: one for one in spread}.values():
        if distribution.at != "centre":
            yield (
                f"distribution {distribution.name!r}: the distance is taken at the "
                f"{distribution.at}, BluePyOpt takes it at each segment's centre"
            )
    free = {paint.variable for paint in recipe.paint if not paint.known}
    if isinstance(recipe.segments, DLambda) and (passive := sorted(free & {"Ra", "cm"})):
        yield (
            f"segments by d_lambda with {' and '.join(passive)} free: it cuts sections before "
            "parameters are set; give max_length_um"
        )


def _of_mechanisms(recipe: CellRecipe) -> Iterator[str]:
    for file, verdict in conduct_of(recipe).verdicts:
        for what in verdict.stale_tables:
            yield f"{file}: {what}: it would be used, and does not follow them; remove it"
        for name in verdict.fixed_in_tables:
            if f"{name}_{verdict.suffix}" in recipe.global_values:
                yield f"{file}: a TABLE does not follow {name}, which the cell sets; list it there"
        for name in verdict.random:
            yield f"{file}: RANDOM {name}: what it draws would differ from individual to individual"


def _of_protocol(protocol: Protocol, recipe: CellRecipe) -> Iterator[str]:
    for name, sought in protocol.sought.items():
        yield (
            f"protocol {protocol.name}: {name} is {sought}, found on each individual; in place of "
            "that it has a number: give one"
        )
    for kind in dict.fromkeys(type(stimulus) for stimulus in protocol.bound().stimuli):
        if not issubclass(kind, STIMULI):
            allowed = ", ".join(one.__name__ for one in STIMULI)
            yield f"protocol {protocol.name}: the stimulus {kind.__name__}; it is given {allowed}"


def _of_targets(problem: Problem) -> Iterator[str]:
    for objective in problem.objectives:
        for part in objective.operands:
            if part.against is not None:
                yield f"{part.name}: a recorded trace; it has features of eFEL"
            elif part.train is not None:
                yield f"{part.name}: recorded spikes; it has features of eFEL"
            elif part.to:
                yield f"{part.name}: a feature of two recordings; it has those of eFEL, of one"
            elif part.feature in FOUND:
                yield f"{part.name}: found before a protocol is run; it has features of eFEL"
            elif part.feature in own_features():
                yield f"{part.name}: a feature of the workbench's own; it has those of eFEL"
    for penalty in problem.penalties:
        yield f"{penalty.name}: its scores are distances from targets; leave them out"
    if problem.block is not None:
        yield f"{problem.block.name}: it simulates nothing after the scores; leave it out"
    rule = problem.rule
    if rule.cap not in (None, rule.missing):
        yield (
            f"score: cap = {rule.cap:g}: it has one largest score, that of a missing feature "
            f"({rule.missing:g}), or none"
        )
