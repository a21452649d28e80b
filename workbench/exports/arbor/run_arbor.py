"""Run this cell in Arbor: `python run_arbor.py [PROTOCOL ...]`, by default all of them.

morphology.acc, labels.acc and decor.acc are the cell, its segments end at the labels' segment-ends.
protocols.json has what is done to it. The traces are written to traces/PROTOCOL.csv, a sample each
step.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import arbor
from arbor import units

FOLDER = Path(__file__).resolve().parent


class Cell(arbor.recipe):  # type: ignore[misc]
    """One cell under one protocol."""

    def __init__(self, protocol: dict[str, Any]) -> None:
        super().__init__()
        self.protocol = protocol
        self.properties = arbor.neuron_cable_properties()
        self.properties.catalogue = arbor.default_catalogue()
        self.properties.catalogue.extend(arbor.bbp_catalogue(), "BBP::")

    def num_cells(self) -> int:
        """Return one."""
        return 1

    def cell_kind(self, gid: int) -> Any:
        """Return that it is a cable cell."""
        return arbor.cell_kind.cable

    def global_properties(self, kind: Any) -> Any:
        """Return NEURON's defaults, and the mechanisms of Arbor and of the Blue Brain Project."""
        return self.properties

    def probes(self, gid: int) -> Any:
        """Return a voltage for each recording."""
        return [
            arbor.cable_probe_membrane_voltage(where, name)
            for name, where in self.protocol["recordings"].items()
        ]

    def cell_description(self, gid: int) -> Any:
        """Return the cell of the files with the protocol's conditions and currents."""
        decor = _component("decor")
        decor.set_property(
            Vm=self.protocol["v_init_mV"] * units.mV,
            tempK=(self.protocol["celsius_degC"] + 273.15) * units.Kelvin,
        )
        for one in self.protocol["currents"]:
            course = [(t_ms * units.ms, nA * units.nA) for t_ms, nA in one["ms_nA"]]
            decor.place(one["where"], arbor.i_clamp(course))
        labels = _component("labels")
        ends = arbor.cv_policy_explicit(labels["segment-ends"])
        return arbor.cable_cell(_component("morphology"), decor, labels, ends)


def _component(name: str) -> Any:
    return arbor.load_component(str(FOLDER / f"{name}.acc")).component


def run(name: str, protocol: dict[str, Any]) -> None:
    """Run one protocol and write its traces."""
    simulation = arbor.simulation(Cell(protocol))
    dt = protocol["dt_ms"] * units.ms
    handles = {
        recording: simulation.sample(0, recording, arbor.regular_schedule(dt))
        for recording in protocol["recordings"]
    }
    simulation.run((protocol["duration_ms"] + 0.5 * protocol["dt_ms"]) * units.ms, dt)
    samples = {recording: simulation.samples(one)[0][0] for recording, one in handles.items()}
    times_ms = next(iter(samples.values()))[:, 0]
    columns = {"t_ms": times_ms, **{name: one[:, 1] for name, one in samples.items()}}
    (FOLDER / "traces").mkdir(exist_ok=True)
    with (FOLDER / "traces" / f"{name}.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*(map(repr, one.tolist()) for one in columns.values()), strict=True))


if __name__ == "__main__":
    protocols = json.loads((FOLDER / "protocols.json").read_text())
    for asked in sys.argv[1:] or protocols:
        run(asked, protocols[asked])
