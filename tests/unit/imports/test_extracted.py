"""Targets that other tools extracted, read to the files of a study."""

import json

import pytest

from workbench.errors import InputError
from workbench.imports import import_targets
from workbench.studies import load_study

SETTINGS = {"strict_stiminterval": True, "Threshold": -10.0, "interp_step": 0.025}
BLUEPYEFE = {
    "IDRest_150": {
        "soma": [
            {"feature": "Spikecount", "val": [7.0, 0.001], "n": 2, "efel_settings": SETTINGS},
            {"feature": "AP_height", "val": [16.0, 3.0], "n": 2, "efel_settings": SETTINGS,
             "files": ["a.ibw", "b.ibw"]},
            {"feature": "voltage_base", "val": [-86.0, 3.0], "n": 2,
             "efel_settings": {**SETTINGS, "stim_start": 50.0, "stim_end": 90.0}},
        ]
    },
    "sAHP_250": {"soma": [{"feature": "AHP_depth", "val": [1.0, 1.0], "n": 2}]},
}  # fmt: skip
PULSES = {
    "IDRest_150": {
        "holding": {"delay": 0.0, "amp": -0.01, "duration": 500.0, "totduration": 500.0},
        "step": {"delay": 100.0, "amp": 0.165, "thresh_perc": 150.0, "duration": 300.0,
                 "totduration": 500.0},
    },
    "sAHP_250": {
        "holding": {"delay": 0.0, "amp": 0.0, "duration": 500.0, "totduration": 500.0},
        "step": {"delay": 100.0, "tmid": 200.0, "amp": 0.2, "duration": 10.0, "totduration": 500.0},
    },
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Return a function from JSON values to the study that the files become, and what was said."""

    def read(features, protocols=None, **words):
        files = []
        for name, holds in (("features", features), ("protocols", protocols)):
            files.append(tmp_path / f"{name}.json")
            files[-1].write_text(json.dumps(holds))
        folder = tmp_path / "study"
        folder.mkdir()
        (folder / "study.toml").write_text('title = "x"\nbase = "hodgkin_huxley"\n')
        given = files if protocols is not None else files[:1]
        found = import_targets(*given, out=folder / "targets.toml", **words)
        return load_study(folder), found

    return read


def targets(study):
    return {one.name: (one.mean, one.std) for one in study.problem.objectives}


def test_bluepyefe(read):
    study, found = read(BLUEPYEFE, PULSES)
    assert targets(study) == {
        "IDRest_150.soma.Spikecount": (7.0, 0.5),
        "IDRest_150.soma.AP_height": (16.0, 3.0),
        "IDRest_150.soma_2.voltage_base": (-86.0, 3.0),
    }
    first, _, last = study.problem.objectives
    assert (first.window.begin_ms, first.window.end_ms) == (100.0, 400.0)
    assert (last.window.begin_ms, last.window.end_ms) == (50.0, 90.0)
    assert first.window.threshold_mV == -10.0
    assert first.window.settings == {"strict_stiminterval": 1.0, "interp_step": 0.025}
    protocol = study.protocol("IDRest_150")
    assert [one.amplitude_nA for one in protocol.stimuli] == [0.165, -0.01]
    assert found.targets["IDRest_150"]["soma"]["source"] == {"AP_height": ["a.ibw", "b.ibw"]}
    assert found.left == [
        "sAHP_250: its stimulus is more than a step (tmid). It is left out with its features."
    ]


def test_the_flat_family_of_bluepyopt(read):
    step = {"delay": 100, "amp": 0.1, "duration": 300, "totduration": 500}
    study, _ = read({"Step1": {"soma": {"AP_height": [25.0, 5.0]}}}, {"Step1": {"stimuli": [step]}})
    assert targets(study) == {"Step1.soma.AP_height": (25.0, 5.0)}
    assert study.protocol("Step1").window_ms() == (100.0, 400.0)


def test_the_recipes_of_bluepyopt(read):
    step = {"delay": 100, "amp": 0.1, "duration": 300, "totduration": 500}
    relative = {"delay": 100, "thresh_perc": 150, "duration": 300, "totduration": 500}
    features = {"soma.v": [{"feature": "AP_height", "val": [25.0, 5.0], "n": 3}]}
    study, found = read(
        {"Step1": features, "Step2": features},
        {
            "Step1": {"type": "StepProtocol", "stimuli": {"step": step}},
            "Step2": {"type": "StepThresholdProtocol", "stimuli": {"step": relative}},
        },
    )
    assert targets(study) == {"Step1.soma.AP_height": (25.0, 5.0)}
    assert found.targets["Step1"]["soma"]["n"] == {"AP_height": 3}
    assert "Step2 (StepThresholdProtocol): its currents are relative" in found.left[0]


def test_values_of_efel(read):
    """Of 10, 20 and of 30 the means are 15 and 30: 22.5 ± 7.5 over two traces."""
    traces = [
        {"AP_height": [10.0, 20.0], "Spikecount": [2], "ISI_CV": None},
        {"AP_height": [30.0], "Spikecount": [1], "ISI_CV": []},
    ]
    study, found = read(traces, step=(100, 300, 0.1))
    assert targets(study) == {
        "step.soma.AP_height": (22.5, 7.5),
        "step.soma.Spikecount": (1.5, 0.5),
    }
    assert found.targets["step"]["soma"]["n"] == {"AP_height": 2, "Spikecount": 2}
    assert found.left == ["ISI_CV has no value in any trace; it is left out."]
    assert study.protocol("step").duration_ms == 500


@pytest.mark.parametrize(
    ("features", "protocols", "words", "says"),
    [
        (BLUEPYEFE, None, {}, "name their JSON file behind it"),
        (BLUEPYEFE, {}, {}, "unknown protocol 'IDRest_150'"),
        (BLUEPYEFE, PULSES, {"step": (1, 2, 3)}, "the protocols' file has the stimuli"),
        ([{"AP_height": [1.0]}], None, {}, "give the step: --step DELAY_ms"),
        ([{"AP_height": [1.0]}], PULSES, {}, "of no protocol; leave"),
        ([{"AP_heigth": [1.0]}], None, {"step": (1, 2, 3)}, "unknown feature 'AP_heigth'"),
        ([{"AP_height": ["a"]}], None, {"step": (1, 2, 3)}, "which are no numbers"),
        ([{"AP_height": None}], None, {"step": (1, 2, 3)}, "nothing is left for a target"),
        (["a"], PULSES, {}, "neither BluePyEfe, BluePyOpt's examples nor eFEL"),
        ({"a": {"soma": [{"feature": "AP_height"}]}}, {"a": {}}, {}, "soma.0.val: "),
    ],
)
def test_slips(read, features, protocols, words, says):
    with pytest.raises(InputError, match=says):
        read(features, protocols, **words)


def test_nothing_is_written_over(read, tmp_path):
    read(BLUEPYEFE, PULSES)
    files = [tmp_path / "features.json", tmp_path / "protocols.json"]
    with pytest.raises(InputError, match="is there already"):
        import_targets(*files, out=tmp_path / "study" / "targets.toml")
