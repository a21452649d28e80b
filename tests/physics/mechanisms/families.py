"""What the tests of the families share: their process, and checks of gates and currents.

One process can load one library, and that of the tests holds hay_l5b. The families are compiled
together and loaded by a second process, which runs the functions of `experiments`.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.physics.mechanisms import experiments
from workbench.builds import build
from workbench.mechanisms import read_mechanisms

Array = NDArray[np.float64]
Call = Callable[..., Any]
"""Call one of the experiments in the process that has the families."""

ClosedForm = Callable[..., tuple[Array, Array]]
"""Steady state and time constant (ms) of a gate, from the variables of the patches."""

FAMILIES = (
    "traub_ca3",
    "pinsky_rinzel",
    "halnes_in",
    "mainen_sejnowski",
    "gouwens",
    "synapses",
    "pulses",
)
AT_mV = np.arange(-120.0, 61.0)
FAR_mV = np.array([-3000.0, -1000.0, -300.0, 300.0, 1000.0, 3000.0])


@contextmanager
def neuron_process() -> Iterator[Call]:
    """Yield the way to call an experiment in a process with all families."""
    built = build([read_mechanisms(family) for family in FAMILIES])
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=experiments.load, initargs=(built,)
    ) as pool:
        yield lambda function, *given, **named: pool.submit(function, *given, **named).result()


def quotient(u: Array, k: float) -> Array:
    """u / (1 - exp(-u/k)), which is k at u = 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(u == 0, k, u / -np.expm1(-u / k)), dtype=np.float64)


def from_rates(a: Array, b: Array) -> tuple[Array, Array]:
    return a / (a + b), 1 / (a + b)


def voltages_mV(singular_mV: Sequence[float] = ()) -> Array:
    """-120 to 60 mV, and the neighbourhood of each singular point, from both sides."""
    steps = [0.0, 1e-9, 1e-8, 1e-6, 1e-4, 1e-3, 0.02, 0.038, 0.05, 0.06, 0.119, 0.2]
    near = [p + sign * d for p in singular_mV for d in steps for sign in (-1, 1)]
    return np.array([*AT_mV, *near])


def check_gate(
    call: Call,
    suffix: str,
    gate: str,
    closed_form: ClosedForm,
    patches: Mapping[str, Array],
    off: Sequence[str],
    *,
    starts_at_0: bool = False,
    celsius_degC: float = 6.3,
) -> None:
    """Compare a gate's start, steady state and time constant with their closed forms.

    `patches` holds a value for each patch of the variables that the gate depends on, `off` names
    the conductances. One step from 0 and one from 1 fix the steady state and the time constant.
    """
    steady, tau_ms = closed_form(**patches)
    scale_ms = 10 ** np.floor(np.log10(tau_ms))
    # A step of the size of the time constant loses fewest digits.
    for dt_ms in np.unique(scale_ms):
        here = scale_ms == dt_ms
        some = {name: values[here] for name, values in patches.items()}
        silent = {name: np.zeros(np.count_nonzero(here)) for name in off}
        start, from_0, from_1 = call(
            experiments.gate_steps, suffix, gate, some | silent, float(dt_ms), celsius_degC
        )
        left = from_1 - from_0
        np.testing.assert_allclose(from_0 / (1 - left), steady[here], rtol=0, atol=1e-12)
        np.testing.assert_allclose(-dt_ms / np.log(left), tau_ms[here], rtol=1e-12, atol=0)
        first = np.zeros_like(left) if starts_at_0 else steady[here]
        np.testing.assert_allclose(start, first, rtol=1e-12, atol=1e-15)


def check_relaxation(
    call: Call,
    suffix: str,
    gate: str,
    closed_form: ClosedForm,
    v_mV: float,
    values: Mapping[str, float],
    celsius_degC: float = 6.3,
) -> None:
    """Compare a gate's way from 0.5 under CVODE with an exponential."""
    patch = {name: np.array([value]) for name, value in {"v": v_mV, **values}.items()}
    steady, tau_ms = closed_form(**patch)
    times_ms = tau_ms * np.array([0.3, 1.0, 3.0])
    state = f"{gate}_{suffix}"
    found = call(
        experiments.held,
        [suffix], values, {state: 0.5}, [state], times_ms, v_mV, None, celsius_degC,
    )  # fmt: skip
    expected = steady + (0.5 - steady) * np.exp(-times_ms / tau_ms)
    np.testing.assert_allclose(found[state], expected, rtol=0, atol=1e-8)


def check_current(
    found: Mapping[str, Array], closed_form: Callable[[Array], Array], v_mV: Array
) -> None:
    """Compare currents with their closed form, and the step with the slope of that form.

    Backward Euler: (cm/dt + slope) dv = -i; a wrong CONDUCTANCE would change dv. NEURON measures
    a slope that it is not told over 0.001 mV.
    """
    current = closed_form(v_mV)
    for name, values in found.items():
        if name != "moved":
            np.testing.assert_allclose(values, current, rtol=1e-9, atol=1e-18, err_msg=name)
    slope = (closed_form(v_mV + 0.001) - current) / 0.001
    capacitance = 1e-3 * 1.0 / 0.1
    moved_mV = -current / (capacitance + slope)
    np.testing.assert_allclose(found["moved"], moved_mV, rtol=1e-6, atol=1e-13)


def unit_complaints(family: str) -> list[str]:
    """Return what NEURON's unit checker says of the files of a family."""
    modlunit = f"{sys.prefix}/bin/modlunit"
    mechanisms = read_mechanisms(family)
    said = []
    for file, _ in mechanisms.sources:
        checked = subprocess.run(
            [modlunit, file], cwd=mechanisms.folder, capture_output=True, text=True, check=False
        )
        text = checked.stdout + checked.stderr
        if f"Checking units of {file}" not in text or "<<ERROR>>" in text:
            said.append(text)
    return said


def check_engines(call: Call, *given: Any, moves_mV: float = 50.0) -> None:
    """Compare a run in NEURON with the same run in CoreNEURON."""
    ours, theirs = call(experiments.both_engines, *given)
    assert np.ptp(ours["v"]) > moves_mV, "nothing happened"
    for name, values in ours.items():
        assert values.size == 2001
        scale = max(1.0, float(np.max(np.abs(values))) / 100)
        np.testing.assert_allclose(theirs[name], values, rtol=0, atol=1e-6 * scale, err_msg=name)
