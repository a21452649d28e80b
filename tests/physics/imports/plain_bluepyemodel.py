"""A pipeline of BluePyEModel's built with stock BluePyOpt, in a process of its own.

`python plain_bluepyemodel.py FOLDER` builds the pipeline that tests/unit/imports writes, by the
rules of BluePyEModel 1.0.50 (its model.py, modifiers.py, evaluator.py), evaluates the parameter set
on standard input with the fixed step of the pipeline and prints the scores as JSON. Currents are
played as there. The axon is replaced on NEURON's own sections: two of five segments, and a myelin.
"""

import json
import sys
from pathlib import Path

from bluepyopt import ephys

GROUPS = {"allnoaxon": ["apical", "basal", "somatic"]}


def main(folder):
    config = Path(folder) / "config"
    read = lambda name: json.loads((config / f"{name}.json").read_text())  # noqa: E731
    settings = read("recipes")["small"]["pipeline_settings"]
    scalers = {
        name: ephys.parameterscalers.NrnSegmentSomaDistanceScaler(
            distribution=one["fun"], dist_param_names=one.get("parameters")
        )
        for name, one in read("params/small")["distributions"].items()
    }
    stub = settings["morph_modifiers"] == ["bluepyopt_replace_axon"]
    parameters = list(all_parameters(read("params/small")["parameters"], scalers))
    cell = ephys.models.CellModel(
        "small",
        morph=ephys.morphologies.NrnFileMorphology(
            str(Path(folder) / "morphologies" / "cell.swc"),
            do_replace_axon=stub,
            morph_modifiers=None if stub else [taper],
        ),
        mechs=[
            ephys.mechanisms.NrnMODMechanism(f"{s}.{part}", suffix=s, locations=lists(part))
            for part, one in read("params/small")["mechanisms"].items()
            for s in one["mech"]
        ],
        params=parameters,
    )
    wanted = read("features/small")
    protocols = {
        one["name"]: protocol(one)
        for one in wanted["protocols"]
        if one["protocol_type"] == "Protocol" and not one["validation"] and kind(one["name"])
    }
    features = [
        efeature(one, protocols[one["protocol_name"]], settings["efel_settings"])
        for one in wanted["efeatures"]
        if one["protocol_name"] in protocols
    ]
    calculator = ephys.objectivescalculators.ObjectivesCalculator(
        [
            ephys.objectives.SingletonWeightObjective(one.name, one, weight)
            for one, weight in features
        ]
    )
    evaluator = ephys.evaluators.CellEvaluator(
        cell_model=cell,
        param_names=[one.name for one in parameters if not one.frozen],
        fitness_protocols=protocols,
        fitness_calculator=calculator,
        sim=ephys.simulators.NrnSimulator(dt=settings["neuron_dt"], cvode_active=False),
    )
    print("\n" + json.dumps(evaluator.evaluate_with_dicts(json.load(sys.stdin))))


def lists(part):
    return [ephys.locations.NrnSeclistLocation(one, one) for one in GROUPS.get(part, [part])]


def all_parameters(tables, scalers):
    for part, rows in tables.items():
        for one in rows if part != "__comment" else ():
            free = isinstance(one["val"], list)
            given = {"frozen": not free, "bounds": one["val"] if free else None}
            given["value"] = None if free else one["val"]
            name = f"{one['name']}.{part}"
            if part == "global":
                yield ephys.parameters.NrnGlobalParameter(
                    one["name"], param_name=one["name"], **given
                )
            elif part.startswith("distribution_"):
                scaler = scalers[part.removeprefix("distribution_")]
                yield ephys.parameters.MetaParameter(name, scaler, one["name"], **given)
            elif "dist" in one:
                yield ephys.parameters.NrnRangeParameter(
                    name,
                    param_name=one["name"],
                    value_scaler=scalers[one["dist"]],
                    locations=lists(part),
                    **given,
                )
            else:
                yield ephys.parameters.NrnSectionParameter(
                    name, param_name=one["name"], locations=lists(part), **given
                )


def taper(sim=None, icell=None):
    """Put two sections of 30 um and a myelin of 1000 um in place of the axon."""
    h, diameters = sim.neuron.h, []
    for section in icell.axonal:
        section.nseg = 1 + 2 * int(section.L / 12)
        diameters += [segment.diam for segment in section]
    for section in icell.axonal:
        h.delete_section(sec=section)
    h.execute("create axon[2], myelin[1]", icell)
    new = [*icell.axon, icell.myelin[0]]
    for number, (section, parent) in enumerate(zip(new, [icell.soma[0], *new], strict=False)):
        section.nseg, section.L = 5, 1000 if number == 2 else 30
        for place, segment in enumerate(section):
            segment.diam = diameters[9 if number == 2 else 5 * number + place]
        section.connect(parent, 1.0, 0.0)
        (icell.myelinated if number == 2 else icell.axonal).append(sec=section)
        icell.all.append(sec=section)


class Played(ephys.stimuli.Stimulus):
    """A current by its corners, with a hold."""

    def __init__(self, corners, hold_nA, total_ms):
        self.corners, self.hold_nA, self.total_duration = corners, hold_nA, total_ms

    def instantiate(self, sim=None, icell=None):
        h = sim.neuron.h
        self.clamp = h.IClamp(0.5, sec=icell.soma[0])
        self.clamp.delay, self.clamp.dur = 0, self.total_duration
        ends = [(0, 0), *self.corners, (self.total_duration, 0)]
        self.t_ms = h.Vector([t_ms for t_ms, _ in ends])
        self.nA = h.Vector([nA + self.hold_nA for _, nA in ends])
        self.nA.play(self.clamp._ref_amp, self.t_ms, 1, sec=icell.soma[0])

    def destroy(self, sim=None):
        self.clamp = self.t_ms = self.nA = None


def kind(name):
    known = ("idrest", "iv", "hyperdepol", "apthresh", "bap")
    return next((one for one in known if one in name.lower()), None)


def protocol(one):
    [given] = one["stimuli"]
    begin, end = given["delay"], given.get("toff", given["delay"] + given.get("duration", 0))
    if kind(one["name"]) == "hyperdepol":
        middle, first, second = given["tmid"], given["hyper_amp"], given["depol_amp"]
        corners = [(begin, 0), (begin, first), (middle, first)]
        corners += [(middle, second), (end, second), (end, 0)]
    else:
        up = 0 if kind(one["name"]) == "apthresh" else given["amp"]
        corners = [(begin, 0), (begin, up), (end, given["amp"]), (end, 0)]
    stimulus = Played(corners, given.get("holding_current") or 0, given["totduration"])
    stimulus.window = begin, given["totduration"] if "bAP" in one["name"] else end
    stimulus.amp = given.get("amp", given.get("hyper_amp"))
    recordings = [
        ephys.recordings.CompRecording(each["name"], place(each), "v")
        for each in one["recordings_from_config"]
    ]
    return ephys.protocols.SweepProtocol(one["name"], [stimulus], recordings)


def place(recording):
    if recording["type"] == "CompRecording":
        return ephys.locations.NrnSeclistCompLocation("soma", "somatic", 0, 0.5)
    return ephys.locations.NrnSomaDistanceCompLocation(
        recording["name"], recording["somadistance"], recording["seclist_name"]
    )


def efeature(one, of, common):
    own = one["efel_settings"]
    settings = common | ({"strict_stiminterval": True} if own is None else own)
    begin, end = of.stimuli[0].window
    std = max(one["original_std"], abs((one["threshold_efeature_std"] or 0) * one["mean"]))
    found = ephys.efeatures.eFELFeature(
        f"{one['protocol_name']}.{one['recording_name']}.{one['efel_feature_name']}",
        efel_feature_name=one["efel_feature_name"],
        recording_names={"": f"{one['protocol_name']}.{one['recording_name']}"},
        stim_start=settings.get("stim_start", begin),
        stim_end=settings.get("stim_end", end),
        exp_mean=one["mean"],
        exp_std=std,
        threshold=settings["Threshold"],
        interp_step=settings["interp_step"],
        stimulus_current=of.stimuli[0].amp,
        int_settings={"strict_stiminterval": settings["strict_stiminterval"]},
        force_max_score=True,
    )
    return found, one["weight"]


if __name__ == "__main__":
    main(*sys.argv[1:])
