"""BluePyOpt's L5PC example from the study's files to its scores.

The numbers were computed with the original public model, stock BluePyOpt 1.14.26, eFEL 5.7.34 and
NEURON 9.0.2, with the release parameters (Van Geit et al. 2016, Front Neuroinform 10:17).
"""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, run, step
from workbench.engines import Integrator, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.evaluations import Evaluation, evaluation_of
from workbench.protocols import Traces
from workbench.studies import Study

# Score under CVODE with its default tolerance, and with a fixed step of 0.025 ms.
SCORES = {
    "bAP.soma.AP_width": (2.000000, 2.000000),
    "bAP.soma.AP_height": (2.506649, 2.675531),
    "bAP.soma.Spikecount": (0.000000, 0.000000),
    "bAP.dend1.AP_amplitude_from_voltagebase": (0.826678, 0.257739),
    "bAP.dend2.AP_amplitude_from_voltagebase": (0.579622, 1.115671),
    "Step3.soma.AP_height": (0.992691, 1.098581),
    "Step3.soma.AHP_slow_time": (1.800363, 1.920769),
    "Step3.soma.ISI_CV": (0.866329, 0.865226),
    "Step3.soma.doublet_ISI": (0.398551, 0.205314),
    "Step3.soma.adaptation_index2": (1.129762, 1.297203),
    "Step3.soma.mean_frequency": (1.774497, 1.886348),
    "Step3.soma.AHP_depth_abs_slow": (2.248708, 2.267032),
    "Step3.soma.AP_width": (3.040737, 3.040737),
    "Step3.soma.time_to_first_spike": (0.073529, 0.073529),
    "Step3.soma.AHP_depth_abs": (0.835811, 0.848472),
    "Step2.soma.AP_height": (0.541144, 0.546209),
    "Step2.soma.AHP_slow_time": (0.547465, 0.575334),
    "Step2.soma.ISI_CV": (0.417725, 0.421351),
    "Step2.soma.doublet_ISI": (0.098140, 0.196279),
    "Step2.soma.adaptation_index2": (0.943520, 0.993179),
    "Step2.soma.mean_frequency": (0.352137, 0.273898),
    "Step2.soma.AHP_depth_abs_slow": (0.297135, 0.302014),
    "Step2.soma.AP_width": (2.569668, 2.538291),
    "Step2.soma.time_to_first_spike": (1.129413, 1.198916),
    "Step2.soma.AHP_depth_abs": (0.475437, 0.480537),
    "Step1.soma.AP_height": (1.008489, 0.900131),
    "Step1.soma.AHP_slow_time": (0.381043, 0.419674),
    "Step1.soma.ISI_CV": (0.622052, 0.621434),
    "Step1.soma.doublet_ISI": (0.439654, 0.594826),
    "Step1.soma.adaptation_index2": (0.170534, 0.170851),
    "Step1.soma.mean_frequency": (0.905416, 0.855668),
    "Step1.soma.AHP_depth_abs_slow": (0.482356, 0.499569),
    "Step1.soma.AP_width": (3.054070, 3.054070),
    "Step1.soma.time_to_first_spike": (1.057286, 1.092237),
    "Step1.soma.AHP_depth_abs": (0.765877, 1.357457),
}
SUMS = (35.332487, 36.644079)

# Under CVODE: number, the first times and the last of upward crossings of -20 mV, at the step
# before the crossing.
SPIKES = {
    "bAP": (1, [297.216], 297.216),
    "Step1": (14, [733.19, 800.125, 964.951], 2669.792),
    "Step2": (17, [722.838, 767.489, 891.549], 2621.875),
    "Step3": (32, [710.4, 731.51, 772.002], 2689.758),
}

# Sections, segments, length (um) and area (um2), by the first letters of NEURON's names.
GEOMETRY = {
    "soma": (1, 1, 26.11269, 1504.344),
    "dend": (66, 210, 4175.637, 9782.458),
    "apic": (130, 486, 9821.981, 30920.381),
    "axon": (2, 2, 60.0, 216.770),
    "": (199, 699, 14083.731, 42423.953),
}


@pytest.fixture(scope="module")
def outcomes(l5pc: Study) -> Mapping[str, Mapping[str, Traces]]:
    """Traces by integrator and protocol, simulated in two processes, the longest first."""
    integrators = {"fixed": fixed_step(0.025), "cvode": Integrator(atol=1e-3)}
    jobs, keys = [], []
    for name, integrator in integrators.items():
        problem = l5pc.with_integrator(integrator).problem
        for job in reversed(problem.jobs(problem.row(l5pc.values("release")))):
            jobs.append(job)
            keys.append((name, job.protocol.name))
    found: dict[str, dict[str, Traces]] = {name: {} for name in integrators}
    for (name, plan), outcome in zip(keys, run_in_children(jobs, workers=2), strict=True):
        assert isinstance(outcome, Traces), (name, plan, outcome)
        found[name][plan] = outcome
    return found


def scores(l5pc: Study, outcomes: Mapping[str, Traces]) -> dict[str, float]:
    evaluation: Evaluation = evaluation_of(
        l5pc.problem.objectives, l5pc.problem.protocols, outcomes
    )
    names = [objective.name for objective in l5pc.problem.objectives]
    return dict(zip(names, l5pc.problem.score(evaluation).tolist(), strict=True))


@pytest.mark.slow
def test_scores_with_a_fixed_step(l5pc: Study, outcomes) -> None:
    """A fixed step is not chaotic: parameters changed by 1e-12 move these scores by 2e-8."""
    found = scores(l5pc, outcomes["fixed"])
    assert found == pytest.approx({name: pair[1] for name, pair in SCORES.items()}, abs=1e-4)
    assert sum(found.values()) == pytest.approx(SUMS[1], abs=1e-3)


@pytest.mark.slow
def test_scores_under_cvode(l5pc: Study, outcomes) -> None:
    """CVODE is chaotic in the last digit: a change of 1e-12 in a parameter moves them as far."""
    found = scores(l5pc, outcomes["cvode"])
    assert found == pytest.approx({name: pair[0] for name, pair in SCORES.items()}, abs=0.3)
    assert sum(found.values()) == pytest.approx(SUMS[0], abs=0.6)


@pytest.mark.slow
@pytest.mark.parametrize("plan", SPIKES)
def test_spikes_under_cvode(outcomes, plan: str) -> None:
    traces = outcomes["cvode"][plan]
    v = traces["soma.v"].values
    times_ms = traces.t_ms[:-1][(v[:-1] < -20) & (v[1:] >= -20)]
    count, first_ms, last_ms = SPIKES[plan]
    assert times_ms.size == count
    np.testing.assert_allclose(times_ms[: len(first_ms)], first_ms, atol=0.3)
    assert times_ms[-1] == pytest.approx(last_ms, abs=1.0)


@pytest.mark.slow
def test_highest_voltages_of_the_bAP(outcomes) -> None:
    highest = {name: trace.values.max() for name, trace in outcomes["cvode"]["bAP"].items()}
    known = {"soma.v": 39.451, "dend1.v": -12.145, "dend2.v": -33.658}
    assert highest == pytest.approx(known, abs=0.3)


def test_geometry_in_neuron(engine: NeuronEngine, l5pc: Study) -> None:
    recipe = l5pc.problem.recipe.with_values(l5pc.values("release"))
    run(engine, recipe, protocol(0.1), fixed_step(0.025))
    built = list(engine._h.allsec())
    for start, (sections, segments, length_um, area_um2) in GEOMETRY.items():
        mine = [section for section in built if section.name().startswith(start)]
        assert len(mine) == sections
        assert sum(section.nseg for section in mine) == segments
        assert sum(section.L for section in mine) == pytest.approx(length_um, abs=1e-3)
        area = math.fsum(segment.area() for section in mine for segment in section)
        assert area == pytest.approx(area_um2, abs=1e-3)


def test_painted_values_in_neuron(engine: NeuronEngine, l5pc: Study) -> None:
    """The dendrites' Ih, where the stub hangs, and that later paint won over earlier."""
    recipe = l5pc.problem.recipe.with_values(l5pc.values("release"))
    run(engine, recipe, protocol(0.1, step(0.1)), fixed_step(0.025))
    built = {section.name(): section for section in engine._h.allsec()}
    assert built["apic[24]"](0.9444).gIhbar_Ih == pytest.approx(0.0069992, abs=5e-8)
    assert built["dend[0]"](0.5).gIhbar_Ih == 8e-5
    capacities = {"soma[0]": 1, "axon[1]": 1, "dend[65]": 2, "apic[0]": 2}
    assert {name: built[name].cm for name in capacities} == capacities
    assert str(built["axon[0]"].parentseg()) == "soma[0](1)"
    assert str(built["axon[1]"].parentseg()) == "axon[0](1)"
    assert str(built["apic[0]"].parentseg()) == "soma[0](0.5)"
    assert {section.Ra for section in built.values()} == {100.0}
    soma = built["soma[0]"](0.5)
    assert (soma.ena, soma.ek, soma.g_pas, soma.e_pas) == (50, -85, 3e-5, -75)
    assert soma.gNaTs2_tbar_NaTs2_t == 0.983955
    assert built["axon[1]"](0.5).decay_CaDynamics_E2 == 287.198731
    assert soma.diam == pytest.approx(15.65972, abs=1e-5)
    assert [built[f"axon[{i}]"].diam for i in (0, 1)] == pytest.approx([1.38, 0.92], abs=5e-3)
