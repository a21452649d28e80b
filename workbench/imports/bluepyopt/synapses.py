"""The point processes of an evaluator's cell, and the trains that drive them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.imports.bluepyopt.objects import Told, check, site_of

POINT, TRAIN = "NrnMODPointProcessMechanism", "NrnNetStimStimulus"
_NETCON_DELAY_ms = 1.0
"""Of a NetCon that is told none."""


@dataclass
class Synapses:
    """What is placed.

    Attributes
    ----------
    file
        For messages.
    tables
        Of `[place]` in cell.toml, by name.
    """

    file: Path
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def read(self, mechanisms: Sequence[Told]) -> None:
        """Read point processes.

        Raises
        ------
        InputError
            If a study cannot say one.
        """
        for told in mechanisms:
            what = f"point process {told['name']}"
            check(self.file, what, told, POINT)
            name = re.sub(r"\W+", "_", told["name"])
            if name in self.tables:
                raise InputError(f"{self.file}: two point processes are called {name}; rename one")
            sites = [site_of(self.file, what, one) for one in told["locations"]]
            self.tables[name] = {"mechanism": told["suffix"], "sites": sites}
            self._names[told["id"]] = name

    def places(self, what: str, locations: Sequence[Told]) -> Iterator[str]:
        """Yield the names of what is placed at some locations.

        Raises
        ------
        InputError
            If they are none of the cell's point processes.
        """
        for one in locations:
            check(self.file, f"a location of {what}", one, "NrnPointProcessLocation")
            if one["pprocess_mech"]["id"] not in self._names:
                raise InputError(f"{self.file}: {what} is at a point process that no cell has")
            yield self._names[one["pprocess_mech"]["id"]]

    def events(self, told: Told, what: str, until_ms: float) -> Iterator[dict[str, Any]]:
        """Yield the events of a train, a table for each point process that it drives.

        Raises
        ------
        InputError
            If they are drawn.
        """
        if told["noise"]:
            raise InputError(
                f"{self.file}: {what} has noise {told['noise']:g}: NEURON draws its times; a study "
                "has Poisson trains of its own, write one as `events` into protocols.toml"
            )
        times_ms = [
            told["start"] + number * told["interval"] + _NETCON_DELAY_ms
            for number in range(int(min(told["number"], until_ms / told["interval"] + 1)))
        ]
        for place in self.places(what, told["locations"]):
            yield {
                "type": "times",
                "place": place,
                "times_ms": [t_ms for t_ms in times_ms if t_ms <= until_ms],
                "weight": float(told["weight"]),
            }
