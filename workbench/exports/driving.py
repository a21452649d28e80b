"""What a protocol does, in the numbers that all formats write."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from workbench.engines.neuron.synapses import arriving
from workbench.exports.model import Model
from workbench.protocols import EPSP, Events, Played, Protocol, Step, Stimulus, VoltageClamp

AMOUNTS: Mapping[type[Stimulus], tuple[str, ...]] = {
    Step: ("delay_ms", "duration_ms", "amplitude_nA"),
    EPSP: ("delay_ms", "amplitude_nA", "tau_rise_ms", "tau_decay_ms"),
    VoltageClamp: ("delay_ms", "duration_ms", "hold_mV", "step_mV", "rs_MOhm"),
}
"""The numbers of stimuli that are not played, in the order in which formats write them."""


def amounts_of(stimulus: Stimulus) -> dict[str, float]:
    """Return the numbers of a stimulus that is not played, by name."""
    return {name: float(getattr(stimulus, name)) for name in AMOUNTS[type(stimulus)]}


def course_file(model: Model, protocol: Protocol, stimulus: Played, number: int, out: Path) -> str:
    """Write the knots of a current, a line `ms nA` each; return the file's name in the folder."""
    integrator = model.integrators[protocol.name]
    # Past the end, as our engine has it, so that the last step of the run has a current too.
    until_ms = protocol.duration_ms + (integrator.dt_ms or 0.025)
    stem = re.sub(r"\W", "_", f"{protocol.name}_{number}")
    file = Path("currents") / f"{stem}.txt"
    (out / file).parent.mkdir(exist_ok=True)
    np.savetxt(out / file, np.transpose(stimulus.course(until_ms)), fmt="%.17g")
    return str(file)


def arrivals(
    model: Model, protocol: Protocol, train: Events
) -> Iterator[tuple[int, float, list[float]]]:
    """Yield for each point that a train drives its number, the weight, and the times in ms."""
    [placed] = [one for one in model.recipe.placed if one.name == train.place]
    own = placed.values.get("weight") or 0.0
    weight = own if train.weight is None else float(train.weight)
    dt_ms = model.integrators[protocol.name].dt_ms
    for number in range(len(placed.points(model.recipe.morphology))):
        times_ms = arriving(train.times_of(number), protocol.duration_ms, dt_ms)
        yield number, weight, times_ms.tolist()


def longest_step_ms(protocol: Protocol) -> float:
    """Return the longest step of CVODE that misses nothing of what a protocol does."""
    return float(min((one.longest_step_ms() for one in protocol.stimuli), default=np.inf))
