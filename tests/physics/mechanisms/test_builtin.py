"""What the workbench says of NEURON's own mechanisms, and of units, is what NEURON says."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.mechanisms import BUILT_IN, read_mechanisms

SHIPPED = read_mechanisms("hay_l5b")


@pytest.mark.parametrize("suffix", ["pas", "hh", "na_ion", "k_ion", "ca_ion", "cable"])
def test_defaults_of_neurons_own_parameters(neuron_with_hay: Any, suffix: str) -> None:
    section = neuron_with_hay.Section(name="patch")
    for needed in ("pas", "hh", "Ca_HVA"):
        section.insert(needed)
    for ion in ("na", "k", "ca"):
        # Concentrations are in force, and the reversal potential is the one that was given.
        neuron_with_hay.ion_style(f"{ion}_ion", 1, 1, 0, 0, 0, sec=section)
    mechanism = BUILT_IN[suffix]
    begins = {name: getattr(neuron_with_hay, name) for name in mechanism.globals}
    assert begins == {name: one.default for name, one in mechanism.globals.items()}
    found = {name: getattr(section, name) for name in mechanism.parameters}
    assert found == pytest.approx({n: p.default for n, p in mechanism.parameters.items()})
    units = {name: neuron_with_hay.units(name) for name in mechanism.parameters}
    said = {name: p.unit for name, p in mechanism.parameters.items()}
    assert {n: u.replace("-", " ") for n, u in units.items()} == said


@pytest.mark.parametrize("suffix", [m.suffix for m in BUILT_IN.values() if m.kind == "point"])
def test_neurons_own_point_processes(neuron_with_hay: Any, suffix: str) -> None:
    section = neuron_with_hay.Section(name="patch")
    point = getattr(neuron_with_hay, suffix)(section(0.5))
    mechanism = BUILT_IN[suffix]
    assert {n: getattr(point, n) for n in mechanism.parameters} == pytest.approx(
        {name: one.default for name, one in mechanism.parameters.items()}
    )
    units = {name: neuron_with_hay.units(f"{suffix}.{name}") for name in mechanism.parameters}
    assert units == {name: one.unit for name, one in mechanism.parameters.items()}
    assert all(hasattr(point, name) for name in (*mechanism.states, *mechanism.assigned))
    assert mechanism.receives is not None
    connection = neuron_with_hay.NetCon(None, point)
    assert connection.wcnt() == len(mechanism.receives)


def test_states_and_variables_of_hh(neuron_with_hay: Any) -> None:
    section = neuron_with_hay.Section(name="patch")
    section.insert("hh")
    hh = BUILT_IN["hh"]
    assert all(hasattr(section(0.5).hh, name) for name in (*hh.states, *hh.assigned))


@pytest.mark.parametrize("file", [name for name, _ in SHIPPED.sources])
def test_units_of_the_shipped_mechanisms_agree(file: str) -> None:
    """NEURON's own unit checker prints a line with <<ERROR>> for each disagreement."""
    modlunit = Path(sys.executable).with_name("modlunit")
    checked = subprocess.run(
        [modlunit, file], cwd=SHIPPED.folder, capture_output=True, text=True, check=False
    )
    said = checked.stdout + checked.stderr
    assert f"Checking units of {file}" in said
    assert "<<ERROR>>" not in said
