"""The cells in Arbor: its own vectorised `hh`, all cells in one group on one thread."""

import json
import time
from typing import Any

import arbor
from arbor import units
from asked import Asked, crossings_ms

SOMA = "(location 0 0.5)"


class Cells(arbor.recipe):
    """Cells that differ in their sodium conductance."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked
        self.tree = arbor.load_swc_neuron(asked.swc)
        self.properties = arbor.neuron_cable_properties()
        self.properties.catalogue = arbor.default_catalogue()

    def num_cells(self) -> int:
        return len(self.asked.gnabar_S_per_cm2)

    def cell_kind(self, gid: int) -> Any:
        return arbor.cell_kind.cable

    def global_properties(self, kind: Any) -> Any:
        return self.properties

    def probes(self, gid: int) -> Any:
        return [arbor.cable_probe_membrane_voltage(SOMA, "v")]

    def cell_description(self, gid: int) -> Any:
        asked = self.asked
        gnabar = asked.gnabar_S_per_cm2[gid]
        clamp = arbor.i_clamp(
            asked.delay_ms * units.ms, asked.duration_ms * units.ms, asked.amplitude_nA * units.nA
        )
        decor = (
            arbor.decor()
            .set_property(
                Vm=-65 * units.mV,
                cm=0.01 * units.F / units.m2,
                rL=100 * units.Ohm * units.cm,
                tempK=279.45 * units.Kelvin,
            )
            .set_ion("na", rev_pot=50 * units.mV)
            .set_ion("k", rev_pot=-77 * units.mV)
            .paint("(all)", arbor.density("hh", gnabar=gnabar, gkbar=0.036, gl=0.0003, el=-54.3))
            .place(SOMA, clamp)
        )
        policy = arbor.cv_policy_max_extent(asked.longest_um * units.um)
        return arbor.cable_cell(self.tree.morphology, decor, arbor.label_dict(), policy)


def run(cells: Cells, dt_ms: float) -> dict[str, Any]:
    context = arbor.context(threads=1)
    hints = {arbor.cell_kind.cable: arbor.partition_hint(cpu_group_size=cells.num_cells())}
    simulation = arbor.simulation(
        cells, context, arbor.partition_load_balance(cells, context, hints)
    )
    every = arbor.regular_schedule(dt_ms * units.ms)
    handles = [simulation.sample(gid, "v", every) for gid in range(cells.num_cells())]
    begun = time.process_time()
    simulation.run(cells.asked.until_ms * units.ms, dt_ms * units.ms)
    cpu_s = time.process_time() - begun
    traces = [simulation.samples(handle)[0][0] for handle in handles]
    return {
        "setting": dt_ms,
        "cpu_s": cpu_s,
        "spikes_ms": [crossings_ms(each[:, 0], each[:, 1]) for each in traces],
        "steps": cells.asked.until_ms / dt_ms,
    }


def main() -> None:
    asked = Asked.read()
    cells = Cells(asked)
    segments = arbor.cv_data(cells.cell_description(0)).num_cv
    runs = [run(cells, dt_ms) for dt_ms in asked.settings]
    print(json.dumps({"version": arbor.__version__, "segments": segments, "ways": {"Arbor": runs}}))


main()
