"""A small evaluator of BluePyOpt's in Python, with hh, and its parts for others to change."""

from pathlib import Path

from tests.unit.imports.allen_model import SWC

EVALUATOR = '''\
"""A cell with hh that fires, as BluePyOpt's small examples are written."""

import os

from bluepyopt import ephys

HERE = os.path.dirname(__file__)
SOMA = ephys.locations.NrnSeclistCompLocation("soma", "somatic", 0, 0.5)
TUFT = ephys.locations.NrnSomaDistanceCompLocation("tuft", 60, "apical")
SYN = ephys.mechanisms.NrnMODPointProcessMechanism("syn", suffix="ExpSyn", locations=[TUFT])
AT_SYN = ephys.locations.NrnPointProcessLocation("at syn", SYN)


def lists(*names):
    return [ephys.locations.NrnSeclistLocation(name, name) for name in names]


def painted(name, variable, where, value=None, bounds=None, scaler=None, **more):
    kind = ephys.parameters.NrnRangeParameter if scaler else ephys.parameters.NrnSectionParameter
    return kind(
        name, value=value, frozen=bounds is None, bounds=bounds, param_name=variable,
        value_scaler=scaler, locations=lists(*where), **more
    )


def parameters():
    falling = ephys.parameterscalers.NrnSegmentSomaDistanceScaler(
        "falling", "{value} * math.exp(-{distance} / {far})", dist_param_names=["far"]
    )
    twice = ephys.parameterscalers.NrnSegmentLinearScaler(multiplier=2)
    parts = [
        painted("na_a", "gnabar_hh", ["axonal"]), painted("na_s", "gnabar_hh", ["somatic"])
    ]
    for one in parts:
        one.frozen = False
    return [
        ephys.parameters.NrnGlobalParameter(
            "celsius", value=6.3, frozen=True, param_name="celsius"
        ),
        painted("cm", "cm", ["all"], value=1.0),
        painted("Ra", "Ra", ["somatic", "basal", "apical", "axonal"], value=90.0),
        ephys.parameters.NrnMetaListEqualParameter(
            "gna", bounds=[0.05, 0.4], sub_parameters=parts
        ),
        painted("gk", "gkbar_hh", ["somatic"], bounds=[0.01, 0.1]),
        painted("gkbar_hh.axonal", "gkbar_hh", ["axonal"], value=0.018, scaler=twice),
        painted("g_pas.alldend", "g_pas", ["basal", "apical"], value=2e-4, scaler=falling),
        painted("e_pas.alldend", "e_pas", ["basal", "apical"], value=-65.0),
        ephys.parameters.MetaParameter("reach", falling, "far", bounds=[50, 500]),
        ephys.parameters.NrnPointProcessParameter(
            "decay", bounds=[0.5, 20], param_name="tau", locations=[AT_SYN]
        ),
    ]


def cell():
    return ephys.models.CellModel(
        "small",
        morph=ephys.morphologies.NrnFileMorphology(
            os.path.join(HERE, "cell.swc"), do_replace_axon=True
        ),
        mechs=[
            ephys.mechanisms.NrnMODMechanism(name, suffix=name, locations=lists(*where))
            for name, where in (("hh", ("somatic", "axonal")), ("pas", ("basal", "apical")))
        ] + [SYN],
        params=parameters(),
    )


def square(amplitude, delay, duration):
    return ephys.stimuli.NrnSquarePulse(amplitude, delay, duration, 100, SOMA)


def sweep(name, stimuli):
    return ephys.protocols.SweepProtocol(
        name,
        stimuli,
        [
            ephys.recordings.CompRecording(f"{name}.soma.v", SOMA, "v"),
            ephys.recordings.CompRecording(f"{name}.tuft.v", TUFT, "v"),
        ],
    )


def protocols():
    return [
        sweep("step", [square(0.5, 20, 60), square(-0.02, 0, 10000), square(1, 200, 5)]),
        sweep("ramp", [ephys.stimuli.NrnRampPulse(0, 0.8, 20, 60, 100, SOMA)]),
        sweep("played", [
            ephys.stimuli.NrnCurrentPlayStimulus([0, 20, 21, 60, 61, 100],
                                                 [0, 0, 0.4, 0.4, 0, 0], SOMA)
        ]),
        sweep("driven", [
            ephys.stimuli.NrnNetStimStimulus([AT_SYN], 60, interval=12.5, number=3, start=20,
                                             weight=2e-3),
            ephys.stimuli.NrnNetStimStimulus([AT_SYN], 60, interval=1, number=1e9, start=55.3,
                                             weight=1e-4),
        ]),
    ]


def feature(name, recording, mean, std, window=(20, 80), kind=None, **more):
    kind = kind or ephys.efeatures.eFELFeature
    return kind(
        f"{recording}.{name}", efel_feature_name=name, recording_names={"": recording},
        stim_start=window[0], stim_end=window[1], exp_mean=mean, exp_std=std, **more
    )


def features():
    return [
        (feature("Spikecount", "step.soma.v", 4, 1), 1),
        (feature("AP_amplitude", "step.soma.v", 80, 5), 0.5),
        (feature("voltage_base", "step.soma.v", -66, 1, double_settings={
            "voltage_base_start_perc": 0.5}), 1),
        (feature("maximum_voltage", "step.tuft.v", -30, 10, threshold=-55), 1),
        (feature("Spikecount", "ramp.soma.v", 3, 1), 1),
        (feature("Spikecount", "played.soma.v", 2, 1, window=(20, 61),
                 int_settings={"strict_stiminterval": True}), 1),
        (feature("maximum_voltage", "driven.tuft.v", -20, 10, window=(20, 60)), 1),
    ]


def objectives():
    return [
        ephys.objectives.SingletonWeightObjective(one.name, one, weight)
        for one, weight in features()
    ]


def create():
    sequence = ephys.protocols.SequenceProtocol("all", protocols=protocols())
    return ephys.evaluators.CellEvaluator(
        cell_model=cell(),
        param_names=["gna", "gk", "reach", "decay"],
        fitness_protocols={"all": sequence},
        fitness_calculator=ephys.objectivescalculators.ObjectivesCalculator(objectives()),
        sim=ephys.simulators.NrnSimulator(dt=0.025, cvode_active=False),
    )
'''
SET = {"gna": 0.2, "gk": 0.05, "reach": 120.0, "decay": 3.0}
OURS = {"gnabar_hh.axonal": 0.2, "gkbar_hh.somatic": 0.05, "far.falling": 120.0, "tau.syn": 3.0}
"""The same by a study's names."""


def write_evaluator(folder: Path, more: str = "") -> Path:
    """Write the evaluator and its morphology, with code behind it; return the Python file."""
    folder.mkdir(parents=True)
    (folder / "cell.swc").write_text(SWC)
    (folder / "small.py").write_text(EVALUATOR + more)
    return folder / "small.py"
