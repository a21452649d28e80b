"""Adaptive steps of KINETIC schemes: arrays of states, and sums that CONSERVE keeps."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import crossings_ms, hh_patch, protocol, step
from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job, adaptive_step
from workbench.mechanisms import read_mechanisms
from workbench.protocols import Traces

PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)
# Two closed states and an open one.
KINETIC = """
NEURON {{
    SUFFIX {suffix}
    USEION k READ ek WRITE ik
    RANGE gbar
}}
PARAMETER {{ gbar = 0.002 (S/cm2) }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) a (/ms) b (/ms) }}
STATE {{ {declared} }}
INITIAL {{ {initial} }}
BREAKPOINT {{
    SOLVE kin METHOD sparse
    ik = gbar*{s[2]}*(v - ek)
}}
KINETIC kin {{
    a = 3/(1 + exp(-(v + 30)/8))
    b = 0.3
    ~ {s[0]} <-> {s[1]} (a, b)
    ~ {s[1]} <-> {s[2]} (a, b)
    {sum}
}}
"""
SHUT = "{0} = 1  {1} = 0  {2} = 0"
STEADY = "SOLVE kin STEADYSTATE sparse"
SUM = "CONSERVE {0} + {1} + {2} = 1"
SCALARS, ARRAY = ["n0", "n1", "n2"], ["n[0]", "n[1]", "n[2]"]


@pytest.fixture
def cells(tmp_path: Path) -> Mapping[str, CellRecipe]:
    """The same scheme as scalars, as an array, and with the sum of its states kept, beside hh."""
    forms = {
        "single": ("n0 n1 n2", SCALARS, SHUT, ""),
        "arrayed": ("n[3]", ARRAY, SHUT, ""),
        "kept": ("n0 n1 n2", SCALARS, SHUT, SUM),
        "steady": ("n0 n1 n2", SCALARS, STEADY, SUM),
    }
    for suffix, (declared, states, initial, total) in forms.items():
        told = {"initial": initial.format(*states), "sum": total.format(*states)}
        text = KINETIC.format(suffix=suffix, declared=declared, s=states, **told)
        (tmp_path / f"{suffix}.mod").write_text(text)
    patch = replace(hh_patch(), mechanisms=(read_mechanisms(tmp_path),))
    return {suffix: replace(patch, inserted=(*patch.inserted, ("all", suffix))) for suffix in forms}


@pytest.mark.parametrize(("one", "other"), [("arrayed", "single"), ("kept", "single")])
def test_the_same_scheme_in_another_form_spikes_alike(
    cells: Mapping[str, CellRecipe], one: str, other: str
) -> None:
    """A rejected step restores every state; only the order of the equations differs."""
    plan = protocol(200, step(2.0, 10, 180))
    found = run_in_children([Job(cells[s], plan, adaptive_step(0.02)) for s in (one, other)])
    spikes = []
    for traces in found:
        assert isinstance(traces, Traces), traces
        spikes.append(crossings_ms(traces, -20))
    assert spikes[1].size > 3
    np.testing.assert_allclose(*spikes, atol=0.1)


@pytest.mark.parametrize("suffix", ["single", "steady"])
def test_kinetic_schemes_converge_in_third_order(
    cells: Mapping[str, CellRecipe], suffix: str
) -> None:
    """NEURON's own step of METHOD sparse is backward Euler, of first order."""
    plan = protocol(100, step(2.0, 10, 85))
    steps = [replace(adaptive_step(mV), steps_per_ms=999) for mV in (1e-2, 1e-5)]
    found = run_in_children([Job(cells[suffix], plan, i) for i in (PRECISE, *steps)])
    spikes = []
    for traces in found:
        assert isinstance(traces, Traces), traces
        spikes.append(crossings_ms(traces, -20))
    true, *others = spikes
    assert true.size > 3
    errors = [np.abs(times - true).max() for times in others]
    assert errors[0] < 0.3
    assert errors[1] < max(errors[0] / 50, 2e-3)
