"""What a protocol does to a cell, and how NEURON runs it.

The protocols themselves are in protocols.py. `python simulation.py` runs all of them and writes
traces/PROTOCOL.csv; names of protocols behind it choose some.
"""

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
from neuron import h

h.load_file("stdrun.hoc")

FOLDER = Path(__file__).parent
FOREVER_ms = 1e9
LONGEST_PIECE_ms = 10.0


class Protocol:
    """Clamps, events and recordings of one run, and its conditions.

    Without `cvode_atol` the step is fixed at `dt_ms`: backward Euler, or Crank-Nicolson if `order`
    is 2.
    """

    def __init__(
        self,
        duration_ms: float,
        celsius_degC: float,
        v_init_mV: float,
        dt_ms: float = 0.025,
        order: int = 1,
        cvode_atol: float | None = None,
        longest_step_ms: float | None = None,
    ) -> None:
        self.duration_ms, self.celsius_degC, self.v_init_mV = duration_ms, celsius_degC, v_init_mV
        self.dt_ms, self.order, self.cvode_atol = dt_ms, order, cvode_atol
        self.longest_step_ms = longest_step_ms
        self._kept: list[Any] = []
        self._events: list[tuple[Any, list[float]]] = []
        self._recorded: dict[str, Any] = {"t_ms": h.Vector().record(h._ref_t)}

    def current(
        self, segment: Any, delay_ms: float, duration_ms: float, amplitude_nA: float
    ) -> None:
        """Inject a constant current for a time."""
        clamp = h.IClamp(segment)
        clamp.delay, clamp.dur, clamp.amp = delay_ms, duration_ms, amplitude_nA
        self._kept.append(clamp)

    def epsp(
        self,
        segment: Any,
        delay_ms: float,
        amplitude_nA: float,
        tau_rise_ms: float,
        tau_decay_ms: float,
    ) -> None:
        """Inject a current shaped like an excitatory postsynaptic potential."""
        made = h.EPSPCurrent(segment)
        made.onset, made.imax = delay_ms, amplitude_nA
        made.tau0, made.tau1 = tau_rise_ms, tau_decay_ms
        self._kept.append(made)

    def played(self, segment: Any, file: str) -> None:
        """Inject a current in straight lines between the knots (ms, nA) of a file."""
        times_ms, currents_nA = np.loadtxt(FOLDER / file, unpack=True)
        clamp = h.IClamp(segment)
        clamp.delay, clamp.dur = 0.0, FOREVER_ms
        source, at = h.Vector(currents_nA), h.Vector(times_ms)
        if self.cvode_atol is None:
            source.play(clamp._ref_amp, at, True)
            self._kept += [clamp, source, at]
        else:
            # CVODE is told where the current jumps.
            jumps = h.Vector(np.flatnonzero(np.diff(times_ms) == 0).astype(float))
            source.play(clamp._ref_amp, at, jumps)
            self._kept += [clamp, source, at, jumps]

    def voltage_clamp(
        self,
        segment: Any,
        delay_ms: float,
        duration_ms: float,
        hold_mV: float,
        step_mV: float,
        rs_MOhm: float,
    ) -> Any:
        """Clamp the voltage, at `step_mV` for a time; return the SEClamp."""
        clamp = h.SEClamp(segment)
        clamp.rs = rs_MOhm
        clamp.dur1, clamp.amp1 = delay_ms, hold_mV
        clamp.dur2, clamp.amp2 = duration_ms, step_mV
        clamp.dur3, clamp.amp3 = FOREVER_ms, hold_mV
        self._kept.append(clamp)
        return clamp

    def events(self, point: Any, weight: float, times_ms: list[float]) -> None:
        """Let events reach a point process at given times."""
        connection = h.NetCon(None, point)
        for argument in range(int(connection.wcnt())):
            connection.weight[argument] = weight if argument == 0 else 0.0
        connection.delay = LONGEST_PIECE_ms
        self._events.append((connection, times_ms))

    def record(self, name: str, pointer: Any) -> None:
        """Record a variable at every step."""
        self._recorded[name] = h.Vector().record(pointer)

    def run(self) -> dict[str, Any]:
        """Return the times of all steps (`t_ms`) and each recording, as arrays by name."""
        h.celsius, h.v_init = self.celsius_degC, self.v_init_mV
        cvode = h.CVode()
        cvode.active(self.cvode_atol is not None)
        if self.cvode_atol is not None:
            cvode.atol(self.cvode_atol)
            cvode.maxstep(self.longest_step_ms or FOREVER_ms)
        else:
            h.dt, h.secondorder = self.dt_ms, 0 if self.order == 1 else 2
        h.finitialize(self.v_init_mV)
        for connection, times_ms in self._events:
            for at_ms in times_ms:
                connection.event(at_ms)
        if self.cvode_atol is not None:
            cvode.solve(self.duration_ms)
        else:
            steps = int(np.ceil(self.duration_ms / self.dt_ms - 1e-6))
            context = h.ParallelContext()
            context.set_maxstep(max(LONGEST_PIECE_ms, 2 * self.dt_ms))
            # Half a step more, so that the rounding of h.t cannot cost the last one.
            context.psolve((steps + 0.5) * self.dt_ms)
        return {name: np.array(vector) for name, vector in self._recorded.items()}


def write(traces: dict[str, Any], file: Path) -> None:
    """Write traces with all their digits."""
    file.parent.mkdir(exist_ok=True)
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(traces)
        writer.writerows(zip(*(map(repr, one.tolist()) for one in traces.values()), strict=True))


def main() -> None:
    """Run protocols, each on a new cell."""
    from cell import Cell  # type: ignore[import-not-found]
    from protocols import PROTOCOLS  # type: ignore[import-not-found]

    for name in sys.argv[1:] or PROTOCOLS:
        cell = Cell()
        write(PROTOCOLS[name](cell).run(), FOLDER / "traces" / f"{name}.csv")
        print(f"traces/{name}.csv")


if __name__ == "__main__":
    main()
