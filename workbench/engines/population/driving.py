"""Events of a protocol: when they reach which point, with which weight."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.cells import WEIGHT, CellRecipe
from workbench.engines.population.frame import Frame
from workbench.protocols import Protocol


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Events in the order of their times.

    Attributes
    ----------
    times_ms
        (events,) when they arrive, before the end of the run.
    blocks, points
        (events,) the number of the patch, and of the point there.
    weights
        (events,) in the unit of the point process.
    """

    times_ms: Floats
    blocks: npt.NDArray[np.int32]
    points: npt.NDArray[np.int32]
    weights: Floats


def events_of(frame: Frame, recipe: CellRecipe, protocol: Protocol) -> Arrivals:
    """Return the events of a bound protocol; without a weight of theirs they have the cell's."""
    own = {one.name: one.values.get(WEIGHT) for one in recipe.placed}
    times, places, weights = [np.zeros(0)], [np.zeros((0, 2), np.int32)], [np.zeros(0)]
    for train in protocol.events:
        weight = own[train.place] if train.weight is None else train.weight
        for (name, number), place in frame.points.items():
            if name == train.place:
                arriving = train.times_of(number)
                arriving = arriving[arriving < protocol.duration_ms]
                times.append(arriving)
                places.append(np.tile(np.array(place, np.int32), (len(arriving), 1)))
                weights.append(np.full(len(arriving), float(weight or 0.0)))
    t, at = np.concatenate(times), np.concatenate(places)
    order = np.argsort(t, kind="stable")
    blocks, points = (np.ascontiguousarray(column) for column in at[order].T)
    return Arrivals(t[order], blocks, points, np.concatenate(weights)[order])
