import sys
from dataclasses import replace

import pytest

from workbench.engines import fixed_step
from workbench.errors import MechanismError, MorphologyError, StudyError
from workbench.features import Window
from workbench.studies import calibrated, find_study, load_expected, load_study, study_names


def lines_of(study):
    with pytest.raises(StudyError) as caught:
        load_study(study)
    return str(caught.value).splitlines()


def test_all_mistakes_of_a_file_are_told_at_once(l5pc, change):
    change(
        l5pc / "cell.toml",
        "celsius_degC = 34",
        "celsius = 34",
        'axon = "stub"',
        'axon = "stump"',
        "gImbar_Im = [0, 0.001]",
        'gImbar_Im = "much more"',
        'distribution = "ih"',
        'distributon = "ih"',
        "Ra = 100",
        "Ra = nan",
    )
    file = l5pc / "cell.toml"
    assert lines_of(l5pc) == [
        f"{file}: conditions.celsius: unknown key 'celsius'; did you mean 'celsius_degC'? "
        "Allowed: celsius_degC, segments, v_init_mV",
        f"{file}: conditions.celsius_degC: this key is missing",
        f"{file}: morphology.axon: must be 'stub', 'keep' or 'remove' or a table (given: 'stump')",
        f"{file}: parameters.all.Ra: must be a finite number (given: nan)",
        f"{file}: parameters.apical.gIhbar_Ih.distributon: unknown key 'distributon'; "
        "did you mean 'distribution'? Allowed: at, balance_mV, bounds, distribution, scale, "
        "total_uS, value",
        f"{file}: parameters.apical.gImbar_Im: cannot use 'much more': it does not parse: "
        "invalid syntax",
    ]


def test_the_shipped_calibration_belongs_to_its_study():
    assert calibrated(load_study("l5pc")) is not None


def test_a_misspelt_stimulus_is_compared_with_its_own_kind(l5pc, change):
    change(l5pc / "protocols.toml", "amplitude_nA = 1.9", "amplitude = 1.9", 'type = "step"', "")
    [line] = lines_of(l5pc)
    assert line.endswith("bAP.stimuli.0.type: this key is missing")
    change(l5pc / "protocols.toml", "delay_ms = 295", 'delay_ms = 295\ntype = "step"')
    unknown, missing = lines_of(l5pc)
    assert unknown.endswith(
        "bAP.stimuli.0.amplitude: unknown key 'amplitude'; did you mean 'amplitude_nA'? Allowed: "
        "amplitude_nA, delay_ms, duration_ms, site, type"
    )
    assert missing.endswith("bAP.stimuli.0.amplitude_nA: this key is missing")
    change(l5pc / "protocols.toml", 'type = "step"', 'type = "stp"')
    [line] = lines_of(l5pc)
    assert "bAP.stimuli.0.type: must be 'step'" in line
    assert line.endswith("(given: 'stp')")


@pytest.mark.parametrize("name", ["cell.toml", "protocols.toml", "targets.toml"])
def test_a_missing_file_is_named(l5pc, name):
    (l5pc / name).unlink()
    [line] = lines_of(l5pc)
    assert line == f"{l5pc / name}: there is no such file; a study needs it"


def test_named_parameter_sets_are_no_must(l5pc):
    (l5pc / "published.toml").unlink()
    assert load_study(l5pc).published == {}


def test_a_study_without_targets_can_be_simulated_but_not_scored(l5pc):
    (l5pc / "targets.toml").write_text("# none yet\n")
    study = load_study(l5pc)
    assert study.protocol("Step1").duration_ms == 3000.0
    with pytest.raises(StudyError, match=r"targets\.toml: it names no feature"):
        study.check_targets()
    (l5pc / "targets.toml").write_text("[Step1.soma.features]\n")
    with pytest.raises(StudyError, match="it names no feature"):
        load_study(l5pc).check_targets()


def test_the_targets_that_are_missing_may_be_those_of_the_base(quick, l5pc):
    load_study(quick).check_targets()
    (quick / "targets.toml").unlink()
    (l5pc / "targets.toml").write_text("")
    with pytest.raises(StudyError, match=r"l5pc/targets\.toml: it names no feature"):
        load_study(quick).check_targets()


def test_a_file_that_begins_with_a_byte_order_mark_is_read(l5pc):
    before = load_study(l5pc).problem.digest
    for name in ("study", "cell", "protocols", "targets"):
        file = l5pc / f"{name}.toml"
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_study(l5pc).problem.digest == before


def test_a_file_in_another_encoding_is_refused(l5pc):
    (l5pc / "cell.toml").write_bytes("# 34 °C".encode("latin-1"))
    [line] = lines_of(l5pc)
    assert "cell.toml:1: this is not text in UTF-8" in line


def test_quantities_with_units_are_the_same_problem(l5pc, change):
    before = load_study(l5pc).problem.digest
    change(
        l5pc / "protocols.toml",
        "amplitude_nA = 1.9",
        'amplitude_nA = "1900 pA"',
        "delay_ms = 295",
        'delay_ms = "0.295 s"',
        "duration_ms = 600",
        'duration_ms = "600 ms"',
        "amplitude_nA = 0.458",
        'amplitude_nA = "458 pA"',
    )
    change(
        l5pc / "cell.toml",
        "celsius_degC = 34",
        'celsius_degC = "34 degC"',
        "v_init_mV = -65",
        'v_init_mV = "-0.065 V"',
        "max_length_um = 40",
        'max_length_um = "0.04 mm"',
    )
    change(l5pc / "targets.toml", "threshold_mV = -55", 'threshold_mV = "-55 mV"')
    assert load_study(l5pc).problem.digest == before


def test_a_copy_in_another_folder_is_the_same_problem(l5pc):
    other = l5pc.rename(l5pc.with_name("mine"))
    study = load_study(other)
    assert (study.name, study.problem.name) == ("mine", "mine")
    assert study.problem.digest == load_study("l5pc").problem.digest


@pytest.mark.parametrize(
    ("file", "old", "new", "part"),
    [
        ("cell.toml", "celsius_degC = 34", "celsius_degC = 35", "cell"),
        ("cell.toml", "0.0031", "0.0032", "cell"),
        ("cell.toml", "[0, 0.001]", "[0, 0.002]", "parameters"),
        ("protocols.toml", "amplitude_nA = 1.9", "amplitude_nA = 2", "protocols"),
        ("targets.toml", "[2.0, 0.5]", "[2.0, 0.6]", "targets"),
        ("study.toml", "failed = 500", "failed = 501", "targets"),
        ("study.toml", "cvode_atol = 1e-3", "cvode_atol = 1e-4", "integrator"),
    ],
)
def test_a_change_in_a_file_is_a_change_of_its_part(l5pc, change, file, old, new, part):
    before = load_study(l5pc).problem
    change(l5pc / file, old, new)
    after = load_study(l5pc).problem
    assert {n for n in before.parts if before.parts[n] != after.parts[n]} == {part}


def test_titles_and_plans_are_no_part_of_the_problem(l5pc, change):
    before = load_study(l5pc).problem.digest
    change(l5pc / "study.toml", "title = ", 'title = "My cell"\n# ', "population = 16", "")
    assert load_study(l5pc).problem.digest == before


def test_the_budget_of_steps_is_a_choice(l5pc, change):
    assert load_study(l5pc).problem.integrator.steps_per_ms == 200
    change(l5pc / "study.toml", "cvode_atol = 1e-3", "cvode_atol = 1e-6\nsteps_per_ms = 2000")
    assert load_study(l5pc).problem.integrator.steps_per_ms == 2000


def test_the_integrator_is_a_choice(l5pc, change):
    change(l5pc / "study.toml", "cvode_atol = 1e-3", "dt_ms = 0.025\norder = 2")
    assert load_study(l5pc).problem.integrator == fixed_step(0.025, order=2)
    study = load_study(l5pc).with_integrator(fixed_step(0.05))
    assert study.problem.integrator == fixed_step(0.05)
    assert study.with_celsius(37.0).problem.recipe.celsius_degC == 37.0
    change(l5pc / "study.toml", "dt_ms = 0.025\norder = 2", "")
    assert load_study(l5pc).problem.integrator.atol == 1e-3


def test_unknown_sets_and_protocols_name_the_nearest():
    study = load_study("l5pc")
    with pytest.raises(StudyError, match="unknown parameter set 'relase'; did you mean 'release'"):
        study.values("relase")
    with pytest.raises(StudyError, match="unknown protocol 'Step4'; did you mean 'Step"):
        study.protocol("Step4")


def test_a_base_beside_the_study_comes_first(quick, l5pc, change):
    change(l5pc / "cell.toml", "celsius_degC = 34", "celsius_degC = 22")
    assert load_study(quick).problem.recipe.celsius_degC == 22


def test_a_base_may_be_one_that_ships(quick, l5pc):
    l5pc.rename(l5pc.with_name("gone"))
    assert load_study(quick).problem.digest == load_study("l5pc_quick").problem.digest


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("gNaTa_tbar_NaTa_t.axonal", "gNaTa_t.axonal", "parameters.free: unknown parameter"),
        ("gNaTa_tbar_NaTa_t.axonal", "gNaTa_tbar_NaTa_t.axon", "mean 'gNaTa_tbar_NaTa_t.axonal'"),
        ('"release"', '"relase"', "parameters.others: unknown parameter set 'relase'; did you"),
    ],
)
def test_mistakes_in_what_is_free(quick, change, old, new, says):
    change(quick / "study.toml", old, new)
    [line] = lines_of(quick)
    assert line.startswith(f"{quick / 'study.toml'}: ")
    assert says in line


def test_the_set_behind_what_is_not_free_must_be_complete(quick, l5pc, change):
    change(l5pc / "published.toml", "gImbar_Im = 0.000143", "")
    [line] = lines_of(quick)
    assert line == (
        f"{quick / 'study.toml'}: parameters.others: the set 'release' has no gImbar_Im.apical"
    )


def test_a_parameter_set_may_bring_a_cell_of_its_own(l5pc, change):
    text = (l5pc / "cell.toml").read_text()
    (l5pc / "axonal.toml").write_text(text.replace("cm = 1\n", "cm = 1.5\n"))
    with (l5pc / "published.toml").open("a") as file:
        file.write('\n[axonal]\nsource = "here"\ncell = "axonal.toml"\n')
    study = load_study(l5pc)
    own = study.with_params("axonal")
    [cm] = [p.value for p in own.problem.recipe.paint if p.name == "cm.all"]
    assert cm == 1.5
    assert study.with_params("release") is study
    (l5pc / "axonal.toml").write_text(text.replace("[conditions]", "[condition]"))
    with pytest.raises(StudyError, match=r"axonal\.toml: condition: unknown key"):
        study.with_params("axonal")


def test_mechanisms_may_lie_beside_the_study(l5pc, change):
    """A folder there wins over one of the same name that ships."""
    before = load_study(l5pc).problem
    mine = l5pc / "hay_l5b"
    mine.mkdir()
    for name, text in before.recipe.mechanisms[0].sources:
        (mine / name).write_text(text)
    assert load_study(l5pc).problem.digest == before.digest
    assert load_study(l5pc).problem.recipe.mechanisms[0].folder == mine
    change(mine / "Im.mod", "NEURON", ": mine\nNEURON")
    assert load_study(l5pc).problem.digest != before.digest


def test_a_point_process_cannot_be_inserted_along_membrane(l5pc, change):
    mine = l5pc / "mine"
    mine.mkdir()
    (mine / "syn.mod").write_text("NEURON { POINT_PROCESS Syn NONSPECIFIC_CURRENT i }\n")
    change(l5pc / "cell.toml", '["hay_l5b"]', '["hay_l5b", "mine"]', '"Im", "SK', '"Syn", "SK')
    with pytest.raises(MechanismError, match=r"insert\.apical: Syn \(point\) is no density mech"):
        load_study(l5pc)


def test_a_study_is_found_by_path_then_here_then_among_the_shipped(l5pc, tmp_path, monkeypatch):
    assert find_study(str(l5pc)) == l5pc
    shipped = find_study("l5pc")
    assert shipped != l5pc
    mine = tmp_path / "project" / "optimizations" / "l5pc"
    mine.parent.mkdir(parents=True)
    l5pc.rename(mine)
    monkeypatch.chdir(tmp_path / "project")
    assert find_study("l5pc") == mine
    assert "l5pc_quick" in study_names()
    monkeypatch.chdir(mine.parent)
    assert find_study("l5pc") == mine


def test_an_unknown_study_names_the_nearest(tmp_path):
    with pytest.raises(StudyError, match=r"unknown study 'l5pcc'; did you mean 'l5pc'.* the path"):
        find_study("l5pcc")
    with pytest.raises(StudyError, match=r"has no study\.toml"):
        find_study(tmp_path)


def test_reading_a_study_runs_nothing_of_it(l5pc, change):
    change(l5pc / "cell.toml", "exp(0.0031", "__import__('os').abort(0.0031")
    [line] = lines_of(l5pc)
    assert "distributions.ih" in line
    assert "is not arithmetic" in line
    assert "neuron" not in sys.modules


def test_a_study_without_free_parameters_is_a_cell_with_protocols(l5pc):
    study = load_study(l5pc)
    recipe = study.problem.recipe.with_values(study.values("release"))
    fixed = replace(study.problem, recipe=recipe, parameters=())
    assert fixed.parameter_names == ()
    assert fixed.row({}).shape == (0,)


EXPECTED = """
[[number]]
name = "first spike"
source = "Van Geit et al. 2016"
params = "release"
protocol = "Step1"
feature = "spike_times"
take = 0
values = [733.19]
tolerance = 0.1
"""


def test_one_of_several_values_may_be_expected(l5pc):
    several = EXPECTED.replace("values = [733.19]", "any_of = [733.19, 800]")
    (l5pc / "expected.toml").write_text(several + "relative = 0.01\n")
    [number] = load_expected(load_study(l5pc))
    assert number.any_of
    assert number.nearest([790.0]) == ((800.0,), (0.1 + 0.01 * 800,))
    assert number.nearest([]) == (number.values[:1], number.tolerance[:1])


def test_expected_numbers_are_simulations_with_a_tolerance(l5pc):
    (l5pc / "expected.toml").write_text(EXPECTED + "relative = 0.01\nparameters.amplitude_nA = 0.5")
    [number] = load_expected(load_study(l5pc))
    assert (number.values, number.take) == ((733.19,), 0)
    assert number.tolerance == pytest.approx((0.1 + 7.3319,))
    [job] = number.jobs
    assert job.protocol.bound().stimuli[0].amplitude_nA == 0.5
    assert job.recipe.free == ()
    assert (number.measure.window.begin_ms, number.measure.window.end_ms) == (0, 3000)


EFEL_TABLE = """
[[number]]
name = "spikes"
source = "Van Geit et al. 2016"
protocol = "Step1"
window_ms = [700, 2700]
settings = { interp_step = 0.025 }
take = "mean"
relative = 0.01

[number.features]
AP_height = [20, 0.5]
AP_width = [0.65, 0.05]
"""


def test_one_entry_holds_several_features(l5pc):
    (l5pc / "expected.toml").write_text(EFEL_TABLE)
    height, width = load_expected(load_study(l5pc))
    assert (height.name, width.name) == ("spikes: AP_height", "spikes: AP_width")
    assert (height.measure.feature, height.values, height.take) == ("AP_height", (20,), "mean")
    assert height.tolerance == pytest.approx((0.5 + 0.2,))
    assert width.tolerance == pytest.approx((0.05 + 0.0065,))
    assert height.measure.window == Window(700, 2700, settings={"interp_step": 0.025})
    assert width.jobs == height.jobs


def test_a_number_may_be_recorded_where_the_protocol_does_not(l5pc):
    there = 'recording = { site = "apic[0](0.5)", variable = "cai" }'
    (l5pc / "expected.toml").write_text(EXPECTED.replace("take = 0", there))
    study = load_study(l5pc)
    [number] = load_expected(study)
    assert number.measure.recording == "probe.cai"
    *others, probe = number.jobs[0].protocol.recordings
    assert (probe.name, str(probe.site)) == ("probe.cai", "apic[0](0.5)")
    assert tuple(others) == study.protocol("Step1").recordings


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"Step1"', '"Step9"', "first spike: l5pc: unknown protocol 'Step9'; did you mean 'Step"),
        ('"spike_times"', '"spike_tims"', "did you mean 'spike_times'"),
        ('"release"', '"relase"', "did you mean 'release'"),
        ("take = 0", 'recording = "soma.w"', "no such recording: unknown recording 'soma.w'; did"),
        ("take = 0", 'recording = { site = "dend[0]" }', "first spike: "),
        ("take = 0", 'recording = { site = "apical[999](0.5)" }', "first spike: "),
        ("take = 0", "parameters.amplitude = 1.0", "did you mean 'amplitude_nA'"),
        ("take = 0", "integrator = { dt_ms = 0.1, order = 2 }", "Crank-Nicolson"),
        ("take = 0", "window_ms = [9, 3]", "first spike: window_ms is [9, 3]"),
        ("take = 0", 'take = "median"', "number.0.take: must be a whole number or 'mean'"),
        ("take = 0", "take = -1", "number.0.take: "),
        ("take = 0", "settings = { intrep_step = 0.1 }", "did you mean 'interp_step'"),
        ("take = 0", "features = { AP_width = [1, 2] }", "with its values, or a table"),
        ('feature = "spike_times"', "", "with its values, or a table of"),
        ('feature = "spike_times"', "features = { AP_width = [1, 2] }", "values, at_least and tol"),
        ("take = 0", "any_of = [88, 108]", "first spike: give either the values of the feature or"),
        ("tolerance", "tolerence", "number.0.tolerence: unknown key 'tolerence'; did you mean"),
        ("values = [733.19]", "values = []", "number.0.values: "),
        ("values = [733.19]", "values = [1, 2]", "take is one value, but there are 2 values"),
        ("values = [733.19]", "", "first spike: give either the values of the feature or at_least"),
        ("take = 0", "at_least = 3", "first spike: give either the values of the feature or at_"),
        ("take = 0", 'between = ["soma(0)", "axon[0](1)"]', "conduction_velocity and the two"),
        ('"spike_times"', '"conduction_velocity"', "conduction_velocity and the two sites"),
        ("take = 0", "segments = { d_lambda = 0.1, max_length_um = 9 }", "segments: give either"),
    ],
)
def test_mistakes_in_what_is_expected(l5pc, old, new, says):
    assert old in EXPECTED
    (l5pc / "expected.toml").write_text(EXPECTED.replace(old, new))
    with pytest.raises((StudyError, MorphologyError)) as caught:
        load_expected(load_study(l5pc))
    assert str(caught.value).startswith(f"{l5pc / 'expected.toml'}: ")
    assert says in str(caught.value)


def test_the_floor_of_a_target_is_its_least_sd(l5pc, change):
    """What recordings had stands in the file; what it comes from does not make another problem."""
    before = load_study(l5pc).problem
    file = l5pc / "targets.toml"
    said = 'n = { AP_width = 3 }\nsource = { AP_width = ["a", "b"] }\nfloor = { AP_width = 0.3 }'
    change(file, "[295, 600]", f"[295, 600]\n{said}")
    assert load_study(l5pc).problem.digest == before.digest
    change(file, "floor = { AP_width = 0.3 }", "floor = { AP_width = 0.7 }")
    [found] = [o for o in load_study(l5pc).problem.objectives if o.name == "bAP.soma.AP_width"]
    assert found.std == 0.7
