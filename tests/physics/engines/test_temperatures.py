"""A protocol with a temperature of its own does what a cell of that temperature does."""

from dataclasses import replace

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import hh_patch, protocol, same, step
from workbench.engines import Integrator, Job, fixed_step
from workbench.engines.neuron import companies
from workbench.errors import InputError
from workbench.protocols import Traces

PULSE = protocol(20, step(1.0, 2, 1))
WARM = replace(PULSE, celsius_degC="warm_degC", parameters={"warm_degC": 16.0})
CORE = fixed_step(0.025, engine="coreneuron")


@pytest.mark.parametrize("integrator", [fixed_step(0.025), Integrator(), CORE], ids=str)
def test_it_is_that_of_a_cell_of_this_temperature(integrator: Integrator) -> None:
    cold = hh_patch()
    jobs = [Job(cold, PULSE, integrator), Job(cold, WARM, integrator), Job(cold, PULSE, integrator)]
    first, warm, again = run_in_children(jobs)
    [alone] = run_in_children([Job(hh_patch(16.0), PULSE, integrator)])
    for one in (first, warm, again, alone):
        assert isinstance(one, Traces)
    assert same(warm, alone)  # type: ignore[arg-type]
    assert same(first, again)  # type: ignore[arg-type]
    assert not same(first, warm)  # type: ignore[arg-type]


def test_other_temperatures_are_other_runs_of_coreneuron() -> None:
    cell = hh_patch()
    jobs = [Job(cell, one, CORE) for one in (PULSE, WARM, PULSE)]
    assert companies(jobs, [job.protocol.bound() for job in jobs]) == [[0, 2], [1]]


def test_a_temperature_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="celsius_degC"):
        replace(PULSE, celsius_degC=300.0)
