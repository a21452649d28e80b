"""Point processes on the sections of a cell, and the events that drive them."""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.cells import WEIGHT, CellRecipe, OnPlaced
from workbench.engines.neuron.advance import LONGEST_PIECE_ms, steps_until
from workbench.errors import EngineError, unknown
from workbench.mechanisms import Verdict
from workbench.protocols import Protocol


class Points:
    """The point processes of a cell, by the name under which they are placed."""

    def __init__(self) -> None:
        self._mechanisms: dict[str, str] = {}
        self._by_name: dict[str, list[Any]] = {}
        self._weights: Mapping[str, float] = {}
        self._connections: dict[str, list[list[Any]]] = {}

    def place(self, h: Any, recipe: CellRecipe, sections: Sequence[Any]) -> None:
        """Put them where a recipe has them.

        Raises
        ------
        EngineError
            If NEURON lacks one.
        """
        for one in recipe.placed:
            made = getattr(h, one.mechanism, None)
            if made is None:
                raise EngineError(
                    f"NEURON has no point process {one.mechanism!r}; is its .mod file in the "
                    "study's folders?"
                )
            places = one.points(recipe.morphology)
            self._mechanisms[one.name] = one.mechanism
            self._by_name[one.name] = [made(sections[index](x)) for index, x in places]

    def paint(self, recipe: CellRecipe, before: CellRecipe | None) -> None:
        """Set the values of a recipe without free ones; those that are as in `before` are."""
        old = {one.name: one.values for one in before.placed} if before else {}
        self._weights = {
            one.name: float(value)
            for one in recipe.placed
            if (value := one.values.get(WEIGHT)) is not None
        }
        for one in recipe.placed:
            for name, value in one.values.items():
                if name == WEIGHT or old.get(one.name, {}).get(name) == value:
                    continue
                for point in self._by_name[one.name]:
                    setattr(point, name, value)

    def streams(self, verdict: Verdict) -> Iterator[tuple[Any, tuple[int, int, int]]]:
        """Yield the RANDOM streams of a mechanism's points, each with numbers of its own."""
        for name, points in self._by_name.items():
            if self._mechanisms[name] == verdict.suffix:
                for variable in verdict.random:
                    code = zlib.crc32(f"{variable}_{verdict.suffix}.{name}".encode())
                    for number, point in enumerate(points):
                        yield getattr(point, variable), (number, 0, code)

    def driven(self, h: Any, protocol: Protocol, dt_ms: float | None) -> Iterator["Train"]:
        """Yield the trains of a bound protocol, one for each point that it drives."""
        drives = Counter[str]()
        for events in protocol.events:
            if events.place not in self._by_name:
                raise EngineError(
                    f"protocol {protocol.name}: events on {events.place}: "
                    f"{unknown('placed point process', events.place, self._by_name)}"
                )
            connections = self._connected(h, events.place, drives[events.place])
            drives[events.place] += 1
            own = self._weights.get(events.place, 0.0)
            weight = own if events.weight is None else float(events.weight)
            for number, connection in enumerate(connections):
                for argument in range(int(connection.wcnt())):
                    connection.weight[argument] = weight if argument == 0 else 0.0
                # No event takes this way, but CoreNEURON aborts where it is as short as a step.
                connection.delay = max(LONGEST_PIECE_ms, 2 * (dt_ms or 0.0))
                times_ms = arriving(events.times_of(number), protocol.duration_ms, dt_ms)
                yield Train(connection, times_ms)

    def of(self, name: str) -> list[tuple[Any, Any]]:
        """Return the points of a name, each with its segment; none if nothing is placed so."""
        return [(point.get_segment(), point) for point in self._by_name.get(name, ())]

    def pointer(self, where: OnPlaced, variable: str) -> Any:
        """Return NEURON's pointer to a variable of a point.

        Raises
        ------
        EngineError
            If there is no such point, or it has no such variable.
        """
        points = self._by_name.get(where.place, [])
        number = where.number or 0
        if not number < len(points):
            raise EngineError(f"{where}: the cell has {len(points)} points of this name")
        try:
            return getattr(points[number], f"_ref_{variable}")
        except AttributeError:
            raise EngineError(
                f"{where}: {self._mechanisms[where.place]} has no variable {variable}"
            ) from None

    def _connected(self, h: Any, name: str, number: int) -> list[Any]:
        """Return a connection to each point of a name, for the train of this number there.

        They are kept, since NEURON forgets to free some bytes of each. Those that no train of a run
        takes deliver nothing.
        """
        kept = self._connections.setdefault(name, [])
        while len(kept) <= number:
            kept.append([h.NetCon(None, point) for point in self._by_name[name]])
        return kept[number]

    def close(self) -> None:
        """Forget them, so that NEURON deletes them."""
        self._connections.clear()
        self._by_name.clear()


class Train(NamedTuple):
    """Events on their way to one point: NEURON's connection, and when they arrive."""

    connection: Any
    times_ms: Floats

    def queue(self) -> None:
        """Queue all of them; after `finitialize`, which empties NEURON's queue."""
        for at_ms in self.times_ms.tolist():
            self.connection.event(at_ms)


def arriving(times_ms: Floats, until_ms: float, dt_ms: float | None) -> Floats:
    """Return when events arrive before the end of a run.

    In fixed steps an event belongs to the nearest step. It is put there, for of one half-way
    between two NEURON and CoreNEURON think differently.
    """
    if dt_ms is None:
        return times_ms[times_ms < until_ms]
    steps = np.rint(times_ms / dt_ms)
    return steps[steps < steps_until(until_ms, dt_ms)] * dt_ms
