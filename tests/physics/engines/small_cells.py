"""Cells small enough for closed forms, and the shortest way to simulate them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.cells import CellRecipe, Paint, SegmentRule
from workbench.engines import Engine, Integrator, Job
from workbench.mechanisms import MechanismSet
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording, Step, Traces

SOMA: Mapping[str, str] = {"soma": "soma(0.5)"}
CM2_PER_UM2 = 1e-8
RESTING_mV = -70.0


def step(
    amplitude_nA: float, delay_ms: float = 0.0, duration_ms: float = 1e9, site: str = "soma(0.5)"
) -> Step:
    return Step(parse_site(site), delay_ms, duration_ms, amplitude_nA)


def protocol(
    duration_ms: float, *stimuli: Step, sites: Mapping[str, str] = SOMA, variable: str = "v"
) -> Protocol:
    recordings = tuple(Recording(name, parse_site(at), variable) for name, at in sites.items())
    return Protocol("test", duration_ms, stimuli, recordings)


def passive(
    cylinders: Sequence[Cylinder],
    segments: SegmentRule,
    *,
    g_S_per_cm2: float,
    Ra_ohm_cm: float = 100.0,
    cm_uF_per_cm2: float = 1.0,
    v_init_mV: float = RESTING_mV,
) -> CellRecipe:
    values = {
        "g_pas": g_S_per_cm2,
        "e_pas": RESTING_mV,
        "Ra": Ra_ohm_cm,
        "cm": cm_uF_per_cm2,
    }
    return CellRecipe(
        "passive",
        cylinder_tree("passive", cylinders),
        inserted=(("all", "pas"),),
        paint=tuple(Paint(name, "all", value) for name, value in values.items()),
        segments=segments,
        v_init_mV=v_init_mV,
    )


def hh_patch(celsius_degC: float = 6.3) -> CellRecipe:
    """A patch of squid axon of 1e4 um2: 1 nA is 10 uA/cm2."""
    side_um = math.sqrt(1e4 / math.pi)
    return CellRecipe(
        "patch",
        cylinder_tree("patch", [Cylinder("somatic", side_um, side_um)]),
        inserted=(("all", "hh"),),
        celsius_degC=celsius_degC,
    )


def ball_and_stick(hay: MechanismSet, **values: float) -> CellRecipe:
    """A spiking soma with a dendrite of three segments, on four mechanisms of Hay et al. 2011.

    `values` are painted parameters by variable; their defaults make it fire at 0.3 nA.
    """
    painted = {
        ("g_pas", "all"): 1e-4,
        ("e_pas", "all"): -75.0,
        ("Ra", "all"): 100.0,
        ("ena", "somatic"): 50.0,
        ("ek", "somatic"): -85.0,
        ("gNaTs2_tbar_NaTs2_t", "somatic"): 1.0,
        ("gSKv3_1bar_SKv3_1", "somatic"): 0.3,
        ("gCa_HVAbar_Ca_HVA", "somatic"): 5e-4,
        ("gIhbar_Ih", "basal"): 1e-4,
    }
    assert values.keys() <= {variable for variable, _ in painted}
    return CellRecipe(
        "ball and stick",
        cylinder_tree(
            "ball and stick",
            [Cylinder("somatic", 20, 20), Cylinder("basal", 100, 2, parent=0, parent_x=0.5)],
        ),
        mechanisms=(hay,),
        inserted=(
            ("all", "pas"),
            *(("somatic", s) for s in ("NaTs2_t", "SKv3_1", "Ca_HVA", "CaDynamics_E2")),
            ("basal", "Ih"),
        ),
        paint=tuple(
            Paint(variable, region, values.get(variable, value))
            for (variable, region), value in painted.items()
        ),
        celsius_degC=34.0,
    )


def run(engine: Engine, recipe: CellRecipe, plan: Protocol, integrator: Integrator) -> Traces:
    [outcome] = engine([Job(recipe, plan, integrator)])
    assert isinstance(outcome, Traces), outcome
    return outcome


def voltage(traces: Traces, location: str = "soma") -> NDArray[np.float64]:
    return traces[f"{location}.v"].values


def crossings_ms(
    traces: Traces, threshold_mV: float, location: str = "soma"
) -> NDArray[np.float64]:
    """Times of upward crossings, on the straight line between two samples."""
    t, v = traces.t_ms, voltage(traces, location)
    at = np.flatnonzero((v[:-1] < threshold_mV) & (v[1:] >= threshold_mV))
    part = (threshold_mV - v[at]) / (v[at + 1] - v[at])
    return np.asarray(t[at] + part * (t[at + 1] - t[at]))


def same(one: Traces, other: Traces) -> bool:
    """Whether two runs are equal in every bit."""
    return (
        one.t_ms.tobytes() == other.t_ms.tobytes()
        and one.recorded.keys() == other.recorded.keys()
        and all(one.recorded[n].tobytes() == other.recorded[n].tobytes() for n in one.recorded)
    )
