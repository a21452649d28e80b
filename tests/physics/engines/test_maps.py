"""Maps against recordings of the same segments, closed forms and an independent computation."""

from dataclasses import replace

import numpy as np
import pytest

from tests.physics.engines.conftest import RunInChildren
from tests.physics.engines.small_cells import CM2_PER_UM2, RESTING_mV, hh_patch, passive, step
from workbench.cells import CellRecipe, MaximalLength, Placed
from workbench.engines import Failure, FailureKind, Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine, mapping
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, SectionSite
from workbench.protocols import (
    EventTimes,
    Map,
    Protocol,
    Recording,
    RegularEvents,
    Traces,
    segments_of,
)

EVERY_WORD = Map(
    "all",
    keep=(
        *("maximum", "time_of_maximum_ms", "minimum", "time_of_minimum_ms"),
        *("width_at_half_ms", "integral", "mean", "end"),
    ),
)
INTEGRATORS = [
    fixed_step(0.025),
    fixed_step(0.025, 2),
    fixed_step(0.025, engine="coreneuron"),
    Integrator(),
    adaptive_step(0.01),
]


def stick(count: int = 1, **more: float) -> CellRecipe:
    """A passive dendrite on a soma, with some synapses at its end."""
    cylinders = [Cylinder("somatic", 20, 20), Cylinder("apical", 400, 2, parent=0)]
    cell = passive(cylinders, MaximalLength(20.0), g_S_per_cm2=1e-4, **more)
    placed = Placed(
        "syn", "ExpSyn", {"at": "apic[0](1)", "count": count}, {"weight": 2e-3, "tau": 2.0}
    )
    return replace(cell, placed=(placed,))


def plan(*maps: Map) -> Protocol:
    events = RegularEvents("syn", 5.0, 50.0, 3)
    return Protocol("driven", 80.0, events=(events,), maps=maps)


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
def test_a_map_is_what_recordings_of_its_segments_would_give(
    engine: NeuronEngine, integrator: Integrator
) -> None:
    cell = stick()
    names = cell.morphology.names
    recorded = tuple(
        Recording(f"at{number}", SectionSite(names[index], x))
        for number, (index, x) in enumerate(segments_of(EVERY_WORD, cell))
    )
    asked = replace(plan(EVERY_WORD), recordings=recorded)
    [found] = engine([Job(cell, asked, integrator)])
    assert isinstance(found, Traces)
    expected = [EVERY_WORD.kept(trace.t_ms, trace.values) for trace in found.values()]
    np.testing.assert_array_equal(found.maps["map"].values, expected)
    assert found.maps["map"].values[-1, 0] > RESTING_mV + 5, "nothing was driven"


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
def test_a_map_in_parts_is_a_map_in_one_piece(
    engine: NeuronEngine, integrator: Integrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit, with two segments a run."""
    maps = (EVERY_WORD, Map("apical", keep=("end",), name="other", window_ms=(10, 20)))
    job = Job(stick(), plan(*maps), integrator)
    [whole] = engine([job])
    assert isinstance(whole, Traces)
    runs = []
    once = NeuronEngine._once
    monkeypatch.setattr(NeuronEngine, "_once", lambda *a: runs.append(1) or once(*a))  # type: ignore[func-returns-value]
    monkeypatch.setattr(mapping, "MOST_MAPPED", 2 * whole.t_ms.size)
    [parts] = engine([job])
    assert isinstance(parts, Traces)
    segments = sum(len(segments_of(one, job.recipe)) for one in maps)
    # How many steps a variable step takes is known after the first run alone.
    assert segments / 2 <= len(runs) <= segments / 2 + 1
    assert parts.maps.keys() == {"map", "other"}
    for name, one in parts.maps.items():
        np.testing.assert_array_equal(one.values, whole.maps[name].values)


def test_protocols_of_a_company_have_maps_of_their_own(engine: NeuronEngine) -> None:
    """CoreNEURON runs them as cells of one run."""
    cell, integrator = stick(), fixed_step(0.025, engine="coreneuron")
    plans = [plan(EVERY_WORD), replace(plan(), events=()), plan(Map("somatic"))]
    jobs = [Job(cell, replace(one, name=f"p{n}"), integrator) for n, one in enumerate(plans)]
    for one, [alone] in zip(engine(jobs), ([*engine([job])] for job in jobs), strict=True):
        assert isinstance(one, Traces)
        assert isinstance(alone, Traces)
        assert one.maps.keys() == alone.maps.keys()
        for name, values in one.maps.items():
            np.testing.assert_array_equal(values.values, alone.maps[name].values)


def test_a_current_along_a_sealed_cable_falls_as_a_hyperbolic_cosine(engine: NeuronEngine) -> None:
    """In the steady state V(x) = V(0) cosh((L - x)/lambda) / cosh(L/lambda) (Rall 1959)."""
    cell = passive([Cylinder("somatic", 600, 2)], MaximalLength(2.0), g_S_per_cm2=1e-4)
    asked = Protocol("dc", 300.0, (step(0.01, site="soma(0)"),), maps=(Map(keep=("end",)),))
    [found] = engine([Job(cell, asked, Integrator(atol=1e-7))])
    assert isinstance(found, Traces)
    length_um = 1e4 * np.sqrt(2e-4 / 4 / (100.0 * 1e-4))
    above_mV = found.maps["map"].values[:, 0] - RESTING_mV
    x_um = found.maps["map"].x * 600
    shape = np.cosh((600 - x_um) / length_um)
    np.testing.assert_allclose(above_mV / above_mV[-1], shape / shape[-1], rtol=1e-4)


def test_a_patch_charges_as_an_exponential(engine: NeuronEngine) -> None:
    """V - V0 = I R (1 - exp(-t/tau)), with tau = 10 ms; half of what it has after 50 ms at 6.8."""
    cell = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    words = ("maximum", "time_of_maximum_ms", "width_at_half_ms", "integral", "end")
    asked = Protocol("rc", 150.0, (step(0.01, 0.0, 50.0),), maps=(Map(keep=words),))
    [found] = engine([Job(cell, asked, Integrator(atol=1e-9, steps_per_ms=2000))])
    assert isinstance(found, Traces)
    peak_mV, at_ms, width_ms, integral, _ = found.maps["map"].values[0]
    steady_mV = 0.01 * 1e-6 / (1e-4 * np.pi * 400 * CM2_PER_UM2)
    reached = 1 - np.exp(-5)
    assert peak_mV - RESTING_mV == pytest.approx(steady_mV * reached, rel=1e-5)
    assert at_ms == pytest.approx(50.0, abs=1e-6)
    # Half is passed at -tau ln(1 - reached/2) and again tau ln 2 after the end.
    half_ms = 50.0 + 10 * np.log(2) + 10 * np.log(1 - reached / 2)
    assert width_ms == pytest.approx(half_ms, abs=2e-3)
    # What flowed in leaks out, but for what is left after 150 ms.
    left = steady_mV * reached * np.exp(-10) * 10
    assert integral == pytest.approx(steady_mV * 50.0 - left, rel=1e-4)


def test_a_segment_that_goes_astray_is_a_failure(engine: NeuronEngine) -> None:
    asked = Protocol("absurd", 20.0, (step(1e4, 5.0),), maps=(Map(),))
    [found] = engine([Job(hh_patch(), asked, fixed_step(0.025))])
    assert isinstance(found, Failure)
    assert found.kind == FailureKind.ABSURD
    assert "soma[0](0.166667).v is" in found.message


@pytest.mark.parametrize(
    ("count", "peak_mV", "width_ms", "soma_mV"),
    [(1, 7.60, 4.55, 1.34), (12, 48.33, 13.3, 12.64), (16, 54.03, 33.1, 18.48)],
)
def test_nmda_spikes_of_so_many_synapses(
    in_children: RunInChildren, count: int, peak_mV: float, width_ms: float, soma_mV: float
) -> None:
    """Computed independently under NEURON 9.0.2, to 1 %: at once, 180 um out on 200 x 1 um."""
    tree = [Cylinder("somatic", 20, 20), *[Cylinder("basal", 200, 1, parent=0)] * 6]
    cell = passive(tree, MaximalLength(10.0), g_S_per_cm2=1 / 15_000, Ra_ohm_cm=150.0)
    values = {"tau_decay": 50.0, "weight": 5e-4}
    where = {"at": "dend[0](0.9)", "count": count}
    paint = tuple(
        replace(one, value=-75.0) if one.variable == "e_pas" else one for one in cell.paint
    )
    cell = replace(
        cell,
        paint=paint,
        v_init_mV=-75.0,
        mechanisms=(read_mechanisms("synapses"),),
        placed=(
            Placed("ampa", "AMPA", where, {"weight": 5e-4}),
            Placed("nmda", "NMDA", where, values),
        ),
    )
    events = tuple(EventTimes(place, (10.0,)) for place in ("ampa", "nmda"))
    kept = Map(keep=("maximum", "width_at_half_ms"))
    [found] = in_children(
        [Job(cell, Protocol("spike", 300.0, events=events, maps=(kept,)), fixed_step(0.025))]
    )
    assert isinstance(found, Traces)
    one = found.maps["map"]
    at = [n == "dend[0]" and abs(x - 0.9) < 0.03 for n, x in zip(one.sections, one.x, strict=True)]
    here = one.values[at.index(True)]
    assert here[0] + 75 == pytest.approx(peak_mV, rel=0.01)
    assert here[1] == pytest.approx(width_ms, rel=0.01)
    assert one.values[0, 0] + 75 == pytest.approx(soma_mV, rel=0.01)
