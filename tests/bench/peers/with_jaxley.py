"""The cells in Jaxley: double precision, one thread, all cells in one `vmap`."""

import json
import os
import time
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import jaxley as jx
import numpy as np
from asked import Asked, crossings_ms
from jaxley.channels import HH

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platform_name", "cpu")

VALUES = {
    "HH_gK": 0.036,
    "HH_gLeak": 0.0003,
    "HH_eNa": 50.0,
    "HH_eK": -77.0,
    "HH_eLeak": -54.3,
    "axial_resistivity": 100.0,
    "capacitance": 1.0,
    "v": -65.0,
}


def cell_of(asked: Asked) -> Any:
    cell = jx.read_swc(asked.swc, ncomp=2)
    cell.insert(HH())
    for name, value in VALUES.items():
        cell.set(name, value)
    cell.init_states()
    return cell


def run(cell: Any, asked: Asked, dt_ms: float, solver: str) -> dict[str, Any]:
    cell.delete_recordings()
    cell.delete_stimuli()
    current = jx.step_current(
        asked.delay_ms, asked.duration_ms, asked.amplitude_nA, dt_ms, asked.until_ms
    )
    soma = cell.branch(0).loc(0.5)
    soma.record("v", verbose=False)
    soma.stimulate(current, verbose=False)

    def one(gnabar: Any) -> Any:
        told = cell.data_set("HH_gNa", gnabar, None)
        return jx.integrate(cell, param_state=told, delta_t=dt_ms, solver=solver)[0]

    together = jax.jit(jax.vmap(one))
    gnabar = jnp.asarray(asked.gnabar_S_per_cm2)
    together(gnabar).block_until_ready()
    begun = time.process_time()
    traces = np.asarray(together(gnabar).block_until_ready())
    cpu_s = time.process_time() - begun
    t_ms = dt_ms * np.arange(traces.shape[1])
    return {
        "setting": dt_ms,
        "cpu_s": cpu_s,
        "spikes_ms": [crossings_ms(t_ms, v_mV) for v_mV in traces],
        "steps": asked.until_ms / dt_ms,
    }


def main() -> None:
    asked = Asked.read()
    cell = cell_of(asked)
    ways = {
        f"Jaxley, {solver}": [run(cell, asked, dt_ms, solver) for dt_ms in asked.settings]
        for solver in ("bwd_euler", "crank_nicolson")
    }
    print(json.dumps({"version": jx.__version__, "segments": len(cell.nodes), "ways": ways}))


main()
