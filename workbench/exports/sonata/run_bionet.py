"""Run this cell in BMTK: `python run_bionet.py [PROTOCOL ...]`, by default all of them.

Beside the reports that simulation_PROTOCOL.json asks for, what recordings.json names is written to
traces/PROTOCOL.csv at every step.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bmtk.simulator import bionet
from bmtk.simulator.bionet.modules.sim_module import SimulatorMod
from neuron import h

FOLDER = Path(__file__).resolve().parent


class Recordings(SimulatorMod):  # type: ignore[misc]
    """Variables at single places of the cell, from the beginning of the run on."""

    def __init__(self, asked: dict[str, list[Any]], file: Path) -> None:
        self.asked, self.file = asked, file
        self.vectors: dict[str, Any] = {}

    def initialize(self, sim: Any) -> None:
        """Record, once the cell is there."""
        [gid] = sim.biophysical_gids
        cell = sim.net.get_cell_gid(gid).hobj
        self.vectors["t_ms"] = h.Vector().record(h._ref_t)
        for name, (array, index, x, variable) in self.asked.items():
            segment = getattr(cell, array)[index](x)
            self.vectors[name] = h.Vector().record(getattr(segment, f"_ref_{variable}"))

    def finalize(self, sim: Any) -> None:
        """Write all samples with all their digits."""
        self.file.parent.mkdir(exist_ok=True)
        with self.file.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(self.vectors)
            columns = (map(repr, list(vector)) for vector in self.vectors.values())
            writer.writerows(zip(*columns, strict=True))


def run(protocol: str) -> None:
    """Run one protocol as its simulation configuration says."""
    config = bionet.Config.from_json(str(FOLDER / f"simulation_{protocol}.json"))
    config.build_env()
    network = bionet.BioNetwork.from_config(config)
    simulator = bionet.BioSimulator.from_config(config, network)
    asked = json.loads((FOLDER / "recordings.json").read_text())[protocol]
    simulator.add_mod(Recordings(asked, FOLDER / "traces" / f"{protocol}.csv"))
    simulator.run()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        run(sys.argv[1])
    else:
        # BMTK keeps its network in the process: each protocol has one of its own.
        names = sys.argv[1:] or json.loads((FOLDER / "recordings.json").read_text())
        for name in names:
            subprocess.run([sys.executable, __file__, name], check=True)
