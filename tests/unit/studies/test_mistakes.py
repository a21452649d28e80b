"""Every mistake in a study names its file, its key and what would do."""

import pytest

from workbench.errors import InputError, MechanismError, MorphologyError, StudyError
from workbench.studies import load_study

# File, text, text in its place, kind of error, what the message says.
CELL = [
    ("celsius_degC = 34", "celsius = 34", StudyError, "conditions.celsius: unknown key 'celsius'"),
    ("celsius_degC = 34", "celsius = 34", StudyError, "did you mean 'celsius_degC'"),
    ("celsius_degC = 34", "", StudyError, "conditions.celsius_degC: this key is missing"),
    ("[conditions]", "[condition]", StudyError, "condition: unknown key 'condition'; did you mean"),
    ("max_length_um", "max_lenght_um", StudyError, "did you mean 'max_length_um'"),
    ("max_length_um = 40", "max_length_um = 0", StudyError, "conditions: segments: "),
    ("= 40 }", "= 40, d_lambda = 0.1 }", StudyError, "either max_length_um or d_lambda"),
    ("= 34", '= "34 mV"', StudyError, "conditions.celsius_degC: '34 mV' cannot be read in degC"),
    ("= 34", "= nan", StudyError, "conditions.celsius_degC: nan is not a finite number"),
    ("= 34", "= true", StudyError, "conditions.celsius_degC: "),
    ('"C060114A7"', '"C060114A8"', MorphologyError, "morphology.name: unknown morphology"),
    ('"C060114A7"', '"C060114A8"', MorphologyError, "did you mean 'C060114A7'"),
    ('name = "C060114A7"', 'file = "cell.asc"', MorphologyError, "morphology.file: the file "),
    ('name = "C060114A7"', 'nam = "C060114A7"', StudyError, "did you mean 'name'"),
    ('name = "C060114A7"', "", StudyError, "morphology: give either the name"),
    ('"C060114A7"', '"C060114A7"\nfile = "a.swc"', StudyError, "morphology: give either the name"),
    ('soma = "neuron"', 'soma = "nueron"', StudyError, "morphology.soma: "),
    ('soma = "neuron"', 'soma = "nueron"', StudyError, "'sphere'"),
    ('axon = "stub"', 'axon = "stump"', StudyError, "morphology.axon: "),
    ('["hay_l5b"]', '["hay_l5c"]', MechanismError, "mechanisms.folders: "),
    ('["hay_l5b"]', '["hay_l5c"]', MechanismError, "did you mean 'hay_l5b'"),
    ('["hay_l5b"]', '["hay_l5b", "hay_l5b"]', MechanismError, "mechanisms.folders: "),
    ('["hay_l5b"]', '"hay_l5b"', StudyError, "mechanisms.folders: "),
    ('"Im", "SKv3_1"', '"Imm", "SKv3_1"', MechanismError, "mechanisms.insert.apical: unknown mech"),
    ('"Im", "SKv3_1"', '"Imm", "SKv3_1"', MechanismError, "did you mean 'Im'"),
    ('"Im", "SKv3_1"', '"ExpSyn"', MechanismError, "ExpSyn (point) is no density mechanism"),
    ("apical = [", "apicl = [", StudyError, "mechanisms.insert.apicl: unknown region 'apicl'"),
    ("[parameters.apical]", "[parameters.apicl]", StudyError, "parameters.apicl: unknown region"),
    ("gImbar_Im =", "gImbar_Imm =", MechanismError, "parameters.apical.gImbar_Imm: unknown param"),
    ("gImbar_Im =", "gImbar_Imm =", MechanismError, "did you mean 'gImbar_Im'"),
    ("gImbar_Im =", "gCa_HVAbar_Ca_HVA =", MechanismError, "parameters.apical.gCa_HVAbar_Ca_HVA"),
    ("cm = 1\n", "Cm = 1\n", MechanismError, "parameters.all.Cm: unknown parameter here 'Cm'"),
    ("[0, 0.001]", "[0.001, 0]", StudyError, "parameters.apical.gImbar_Im: "),
    ("[0, 0.001]", "[0.001, 0]", StudyError, "the lower bound comes first"),
    ("[0, 0.001]", "[0, 0.001, 1]", StudyError, "bounds are two numbers, [low, high]"),
    ("[0, 0.001]", "[0]", StudyError, "parameters.apical.gImbar_Im: bounds are two numbers"),
    ("[0, 0.001]", "[0, nan]", StudyError, "parameters.apical.gImbar_Im"),
    ("[0, 0.001]", "[0, 1.7e308]", StudyError, "gImbar_Im: bounds [0, 1.7e+308] reach beyond"),
    ("[0, 0.001]", "[-1.7e308, 1]", StudyError, "gImbar_Im: bounds [-1.7e+308, 1] reach beyond"),
    (
        "gImbar_Im = [0, 0.001]",
        'gImbar_Im = { bounds = [1e-300, 1], scale = "log" }',
        StudyError,
        "down to 1e-30 on a log scale",
    ),
    (
        "gImbar_Im = [0, 0.001]",
        'gImbar_Im = { bounds = [0, 0.001], scale = "log" }',
        StudyError,
        "parameters.apical.gImbar_Im: parameter gImbar_Im.apical has bounds [0, 0.001]; on a log",
    ),
    ('distribution = "ih"', 'distribution = "hi"', StudyError, "gIhbar_Ih: unknown distribution"),
    ('distribution = "ih"', 'distribution = "hi"', StudyError, "Allowed: ih"),
    ('distribution = "ih"', 'distributon = "ih"', StudyError, "did you mean 'distribution'"),
    ("value = 8e-5,", "value = 8e-5, bounds = [0, 1],", StudyError, "either a value or bounds"),
    ("exp(0.0031", "exq(0.0031", StudyError, "distributions.ih: "),
    ("exp(0.0031", "exq(0.0031", StudyError, "did you mean 'exp'"),
    ("g_pas = 3e-5", 'g_pas = "3e-5"', StudyError, "parameters.all.g_pas: "),
    ("g_pas = 3e-5", "g_pas = true", StudyError, "parameters.all.g_pas: "),
    ("g_pas = 3e-5", "g_pas = inf", StudyError, "parameters.all.g_pas: "),
    ("[conditions]", "[conditions", StudyError, "this is not TOML"),
    ("g_pas = 3e-5", "g_pas = 3e-5\ng_pas = 4e-5", StudyError, "this is not TOML"),
]
PROTOCOLS = [
    ("duration_ms = 600", "duration = 600", StudyError, "bAP.duration: unknown key 'duration'"),
    ("duration_ms = 600", "duration = 600", StudyError, "did you mean 'duration_ms'"),
    ("duration_ms = 600", "duration_ms = 0", StudyError, "bAP: protocol bAP: duration_ms is 0"),
    ("duration_ms = 600", 'duration_ms = "600 mV"', StudyError, "bAP.duration_ms: '600 mV' cannot"),
    ("duration_ms = 600", "duration_ms = inf", StudyError, "bAP.duration_ms: inf is not a finite"),
    ("amplitude_nA = 1.9", "amplitude = 1.9", StudyError, "bAP.stimuli.0.amplitude: unknown key"),
    ("amplitude_nA = 1.9", "amplitude = 1.9", StudyError, "did you mean 'amplitude_nA'"),
    ("amplitude_nA = 1.9", "", StudyError, "bAP.stimuli.0.amplitude_nA: this key is missing"),
    ("amplitude_nA = 1.9", 'amplitude_nA = "1.9 mV"', StudyError, "bAP.stimuli.0.amplitude_nA: "),
    ("amplitude_nA = 1.9", 'amplitude_nA = "1.9 mV"', StudyError, "allowed units: nA, pA, uA"),
    ("amplitude_nA = 1.9", 'amplitude_nA = "amp"', StudyError, "bAP: protocol bAP, amplitude_nA"),
    ("amplitude_nA = 1.9", "amplitude_nA = nan", StudyError, "nan is not a finite number"),
    ("delay_ms = 295", "delay_ms = -1", StudyError, "bAP: protocol bAP: delay_ms is -1"),
    ('type = "step"', 'type = "stp"', StudyError, "bAP.stimuli.0"),
    ('type = "step"', 'typ = "step"', StudyError, "bAP.stimuli.0"),
    ('site = "soma(0.5)"', 'site = "soma(2)"', StudyError, "bAP: 'soma(2)' is not a site"),
    ('site = "soma(0.5)"', 'site = "sma(0.5)"', InputError, "bAP.stimuli: "),
    ('site = "soma(0.5)"', 'site = "sma(0.5)"', InputError, "did you mean 'soma'"),
    (
        "apical@660um",
        "apcal@660um",
        InputError,
        "bAP.recordings.dend1: unknown region 'apcal'; did",
    ),
    ("apical@660um", "apical@6600um", InputError, "bAP.recordings.dend1: "),
    ("apical@660um", "apical@6600um", InputError, "farthest end of that region is at 1218.6 um"),
    ("apical@660um last", "apic[999](0.5)", InputError, "bAP.recordings.dend1: "),
    (
        '"amplitude_nA" },',
        '"amplitude_nA", site2 = 1 },',
        StudyError,
        "Step1.stimuli.0.site2: unkn",
    ),
    ('amplitude_nA = "amp', 'amplitude_nA = "anp', StudyError, "Step1: "),
]
TARGETS = [
    ("[Step3.soma.features]", "[Step4.soma.features]", StudyError, "unknown protocol 'Step4'"),
    ("[Step3.soma.features]", "[Step4.soma.features]", StudyError, "Allowed: Step1, Step2, Step3"),
    ("[Step3.soma.features]", "[Step3.som.features]", StudyError, "Step3.som: unknown recording"),
    ("[Step3.soma.features]", "[Step3.som.features]", StudyError, "did you mean 'soma.v'"),
    (
        "[Step3.soma.features]",
        "[Step3.soma.feature]",
        StudyError,
        "Step3.soma.feature: unknown key",
    ),
    ("[Step3.soma.features]", "[Step3.soma.feature]", StudyError, "did you mean 'features'"),
    ("AP_width =", "AP_widht =", StudyError, "bAP.soma: unknown feature 'AP_widht'; did you mean"),
    ("[2.0, 0.5]", "[2.0, 0]", StudyError, "bAP.soma: bAP.soma.AP_width: the target is [2.0, 0.0]"),
    ("[2.0, 0.5]", "[2.0]", StudyError, "bAP.soma.features.AP_width: "),
    (
        "[295, 600]",
        "[295, 600]\nweights = { AP_widht = 2 }",
        StudyError,
        "bAP.soma: weights: unknown feature 'AP_widht'; did you mean 'AP_width'",
    ),
    (
        "[295, 600]",
        "[295, 600]\nfloor = { AP_widht = 2 }",
        StudyError,
        "bAP.soma: floor: unknown feature 'AP_widht'; did you mean 'AP_width'",
    ),
    ("[295, 600]", "[295, 600]\nfloor = { AP_width = 0 }", StudyError, "bAP.soma.floor.AP_width: "),
    ("[295, 600]", "[295, 600]\nn = { AP_width = 0.5 }", StudyError, "bAP.soma.n.AP_width: "),
    (
        "[bAP.soma]",
        "[bAP.soma.to.dend1.features]\nspike_dealy = [1, 1]\n[bAP.soma]",
        StudyError,
        "bAP.soma.to.dend1: unknown feature of two recordings 'spike_dealy'; did you mean",
    ),
    (
        "[bAP.soma]",
        "[bAP.soma.to.dend3.features]\nspike_delay = [1, 1]\n[bAP.soma]",
        StudyError,
        "bAP.soma.to.dend3: unknown recording 'dend3.v'",
    ),
    (
        "[bAP.soma]",
        "[bAP.soma.to.dend1]\nvariable = 'cai'\n[bAP.soma]",
        StudyError,
        "bAP.soma.to.dend1.features: this key is missing",
    ),
    (
        "AP_width = [",
        "spike_delay = [",
        StudyError,
        "bAP.soma: spike_delay is a feature of two recordings",
    ),
    (
        "[295, 600]",
        "[295, 600]\nweights = { AP_width = 0 }",
        StudyError,
        "bAP.soma: bAP.soma.AP_width: the weight is 0; allowed are 1e-06 to",
    ),
    ("[2.0, 0.5]", "[2.0, 0.5, 1]", StudyError, "bAP.soma.features.AP_width: "),
    ("[2.0, 0.5]", "[nan, 0.5]", StudyError, "bAP.soma.features.AP_width"),
    ("[2.0, 0.5]", "2.0", StudyError, "bAP.soma.features.AP_width: "),
    ("[295, 600]", "[600, 295]", StudyError, "bAP.soma: window_ms is [600, 295]"),
    (
        "[295, 600]",
        "[2000, 3000]",
        StudyError,
        "bAP.soma: window_ms is [2000, 3000], but the protocol ends at 600 ms",
    ),
    ("[295, 600]", "[295, 600.1]", StudyError, "bAP.soma: window_ms is [295, 600.1], but the pr"),
    ("[295, 600]", "[600]", StudyError, "bAP.soma.window_ms: "),
    ("threshold_mV = -55", "threshold = -55", StudyError, "bAP.dend1.threshold: unknown key"),
    ("threshold_mV = -55", 'threshold_mV = "1 nA"', StudyError, "bAP.dend1.threshold_mV: '1 nA'"),
    (
        "threshold_mV = -55",
        "settings = { interp_stp = 0.1 }",
        StudyError,
        "bAP.dend1: unknown eFEL setting 'interp_stp'; did you mean 'interp_step'",
    ),
    ("threshold_mV = -55", 'variable = "cai"', StudyError, "unknown recording 'dend1.cai'"),
]
STUDY = [
    ("title =", "titel =", StudyError, "titel: unknown key 'titel'; did you mean 'title'"),
    ("[integrator]", "[integratr]", StudyError, "did you mean 'integrator'"),
    ("cvode_atol", "cvode_tol", StudyError, "integrator.cvode_tol: unknown key"),
    ("cvode_atol = 1e-3", "cvode_atol = 0", StudyError, "integrator: atol is 0"),
    (
        "cvode_atol = 1e-3",
        "cvode_atol = 1e-3\ndt_ms = 0.025",
        StudyError,
        "integrator: give one of",
    ),
    ("cvode_atol = 1e-3", "dt_ms = 0.1\norder = 2", StudyError, "integrator: Crank-Nicolson"),
    ("cvode_atol = 1e-3", "dt_ms = 0.1\norder = 3", StudyError, "integrator.order: "),
    ("cvode_atol = 1e-3", 'engine = "coreneuron"', StudyError, "integrator: CoreNEURON has no CVO"),
    ("cvode_atol = 1e-3", 'engine = "nueron"', StudyError, "integrator.engine: "),
    ("cvode_atol = 1e-3", 'dt_ms = "25 nA"', StudyError, "integrator.dt_ms: '25 nA' cannot be"),
    (
        '"gp"',
        '"ibae"',
        StudyError,
        "fit.algorithm: unknown search algorithm 'ibae'; did you mean",
    ),
    ("population = 16", "population = 0", StudyError, "fit.population: "),
    ("population = 16", "population = 1000000000000", StudyError, "fit.population: "),
    ("population = 16", "poplation = 16", StudyError, "did you mean 'population'"),
    ("population = 16", "population = 99.5", StudyError, "fit.population: "),
    ("seed = 1", "seed = -1", StudyError, "fit.seed: "),
    ('cap = "none"', 'cap = "nne"', StudyError, "score.cap: "),
    ("missing = 250", "missing = -250", StudyError, "score: missing = -250.0"),
    ("failed = 500", "failed = 100", StudyError, "failed at least missing"),
    ("failed = 500", "failed = inf", StudyError, "score.failed"),
    ("title =", 'base = "l5pd"\ntitle =', StudyError, "base: unknown study 'l5pd'; did you mean"),
    ("title =", "schema_version = 2\ntitle =", StudyError, "schema_version: "),
]
PUBLISHED = [
    (
        "gImbar_Im =",
        "gImbar_Imm =",
        StudyError,
        "release.values: unknown parameter 'gImbar_Imm.api",
    ),
    ("[release.values.apical]", "[release.values.apicl]", StudyError, "gNaTs2_tbar_NaTs2_t.apicl"),
    ("[release.values.apical]", "[release.vals.apical]", StudyError, "did you mean 'values'"),
    (
        "source =",
        "sorce =",
        StudyError,
        "release.sorce: unknown key 'sorce'; did you mean 'source'",
    ),
    ("0.000143", '"0.000143"', StudyError, "release.values.apical.gImbar_Im: "),
    ("0.000143", "nan", StudyError, "release.values.apical.gImbar_Im"),
]
MISTAKES = [
    (file, *mistake)
    for file, mistakes in (
        ("cell.toml", CELL),
        ("protocols.toml", PROTOCOLS),
        ("targets.toml", TARGETS),
        ("study.toml", STUDY),
        ("published.toml", PUBLISHED),
    )
    for mistake in mistakes
]


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "says"),
    MISTAKES,
    ids=[f"{file} {new[:40]!r}" for file, _, new, *_ in MISTAKES],
)
def test_a_mistake_names_file_and_key(l5pc, change, file, old, new, kind, says):
    change(l5pc / file, old, new)
    with pytest.raises(kind) as caught:
        load_study(l5pc)
    message = str(caught.value)
    assert message.startswith(f"{l5pc / file}: ")
    assert says in message


def test_the_copy_without_a_mistake_is_a_study(l5pc):
    assert load_study(l5pc).name == "l5pc"
