"""Evaluators of BluePyOpt's that Python builds become studies, or are refused by name."""

import copy
from types import ModuleType

import pytest

from tests.unit.imports.evaluators import write_evaluator
from workbench.errors import InputError
from workbench.imports import import_study
from workbench.imports.bluepyopt import evaluator as reading
from workbench.imports.bluepyopt.child import RefusedError, evaluator_of
from workbench.questions import ask


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """What the child says of the evaluator, asked once, and the file."""
    file = write_evaluator(tmp_path_factory.mktemp("once") / "model")
    return file, []


@pytest.fixture
def imported(answered, monkeypatch):
    """Import the evaluator after a change of what the child tells of it."""
    file, known = answered

    def imported(change=lambda evaluator: None):
        def told(*question):
            if not known:
                known.append(ask(*question))
            answer = copy.deepcopy(known[0])
            change(answer["evaluator"])
            return answer

        monkeypatch.setattr(reading, "ask", told)
        return import_study("bluepyopt", f"{file}:create", trust_python=True, out="out")

    return imported


def sweeps(evaluator):
    return evaluator["fitness_protocols"]["all"]["protocols"]


def test_what_it_builds_is_the_studys(imported):
    study = imported()
    problem, recipe = study.problem, study.problem.recipe
    assert {paint.name: paint.value for paint in recipe.paint} == {
        "cm.all": 1, "Ra.somatic_basal_apical_axonal": 90, "gnabar_hh.axonal": None,
        "gnabar_hh.somatic": None, "gkbar_hh.somatic": None, "gkbar_hh.axonal": 0.036,
        "g_pas.alldend": 2e-4, "e_pas.alldend": -65,
    }  # fmt: skip
    assert {(one.name, one.low, one.high) for one in problem.parameters} == {
        ("gnabar_hh.axonal", 0.05, 0.4), ("gkbar_hh.somatic", 0.01, 0.1), ("far.falling", 50, 500),
        ("tau.syn", 0.5, 20),
    }  # fmt: skip
    assert [(tie.name, tie.expression) for tie in recipe.ties] == [
        ("gnabar_hh.somatic", "gnabar_hh.axonal")
    ]
    assert (recipe.celsius_degC, recipe.v_init_mV) == (6.3, -65)
    assert (problem.integrator.dt_ms, problem.integrator.order) == (0.025, 1)
    assert (problem.rule.missing, problem.rule.cap) == (250, None)
    axon = [recipe.morphology.sections[index] for index in recipe.morphology.indices("axonal")]
    assert [one.length_um for one in axon] == [30, 30]


def test_protocols_and_features_are_the_studys(imported):
    study = imported()
    assert [one.name for one in study.protocols] == ["step", "ramp", "played", "driven"]
    step = study.protocol("step")
    # The hold is as long as the run, and what begins behind its end is nothing.
    assert [(s.delay_ms, s.duration_ms) for s in step.stimuli] == [(20, 60), (0, 100)]
    [played] = study.protocol("played").stimuli
    assert played.file.current_nA.tolist() == [0, 0, 0.4, 0.4, 0, 0]
    assert str(step.recordings[1].site) == "apical@60um last"
    [placed] = study.problem.recipe.placed
    assert (placed.name, placed.mechanism) == ("syn", "ExpSyn")
    trains = study.protocol("driven").events
    # A NetCon that is told no delay has 1 ms; the second train is cut where the run ends.
    assert [list(train.times_of(0)) for train in trains] == [
        [21, 33.5, 46], pytest.approx([56.3, 57.3, 58.3, 59.3])
    ]  # fmt: skip
    assert [train.weight for train in trains] == [2e-3, 1e-4]
    read = {one.name: one for one in study.problem.objectives}
    assert read["step.soma.AP_amplitude"].weight == 0.5
    assert read["step.soma_2.voltage_base"].window.settings == {"voltage_base_start_perc": 0.5}
    assert read["step.tuft.maximum_voltage"].window.threshold_mV == -55
    assert str(read["played.soma.Spikecount"].window) == "[20, 61]"
    said = (study.folder / "README.md").read_text()
    assert "`gna` is `gnabar_hh.axonal`, `reach` is `far.falling`, `decay` is `tau.syn`" in said
    assert "No parameter sets v_init: it is -65 mV" in said


def test_a_hold_before_the_step(imported):
    """eFEL is told of the step's current, whichever stimulus stands first."""

    def change(evaluator):
        stimuli = sweeps(evaluator)[0]["stimuli"]
        stimuli[0], stimuli[1] = stimuli[1], stimuli[0]
        feature = evaluator["fitness_calculator"]["objectives"][0]["features"][0]
        feature |= {"efel_feature_name": "ohmic_input_resistance", "stimulus_current": 0.5}

    study = imported(change)
    [objective] = [one for one in study.problem.objectives if "resistance" in one.feature]
    assert str(objective.window) == "[20, 80]"


def site(**place):
    def change(evaluator):
        location = sweeps(evaluator)[0]["recordings"][1]["location"]
        location |= {"own": [], **place}

    return change


@pytest.mark.parametrize(
    ("change", "ours"),
    [
        (site(type="NrnSeclistCompLocation", seclist_name="apical", sec_index=0, comp_x=0.25),
         "apic[0](0.25)"),
        (site(type="NrnSectionCompLocation", sec_name="dend[0]", comp_x=1), "dend[0](1)"),
    ],
)  # fmt: skip
def test_locations(imported, change, ours):
    assert str(imported(change).protocol("step").recordings[1].site) == ours


def test_what_is_told_in_the_readme(imported):
    def change(evaluator):
        sweeps(evaluator)[0] |= {"own": ["run"], "kind": "Mine"}
        evaluator["sim"] |= {"cvode_active": True, "cvode_minstep_value": 0.01}
        evaluator["cell_model"]["morphology"] |= {"do_set_nseg": False, "do_replace_axon": False}
        one, two = evaluator["fitness_calculator"]["objectives"][:2]
        one |= {
            "type": "WeightedSumObjective", "name": "both",
            "features": [*one["features"], *two["features"]], "weights": [2, 3],
        }  # fmt: skip
        evaluator["fitness_calculator"]["objectives"].remove(two)

    study = imported(change)
    said = (study.folder / "README.md").read_text()
    assert "run of Mine is code of the file's own and was not read: step do here" in said
    assert "Objective both is a weighted sum" in said
    assert "shortest step of 0.01 ms" in said
    assert [one.weight for one in study.problem.objectives[:2]] == [2, 3]
    assert study.problem.integrator.atol == 1e-3
    assert set(study.problem.recipe.segment_counts) == {1}
    assert len(study.problem.recipe.morphology.indices("axonal")) == 3


def at(path, **entries):
    """Return the change of a table of the evaluator's."""

    def change(evaluator):
        found = evaluator
        for key in path:
            found = found[key]
        found |= entries

    return change


PARAMETERS = ("cell_model", "params")
STEP = ("fitness_protocols", "all", "protocols", 0)
DRIVEN = ("fitness_protocols", "all", "protocols", 3)
OBJECTIVE = ("fitness_calculator", "objectives", 0)
FEATURE = (*OBJECTIVE, "features", 0)
SCALER = (*PARAMETERS, "g_pas.alldend", "value_scaler")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at(("cell_model",), type="HocCellModel", kind="HocCellModel"), "the cell is a HocCellM"),
        (at(("sim",), type="ArbSimulator", kind="ArbSimulator"), "known are BluePyOpt's NrnSimul"),
        (at(("cell_model", "morphology"), own=["replace_axon"]), "whose replace_axon no study"),
        (at(("cell_model", "morphology"), morph_modifiers=[{}]), "write what they do as `edit`"),
        (at(("cell_model", "morphology"), axon_stub_length=90), "a study's stub has 60 um"),
        (at(("cell_model", "morphology"), morphology_path="gone.swc"), "--morphology FILE"),
        (at(("cell_model", "mechanisms", 0), deterministic=False), "hh is stochastic"),
        (at(("cell_model", "mechanisms", 0), suffix="kdr"), "--mechanisms FOLDER"),
        (at((*PARAMETERS, "gk"), bounds=None), "gk: it is free and has no bounds"),
        (at((*PARAMETERS, "cm"), value=None), "cm: it has no value"),
        (at((*PARAMETERS, "cm"), type="NrnSynapseParameter", kind="S"), "parameter cm is a S"),
        (at((*PARAMETERS, "celsius"), param_name="dtt"), "celsius|dtt"),
        (at((*PARAMETERS, "celsius"), frozen=False, value=None), "celsius: it has no value"),
        (at(SCALER, ref_location=0), r"counts distances from soma\[0\]\(0\)"),
        (at(SCALER, distribution="{value} * sinus({distance} / {far})"), "g_pas.alldend: distri"),
        (at(SCALER, own=["scale"], kind="Wavy"), "is a Wavy, whose scale no study"),
        (at((*PARAMETERS, "g_pas.alldend"), type="NrnSectionParameter"), "make it a NrnRangePara"),
        (at((*PARAMETERS, "g_pas.alldend"), param_dependencies=["ghi"]), "unknown parameter 'ghi'"),
        (at((*PARAMETERS, "reach"), attr_name="ref_location"), "none of its dist_param_names"),
        (at(STEP, cvode_active=True), "a study has one integrator"),
        (at(STEP, type="ThresholdProtocol", kind="ThresholdProtocol"), "step is a ThresholdProt"),
        (at((*STEP, "stimuli", 0), step_amplitude=None), "step_1 has no amplitude"),
        (at((*STEP, "stimuli", 0), type="LFPySquarePulse", kind="L"), "a stimulus of protocol"),
        (at((*DRIVEN, "stimuli", 0), noise=0.5), "has noise 0.5: NEURON draws its times"),
        (at((*DRIVEN, "stimuli", 0, "locations", 0, "pprocess_mech"), id=0), "that no cell has"),
        (at((*STEP, "recordings", 0), type="LFPRecording", kind="LFP"), "a recording of protocol"),
        (at(OBJECTIVE, type="MaxObjective", kind="MaxObjective"), "Spikecount is a MaxObjective"),
        (at(OBJECTIVE, differs="2 where 1"), "scores a made-up trace otherwise.*: 2 where 1"),
        (at(FEATURE, recording_names={"": "step.soma.v", "ais": "x"}), "eFEL's features of one"),
        (at(FEATURE, recording_names={"": "step.some.v"}), "no protocol records step.some.v"),
        (at(FEATURE, force_max_score=True), "one force_max_score and max_score for all"),
        (at(FEATURE, string_settings=True), "string_settings is True, not a dict"),
        (at(FEATURE, int_settings={"strict": True}), "eFEL setting"),
        (at(STEP, total_duration=None), "this is not an evaluator that BluePyOpt can run"),
        (at(FEATURE, stim_end=None), "no stim_start or no stim_end"),
        (at(FEATURE, exp_std=None), "no exp_mean or no exp_std"),
        (at(FEATURE, efel_feature_name="ohmic_input_resistance", stimulus_current=0.3),
         "stimulus_current is 0.3, and the steps of step are 0.5 nA"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_named(imported, tmp_path, change, said):
    with pytest.raises(InputError, match=said):
        imported(change)
    assert not (tmp_path / "out").exists()


def test_nothing_runs_unless_it_is_trusted(tmp_path):
    file = write_evaluator(tmp_path / "model", "open(HERE + '/ran', 'w')\n")
    with pytest.raises(InputError, match=r"with your rights.*small\.py:create --trust-python"):
        import_study("bluepyopt", f"{file}:create")
    assert not (tmp_path / "model" / "ran").exists()


CODE = """

class Halved(ephys.efeatures.eFELFeature):
    def calculate_score(self, responses, trace_check=False):
        return super().calculate_score(responses, trace_check) / 2


class Weighted(ephys.objectives.EFeatureObjective):
    def __init__(self, name, feature, weight):
        super().__init__(name, [feature])
        self.weight = weight

    def calculate_score(self, responses):
        return self.calculate_feature_scores(responses)[0] * self.weight


def features():
    return [(feature("AP_amplitude", "step.soma.v", 80, 5, kind=KIND), 3)]


def objectives():
    return [Weighted(one.name, one, weight) for one, weight in features()]


def named(kind):
    global KIND
    KIND = {"halved": Halved}.get(kind)
    return create()
"""


def test_code_of_its_own_is_compared(tmp_path):
    file = write_evaluator(tmp_path / "model", CODE)

    def imported(model):
        return import_study("bluepyopt", f"{file}:named", trust_python=True, out="o", model=model)

    with pytest.raises(InputError, match="Weighted of Halved, and scores a made-up trace"):
        imported("halved")
    [objective] = imported("plain").problem.objectives
    assert (objective.name, objective.weight) == ("step.soma.AP_amplitude", 3)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("model/small.py", r"it makes 0 evaluators by itself; name one.*small\.py:create.*create"),
        ("model.broken:create", r"broken\.py:2: .*No module named 'gone'"),
        ("model.nowhere:create", "there is no such file"),
    ],
)
def test_what_gives_no_evaluator(tmp_path, named, said):
    write_evaluator(tmp_path / "model")
    (tmp_path / "model" / "broken.py").write_text("from model import small\nimport gone\n")
    with pytest.raises(InputError, match=said):
        import_study("bluepyopt", named, trust_python=True, out="out")


@pytest.mark.parametrize(
    ("name", "argument", "said"),
    [
        ("made", None, "it has no made; there are: none, number, one, two"),
        ("number", None, "number gives a int; what is imported is a CellEvaluator"),
        ("one", None, "one wants kind; give it with --model"),
        ("one", "this", "one gives a str; what is imported"),
        ("two", "this", "two wants kind, size; name a function that wants one at most"),
        ("none", "this", "none wants nothing; leave --model out"),
        ("number", "this", "number is no function; leave --model out"),
    ],
)
def test_what_is_called(name, argument, said):
    module = ModuleType("made_up")
    module.none = lambda: 3
    module.number, module.one, module.two = 3, lambda kind: kind, lambda kind, size: kind
    with pytest.raises(RefusedError, match=said):
        evaluator_of(module, name, argument)


def test_a_module_of_a_package(tmp_path):
    write_evaluator(tmp_path / "model")
    (tmp_path / "model" / "__init__.py").touch()
    (tmp_path / "model" / "more.py").write_text(
        # Wherever it goes, the answer is found.
        "import os\nfrom .small import HERE, create\nos.chdir(HERE)\nmade = create()\n"
    )
    study = import_study("bluepyopt", "model.more:made", trust_python=True, out="out")
    assert len(study.problem.objectives) == 7
    assert not (tmp_path / "model" / "answer.json").exists()


def test_another_tool_takes_no_function(tmp_path):
    (tmp_path / "cell.py").touch()
    with pytest.raises(InputError, match="function: an import of hoc takes"):
        import_study("hoc", "cell.py:create")
