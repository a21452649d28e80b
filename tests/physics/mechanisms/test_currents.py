"""Currents, conductances and the calcium pool of the compiled mechanisms, from closed forms."""

import math
from typing import Any

import numpy as np
import pytest

FARADAY_C_per_mol = 96485.33212
# suffix: (current, its reversal potential in mV, open fraction from the gates)
CURRENTS: dict[str, tuple[str, float, Any]] = {
    "NaTa_t": ("ina", 50.0, lambda g: g["m"] ** 3 * g["h"]),
    "NaTs2_t": ("ina", 50.0, lambda g: g["m"] ** 3 * g["h"]),
    "Nap_Et2": ("ina", 50.0, lambda g: g["m"] ** 3 * g["h"]),
    "K_Tst": ("ik", -85.0, lambda g: g["m"] ** 4 * g["h"]),
    "K_Pst": ("ik", -85.0, lambda g: g["m"] ** 2 * g["h"]),
    "SKv3_1": ("ik", -85.0, lambda g: g["m"]),
    "Im": ("ik", -85.0, lambda g: g["m"]),
    "Ih": ("ihcn", -45.0, lambda g: g["m"]),
    "Ca_HVA": ("ica", 120.0, lambda g: g["m"] ** 2 * g["h"]),
    "Ca_LVAst": ("ica", 120.0, lambda g: g["m"] ** 2 * g["h"]),
    "SK_E2": ("ik", -85.0, lambda g: g["z"]),
}
GBAR_S_per_cm2 = 3e-3
every_channel = pytest.mark.parametrize("suffix", CURRENTS)


class Patch:
    """One patch of membrane with one channel, its gates set by hand."""

    def __init__(self, h: Any, suffix: str):
        self.h, self.suffix = h, suffix
        self.section = h.Section(name="patch")
        self.section.insert(suffix)
        setattr(self.section, f"g{suffix}bar_{suffix}", GBAR_S_per_cm2)
        if suffix != "Ih":
            ion = CURRENTS[suffix][0][1:]
            # The reversal potential is a number that we set, not Nernst's.
            h.ion_style(f"{ion}_ion", 1, 1, 0, 0, 0, sec=self.section)
            setattr(self.section, f"e{ion}", CURRENTS[suffix][1])
        gates = {"SK_E2": "z"}.get(suffix, "m h")
        self.open = {
            g: x
            for g, x in zip(gates.split(), (0.37, 0.83), strict=False)
            if hasattr(self.section(0.5), f"{g}_{suffix}")
        }

    def start(self, v_mV: float) -> None:
        self.h.finitialize(v_mV)
        for gate, value in self.open.items():
            setattr(self.section, f"{gate}_{self.suffix}", value)
        self.h.fcurrent()

    @property
    def conductance_S_per_cm2(self) -> float:
        return GBAR_S_per_cm2 * float(CURRENTS[self.suffix][2](self.open))


@every_channel
@pytest.mark.parametrize("v_mV", [-100.0, -45.0, 13.0])
def test_current_is_conductance_times_driving_force(
    neuron_with_hay: Any, suffix: str, v_mV: float
) -> None:
    patch = Patch(neuron_with_hay, suffix)
    patch.start(v_mV)
    name, reversal_mV, _ = CURRENTS[suffix]
    expected = patch.conductance_S_per_cm2 * (v_mV - reversal_mV)
    assert getattr(patch.section, f"{name}_{suffix}") == pytest.approx(expected, rel=1e-14)
    if suffix != "Ih":
        assert getattr(patch.section, name) == pytest.approx(expected, rel=1e-14)


@every_channel
def test_one_implicit_step_sees_the_whole_conductance(neuron_with_hay: Any, suffix: str) -> None:
    """Backward Euler: (cm/dt + g) dv = -i; a wrong CONDUCTANCE would change dv."""
    h, v_mV = neuron_with_hay, -52.0
    patch = Patch(h, suffix)
    patch.start(v_mV)
    h.dt = 0.1
    h.fadvance()
    conductance = patch.conductance_S_per_cm2
    current_mA_per_cm2 = conductance * (v_mV - CURRENTS[suffix][1])
    capacitance = 1e-3 * patch.section.cm / h.dt
    moved = -current_mA_per_cm2 / (capacitance + conductance)
    assert patch.section.v - v_mV == pytest.approx(moved, rel=1e-12)


def test_reversal_potential_of_ih_is_set_per_section(neuron_with_hay: Any) -> None:
    h = neuron_with_hay
    patch = Patch(h, "Ih")
    assert patch.section.ehcn_Ih == -45
    patch.section.ehcn_Ih = -30.0
    patch.start(-70.0)
    assert patch.section.ihcn_Ih == pytest.approx(patch.conductance_S_per_cm2 * -40.0, rel=1e-14)


CAI_mM = [5e-5, 1e-4, 2e-4, 4.3e-4, 1e-3, 0.05]


def z_inf(cai_mM: float) -> float:
    return 1 / (1 + math.pow(4.3e-4 / cai_mM, 4.8))


@pytest.mark.parametrize("cai_mM", CAI_mM)
def test_sk_follows_calcium(neuron_with_hay: Any, cai_mM: float) -> None:
    h = neuron_with_hay
    section = h.Section(name="patch")
    section.insert("SK_E2")
    section.gSK_E2bar_SK_E2 = 0.0
    section.cai = cai_mM
    h.finitialize(-60)
    assert section.cai == cai_mM
    assert section.z_SK_E2 == pytest.approx(z_inf(cai_mM), rel=1e-12)
    section.z_SK_E2 = 1.0
    h.dt = 0.025
    for _ in range(40):
        h.fadvance()
    expected = z_inf(cai_mM) + (1 - z_inf(cai_mM)) * math.exp(-1.0)
    assert section.z_SK_E2 == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("cai_mM", [0.0, 5e-8])
def test_sk_without_calcium_is_shut(neuron_with_hay: Any, cai_mM: float) -> None:
    section = neuron_with_hay.Section(name="patch")
    section.insert("SK_E2")
    section.cai = cai_mM
    neuron_with_hay.finitialize(-60)
    assert section.z_SK_E2 == pytest.approx(z_inf(cai_mM + 1e-7), rel=1e-12)


class Pool:
    """A patch whose calcium current is constant: huge capacitance, fixed reversal potential."""

    def __init__(self, h: Any, *, gbar_S_per_cm2: float, **parameters: float):
        self.h = h
        self.section = section = h.Section(name="patch")
        for suffix in ("Ca_HVA", "Ca_LVAst", "CaDynamics_E2"):
            section.insert(suffix)
        section.gCa_HVAbar_Ca_HVA = section.gCa_LVAstbar_Ca_LVAst = gbar_S_per_cm2
        for name, value in parameters.items():
            setattr(section, f"{name}_CaDynamics_E2", value)
        section.cm = 1e15
        h.ion_style("ca_ion", 3, 1, 0, 0, 1, sec=section)
        section.eca = 120.0
        h.finitialize(-35.0)
        h.fcurrent()

    @property
    def ica_mA_per_cm2(self) -> float:
        return float(self.section.ica_Ca_HVA + self.section.ica_Ca_LVAst)

    def after(self, duration_ms: float, dt_ms: float) -> float:
        self.h.dt = dt_ms
        for _ in range(round(duration_ms / dt_ms)):
            self.h.fadvance()
        return float(self.section.cai)


def influx_mM_per_ms(ica_mA_per_cm2: float, gamma: float, depth_um: float) -> float:
    """The free part of a calcium current, spread over a shell, by way of SI units."""
    ica_A_per_m2 = ica_mA_per_cm2 * 1e-3 / 1e-4
    mol_per_m2_s = -ica_A_per_m2 / (2 * FARADAY_C_per_mol)
    mol_per_m3_s = gamma * mol_per_m2_s / (depth_um * 1e-6)
    # 1 mol/m3 is 1 mM.
    return mol_per_m3_s * 1e-3


@pytest.mark.parametrize(
    ("gamma", "decay", "depth", "minCAI"),
    [(0.05, 80.0, 0.1, 1e-4), (0.000501, 460.0, 0.1, 1e-4), (0.03, 20.0, 0.25, 7e-5)],
)
def test_pool_fills_by_the_whole_calcium_current(
    neuron_with_hay: Any, gamma: float, decay: float, depth: float, minCAI: float
) -> None:
    pool = Pool(
        neuron_with_hay,
        gbar_S_per_cm2=1e-3,
        gamma=gamma,
        decay=decay,
        depth=depth,
        minCAI=minCAI,
    )
    ica = pool.ica_mA_per_cm2
    assert ica < 0
    assert pool.section.ica == pytest.approx(ica, rel=1e-14)
    steady = minCAI + decay * influx_mM_per_ms(ica, gamma, depth)
    expected = steady + (5e-5 - steady) * math.exp(-15.0 / decay)
    assert pool.after(15.0, 0.05) == pytest.approx(expected, rel=1e-9)
    # Steps as long as the time constant are exact too: the pool is linear and solved as such.
    assert pool.after(40 * decay, decay) == pytest.approx(steady, rel=1e-9)


def test_pool_starts_at_the_ions_value_and_rises_to_its_own(neuron_with_hay: Any) -> None:
    pool = Pool(neuron_with_hay, gbar_S_per_cm2=0.0)
    assert pool.section.cai == neuron_with_hay.cai0_ca_ion == 5e-5
    expected = 1e-4 - 5e-5 * math.exp(-40.0 / 80.0)
    assert pool.after(40.0, 0.1) == pytest.approx(expected, rel=1e-10)


def test_pool_under_cvode(neuron_with_hay: Any) -> None:
    h = neuron_with_hay
    pool = Pool(h, gbar_S_per_cm2=1e-3)
    cvode = h.CVode()
    cvode.active(True)
    cvode.atol(1e-12)
    h.finitialize(-35.0)
    cvode.solve(30.0)
    steady = 1e-4 + 80.0 * influx_mM_per_ms(pool.ica_mA_per_cm2, 0.05, 0.1)
    expected = steady + (5e-5 - steady) * math.exp(-30.0 / 80.0)
    assert pool.section.cai == pytest.approx(expected, rel=1e-6)
    cvode.atol(1e-3)


@pytest.mark.parametrize("celsius_degC", [6.3, 34.0])
def test_calcium_reversal_is_nernst_of_the_pool(neuron_with_hay: Any, celsius_degC: float) -> None:
    """127.59 mV at 6.3 degC and 140.24 mV at 34 degC for 5e-5 inside and 2 mM outside."""
    h = neuron_with_hay
    h.celsius = celsius_degC
    section = h.Section(name="patch")
    for suffix in ("Ca_HVA", "CaDynamics_E2"):
        section.insert(suffix)
    h.finitialize(-70.0)
    published = {6.3: 127.59, 34.0: 140.24}[celsius_degC]
    assert section.eca == pytest.approx(published, abs=5e-3)
    assert np.isfinite(section.ica)
