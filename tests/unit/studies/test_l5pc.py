"""The shipped study of BluePyOpt's L5PC example, against its published tables.

Van Geit et al. 2016, Front Neuroinform 10:17, and the example's own files.
"""

import pytest

from workbench.engines import Integrator
from workbench.studies import load_study

# Parameter, region, lower and upper bound, release value; in the order of the evaluator.
PARAMETERS = """
gNaTs2_tbar_NaTs2_t apical  0      0.04  0.026145
gSKv3_1bar_SKv3_1   apical  0      0.04  0.004226
gImbar_Im           apical  0      0.001 0.000143
gNaTa_tbar_NaTa_t   axonal  0      4     3.137968
gNap_Et2bar_Nap_Et2 axonal  0      4     0.006827
gK_Pstbar_K_Pst     axonal  0      1     0.973538
gK_Tstbar_K_Tst     axonal  0      0.1   0.089259
gSK_E2bar_SK_E2     axonal  0      0.1   0.007104
gSKv3_1bar_SKv3_1   axonal  0      2     1.021945
gCa_HVAbar_Ca_HVA   axonal  0      0.001 0.000990
gCa_LVAstbar_Ca_LVAst axonal 0     0.01  0.008752
gamma_CaDynamics_E2 axonal  0.0005 0.05  0.002910
decay_CaDynamics_E2 axonal  20     1000  287.198731
gNaTs2_tbar_NaTs2_t somatic 0      1     0.983955
gSKv3_1bar_SKv3_1   somatic 0      1     0.303472
gSK_E2bar_SK_E2     somatic 0      0.1   0.008407
gCa_HVAbar_Ca_HVA   somatic 0      0.001 0.000994
gCa_LVAstbar_Ca_LVAst somatic 0    0.01  0.000333
gamma_CaDynamics_E2 somatic 0.0005 0.05  0.000609
decay_CaDynamics_E2 somatic 20     1000  210.485284
"""

# Objective, mean, standard deviation.
TARGETS = """
bAP.soma.AP_width 2.0 0.5
bAP.soma.AP_height 25.0 5.0
bAP.soma.Spikecount 1.0 0.01
bAP.dend1.AP_amplitude_from_voltagebase 45 10
bAP.dend2.AP_amplitude_from_voltagebase 36 9.33
Step3.soma.AP_height 19.7207 3.7204
Step3.soma.AHP_slow_time 0.1968 0.0112
Step3.soma.ISI_CV 0.0737 0.0292
Step3.soma.doublet_ISI 22.75 4.14
Step3.soma.adaptation_index2 0.0055 0.0015
Step3.soma.mean_frequency 17.5 0.8
Step3.soma.AHP_depth_abs_slow -61.1513 2.3385
Step3.soma.AP_width 3.5347 0.8788
Step3.soma.time_to_first_spike 10.5 1.36
Step3.soma.AHP_depth_abs -57.0905 2.3427
Step2.soma.AP_height 27.1003 3.1463
Step2.soma.AHP_slow_time 0.1676 0.0339
Step2.soma.ISI_CV 0.0674 0.075
Step2.soma.doublet_ISI 44.0 7.1327
Step2.soma.adaptation_index2 0.005 0.0067
Step2.soma.mean_frequency 8.5 0.9796
Step2.soma.AHP_depth_abs_slow -60.2471 1.8972
Step2.soma.AP_width 2.7917 0.7499
Step2.soma.time_to_first_spike 19.75 2.8776
Step2.soma.AHP_depth_abs -59.9055 1.8329
Step1.soma.AP_height 25.0141 3.1463
Step1.soma.AHP_slow_time 0.1599 0.0483
Step1.soma.ISI_CV 0.109 0.1217
Step1.soma.doublet_ISI 62.75 9.6667
Step1.soma.adaptation_index2 0.0047 0.0514
Step1.soma.mean_frequency 6 1.2222
Step1.soma.AHP_depth_abs_slow -61.1513 2.3385
Step1.soma.AP_width 3.5312 0.8592
Step1.soma.time_to_first_spike 27.25 5.7222
Step1.soma.AHP_depth_abs -60.3636 2.3018
"""

# Protocol: duration, delay and duration and amplitude of the step, amplitude of the hold.
PROTOCOLS = {
    "bAP": (600, (295, 5, 1.9), None),
    "Step1": (3000, (700, 2000, 0.458), -0.126),
    "Step2": (3000, (700, 2000, 0.562), -0.126),
    "Step3": (3000, (700, 2000, 0.95), -0.126),
}

FREE_IN_QUICK = {
    "gNaTa_tbar_NaTa_t.axonal",
    "gK_Tstbar_K_Tst.axonal",
    "gK_Pstbar_K_Pst.axonal",
    "gSKv3_1bar_SKv3_1.axonal",
    "gSK_E2bar_SK_E2.axonal",
    "gNaTs2_tbar_NaTs2_t.somatic",
    "gSKv3_1bar_SKv3_1.somatic",
    "gNaTs2_tbar_NaTs2_t.apical",
}


def table(text):
    return [line.split() for line in text.split("\n") if line]


@pytest.fixture
def study():
    return load_study("l5pc")


def test_the_free_parameters_and_their_bounds(study):
    found = {p.name: (p.low, p.high, p.scale) for p in study.problem.parameters}
    assert found == {
        f"{variable}.{region}": (float(low), float(high), "linear")
        for variable, region, low, high, _ in table(PARAMETERS)
    }
    assert len(found) == 20


def test_the_release_values_lie_within_the_bounds(study):
    release = study.values("release")
    assert release == {f"{v}.{region}": float(x) for v, region, _, _, x in table(PARAMETERS)}
    unit = study.problem.unit(study.problem.row(release)[None])
    assert ((unit >= 0) & (unit <= 1)).all()


def test_the_targets(study):
    found = {o.name: (o.mean, o.std) for o in study.problem.objectives}
    assert found == {name: (float(mean), float(std)) for name, mean, std in table(TARGETS)}
    assert len(found) == 35


def test_the_windows_and_thresholds(study):
    """The window of bAP runs to the end of the run; dendritic spikes begin at -55 mV."""
    for objective in study.problem.objectives:
        window = objective.window
        bounds = (295, 600) if objective.protocol == "bAP" else (700, 2700)
        assert (window.begin_ms, window.end_ms) == bounds, objective.name
        assert window.threshold_mV == (-20 if objective.location == "soma" else -55)
        assert window.settings == {}


def test_the_protocols(study):
    assert [p.name for p in study.problem.protocols] == list(PROTOCOLS)
    for protocol in study.problem.protocols:
        duration_ms, step, hold_nA = PROTOCOLS[protocol.name]
        stimuli = [
            (s.delay_ms, s.duration_ms, s.amplitude_nA, str(s.site))
            for s in protocol.bound().stimuli
        ]
        expected = [(*step, "soma[0](0.5)")]
        if hold_nA is not None:
            expected.append((0, duration_ms, hold_nA, "soma[0](0.5)"))
        assert protocol.duration_ms == duration_ms
        assert stimuli == expected
    recordings = [(r.name, str(r.site)) for r in study.protocol("bAP").recordings]
    assert recordings == [
        ("soma.v", "soma[0](0.5)"),
        ("dend1.v", "apical@660um last"),
        ("dend2.v", "apical@800um last"),
    ]


def test_the_conditions(study):
    recipe = study.problem.recipe
    assert (recipe.celsius_degC, recipe.v_init_mV) == (34, -65)
    assert study.problem.integrator == Integrator(dt_ms=None, atol=1e-3)
    rule = study.problem.rule
    assert (rule.missing, rule.cap) == (250, None)


def test_the_cell(study):
    """Sections, segments, length and area by region, as BluePyOpt's cell has them in NEURON."""
    recipe = study.problem.recipe
    morphology = recipe.morphology
    expected = {
        "somatic": (1, 1, 26.11269, 1504.344),
        "basal": (66, 210, 4175.637, 9782.458),
        "apical": (130, 486, 9821.981, 30920.381),
        "axonal": (2, 2, 60, 216.770),
        "all": (199, 699, 14083.731, 42423.953),
    }
    for region, (sections, segments, length_um, area_um2) in expected.items():
        indices = morphology.indices(region)
        assert len(indices) == sections, region
        assert sum(recipe.segment_counts[i] for i in indices) == segments, region
        assert morphology.length_um(region) == pytest.approx(length_um, abs=2e-3), region
        assert morphology.area_um2(region) == pytest.approx(area_um2, abs=2e-3), region


INSERTED = {
    "all": "pas",
    "basal": "Ih",
    "apical": "Ih Im SKv3_1 NaTs2_t",
    "somatic": "NaTs2_t SKv3_1 SK_E2 CaDynamics_E2 Ca_HVA Ca_LVAst Ih",
    "axonal": "Ca_LVAst Ca_HVA CaDynamics_E2 SKv3_1 SK_E2 K_Tst K_Pst Nap_Et2 NaTa_t",
}
# Section: what it has after all paint.
PAINTED = {
    "soma[0]": {"cm": 1, "Ra": 100, "g_pas": 3e-5, "e_pas": -75, "ena": 50, "ek": -85},
    "dend[7]": {"cm": 2, "Ra": 100, "g_pas": 3e-5, "e_pas": -75},
    "apic[7]": {"cm": 2, "Ra": 100, "g_pas": 3e-5, "e_pas": -75, "ena": 50, "ek": -85},
    "axon[1]": {"cm": 1, "Ra": 100, "g_pas": 3e-5, "e_pas": -75, "ena": 50, "ek": -85},
}


def test_the_mechanisms(study):
    inserted = {(region, suffix) for region, names in INSERTED.items() for suffix in names.split()}
    assert set(study.problem.recipe.inserted) == inserted


def test_the_fixed_values(study):
    recipe = study.problem.recipe.with_values(study.values("release"))
    names = recipe.morphology.names
    found = {name: {} for name in PAINTED}
    ih = {}
    for painted in recipe.painted():
        name = names[painted.section]
        if name in PAINTED and painted.variable in ("gIhbar_Ih", *PAINTED["soma[0]"]):
            (ih if painted.variable == "gIhbar_Ih" else found[name])[
                name if painted.variable == "gIhbar_Ih" else painted.variable
            ] = painted.values
    assert found == PAINTED
    assert (ih["soma[0]"], ih["dend[7]"]) == (8e-5, 8e-5)
    assert ih["apic[7]"].min() > 8e-5
    assert "axon[1]" not in ih


def test_the_quick_study_is_a_part_of_it(study):
    quick = load_study("l5pc_quick")
    bounds = {p.name: p for p in study.problem.parameters}
    assert {p.name for p in quick.problem.parameters} == FREE_IN_QUICK
    assert all(bounds[p.name] == p for p in quick.problem.parameters)
    fixed = {p.name: p.value for p in quick.problem.recipe.paint}
    for name, value in study.values("release").items():
        assert fixed[name] == (None if name in FREE_IN_QUICK else value)
    assert quick.values("release").keys() == FREE_IN_QUICK
    aims = {o.name: (o.mean, o.std) for o in study.problem.objectives}
    assert all(aims[o.name] == (o.mean, o.std) for o in quick.problem.objectives)
    assert len(quick.problem.objectives) == 15
    whole = quick.problem.recipe.with_values(quick.values("release"))
    assert whole.frame == study.problem.recipe.frame


def test_the_quick_protocols_have_the_published_amplitudes():
    for protocol in load_study("l5pc_quick").problem.protocols:
        step, hold = protocol.bound().stimuli
        _, (_, _, step_nA), hold_nA = PROTOCOLS[protocol.name]
        assert (step.amplitude_nA, hold.amplitude_nA) == (step_nA, hold_nA)
        assert (step.duration_ms, hold.duration_ms) == (400, protocol.duration_ms)
