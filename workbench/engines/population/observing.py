"""What of a run is recorded, and how it is told from voltages and states.

Voltages are known at the end of each step, states in its middle, and at jumps. States at the end of
steps are those of a cubic through the four nearest, on the same side of a jump.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.cells import OnPlaced
from workbench.engines.population.computing import Computed
from workbench.engines.population.equations import UntranslatedError
from workbench.engines.population.frame import Frame, Values
from workbench.engines.population.graph import Node
from workbench.engines.population.stimulating import Course
from workbench.morphology import locate
from workbench.protocols import Protocol

_NEAREST = 4


class Spot(NamedTuple):
    """A variable of a segment, of a point process that is placed, or of a clamp.

    Attributes
    ----------
    place
        A section and where on it; or the name of what is placed, and the point's number.
    clamp
        The clamp's course, if it is its own.
    """

    place: tuple[int, float] | tuple[str, int]
    variable: str
    clamp: Course | None = None

    @property
    def segment(self) -> tuple[int, float]:
        """The section and where on it."""
        section, x = self.place
        assert not isinstance(section, str), "a point process has no variable of that name"
        return section, x

    @classmethod
    def at(cls, section: int, x: float, variable: str) -> "Spot":
        """Return a variable of a segment."""
        return cls((section, x), variable)


class _Seen(NamedTuple):
    """The columns of a spot's voltage and states, and what is computed of them."""

    voltage: int
    states: Mapping[str, int]
    node: Node | None
    patch: int
    segment: int


class Observation:
    """What is recorded of some spots of a frame's cells.

    Attributes
    ----------
    nodes
        Whose voltages.
    blocks, places
        Which states: of which membrane, and where among its segments' states.

    Raises
    ------
    UntranslatedError
        If one has a variable that this engine cannot tell.
    """

    def __init__(self, frame: Frame, spots: Sequence[Spot]) -> None:
        self._frame, self._spots = frame, spots
        self._nodes: dict[int, int] = {}
        self._states: dict[tuple[int, int], int] = {}
        self._seen = [self._see(spot) for spot in spots]
        self.nodes = np.array([*self._nodes], np.int32)
        self.blocks = np.array([block for block, _ in self._states], np.int32)
        self.places = np.array([place for _, place in self._states], np.int64)

    @property
    def columns(self) -> int:
        """Of a row of samples."""
        return 1 + len(self.nodes) + (1 + len(self.places) if len(self.places) else 0)

    def _see(self, spot: Spot) -> _Seen:
        frame = self._frame
        if spot.clamp is not None or spot.variable == "v":
            node = frame.network.node(*spot.segment)
            return _Seen(self._nodes.setdefault(node, len(self._nodes)), {}, None, 0, 0)
        if isinstance(spot.place[0], str):
            patch, segment = frame.points[spot.place]
            name = spot.place[0]
            suffix = frame.patches[patch].membrane.equations[0].suffix
            variable = f"{spot.variable}_{suffix}"
        else:
            patch, segment = frame.place(*spot.segment)
            name, variable = frame.recipe.morphology.names[spot.segment[0]], spot.variable
        computed = frame.computed(patch)
        found = computed.node(variable)
        if found is None:
            raise UntranslatedError(
                f"the population engine cannot tell {spot.variable} of {name}: it is in no "
                "equation there; choose engine = 'neuron'"
            )
        if why := computed.refusal(found):
            raise UntranslatedError(f"{spot.variable} of {name}: {why}")
        node = int(frame.patches[patch].nodes[segment])
        voltage = self._nodes.setdefault(node, len(self._nodes))
        membrane = frame.patches[patch].membrane
        columns = {}
        for state in computed.states_of(found):
            place = patch, segment * len(membrane.states) + state
            column = self._states.setdefault(place, len(self._states))
            columns[membrane.name_of(*membrane.states[state])] = column
        return _Seen(voltage, columns, found, patch, segment)

    def read(self, rows: Floats, values: Values) -> tuple[Floats, list[Floats]]:
        """Return the times of samples, and each spot's own of them.

        Parameters
        ----------
        rows
            (samples, columns) of a run.
        values
            The numbers of its cell.
        """
        ended = np.isfinite(rows[:, 0])
        t_ms, v_mV = rows[ended, 0].copy(), rows[ended, 1 : 1 + len(self.nodes)]
        states = np.empty((len(t_ms), 0))
        if len(self.places):
            landed = np.flatnonzero(~ended).tolist()
            states = _between(rows[:, 1 + len(self.nodes) :], landed, t_ms)
        found = []
        for spot, seen in zip(self._spots, self._seen, strict=True):
            v = np.ascontiguousarray(v_mV[:, seen.voltage])
            if spot.clamp is not None:
                found.append(spot.clamp.current_nA(t_ms, v))
            elif seen.node is None:
                found.append(v)
            else:
                known = {name: states[:, n] for name, n in seen.states.items()}
                found.append(self._computed(seen, v, known, values))
        return t_ms, found

    def _computed(
        self, seen: _Seen, v_mV: Floats, states: Mapping[str, Floats], values: Values
    ) -> Floats:
        assert seen.node is not None
        told = {
            name: value if isinstance(value, float) else float(value[seen.segment])
            for name, value in self._frame.told(values, seen.patch).items()
        }
        computed: Computed = self._frame.computed(seen.patch)
        [found] = computed.values([seen.node], {**told, **states, "v": v_mV})
        return np.array(np.broadcast_to(found, v_mV.shape), dtype=float)


def spots_of(protocol: Protocol, frame: Frame, courses: Sequence[Course]) -> list[Spot]:
    """Return the spots of the recordings of a bound protocol.

    Parameters
    ----------
    courses
        Of its stimuli.
    """
    own = {
        (stimulus.site, variable): course
        for stimulus, course in zip(protocol.stimuli, courses, strict=True)
        for variable in stimulus.recorded
    }
    return [
        Spot((one.site.place, one.site.number or 0), one.variable)
        if isinstance(one.site, OnPlaced)
        else Spot(
            locate(one.site, frame.recipe.morphology),
            one.variable,
            own.get((one.site, one.variable)),
        )
        for one in protocol.recordings
    ]


def _between(rows: Floats, landed: Sequence[int], t_ms: Floats) -> Floats:
    """Return (times, states) at some times, of rows that begin with when their states are."""
    at_ms, states = rows[:, 0], rows[:, 1:]
    found = np.empty((len(t_ms), states.shape[1]))
    # A jump has two rows: before it and behind it.
    begins = [0, *landed[1::2]]
    ends = [*landed[::2], len(at_ms) - 1]
    for first, last in zip(begins, ends, strict=True):
        wanted = (t_ms > at_ms[first]) if first else (t_ms >= 0)
        piece = slice(first, last + 1)
        found[wanted] = _interpolated(at_ms[piece], states[piece], t_ms[wanted])
    return found


def _interpolated(at_ms: Floats, values: Floats, t_ms: Floats) -> Floats:
    """Return (times, columns) on the polynomials through the nearest known values."""
    count = min(_NEAREST, len(at_ms))
    first = np.clip(np.searchsorted(at_ms, t_ms) - count // 2, 0, len(at_ms) - count)
    nearest = first[:, None] + np.arange(count)
    x = at_ms[nearest]
    weights = np.ones_like(x)
    for i in range(count):
        for j in range(count):
            if i != j:
                weights[:, i] *= (t_ms - x[:, j]) / (x[:, i] - x[:, j])
    return np.asarray(np.einsum("ti,tic->tc", weights, values[nearest]))
