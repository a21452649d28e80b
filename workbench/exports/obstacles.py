"""What a model may hold that a format cannot say, a sentence each."""

from collections.abc import Iterator

from workbench.cells import Balance
from workbench.engines.neuron import conduct_of
from workbench.exports.driving import AMOUNTS
from workbench.exports.model import Model
from workbench.protocols import Played


def of_neuron(model: Model) -> Iterator[str]:
    """Yield what is not written for NEURON, in Python or hoc."""
    yield from of_cell(model)
    for protocol in model.protocols:
        for stimulus in protocol.stimuli:
            if not isinstance(stimulus, Played) and type(stimulus) not in AMOUNTS:
                yield f"protocol {protocol.name}: the stimulus {stimulus.kind} is not written"


def of_cell(model: Model) -> Iterator[str]:
    """Yield what of a cell is not written in any format."""
    recipe = model.recipe
    for pointer in recipe.pointers:
        yield f"POINTER {pointer}: it is not written"
    for paint in recipe.paint:
        if isinstance(paint.distribution, Balance):
            yield f"{paint.name}: it balances the membrane, before each run anew; give a number"
    for file, verdict in conduct_of(recipe).verdicts:
        for name in verdict.random:
            yield f"{file.name}: RANDOM {name}: the numbers of its streams are not written"


def left_behind(model: Model) -> Iterator[str]:
    """Yield what is not handed on, though no recording depends on it."""
    for protocol in model.protocols:
        if protocol.maps:
            yield f"{protocol.name}: its maps"
    if model.study.problem.objectives:
        yield "targets and scores"
