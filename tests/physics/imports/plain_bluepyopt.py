"""Stock BluePyOpt on both families of JSON files, in a process of its own.

`python plain_bluepyopt.py LIBRARY FOLDER FAMILY` builds the problem with `bluepyopt.ephys` by the
rules of BluePyOpt's L5PC example (`flat`) and its thalamocortical one (`recipes`), evaluates the
parameter set on standard input with a fixed step of 0.025 ms and prints the scores as JSON.
"""

import json
import sys
from pathlib import Path

from neuron import h

GROUPS = {"somaxon": ["somatic", "axonal"], "alldend": ["basal", "apical"]}


def main(library, folder, family):
    h.nrn_load_dll(library)
    from bluepyopt import ephys

    config = Path(folder) / "config"
    find = flat if family == "flat" else recipes
    morphology, mechanisms, parameters, protocols, features = find(ephys, Path(folder), config)
    cell = ephys.models.CellModel(
        "small",
        morph=ephys.morphologies.NrnFileMorphology(str(morphology), do_replace_axon=True),
        mechs=[mechanism(ephys, suffix, part) for part, suffix in mechanisms],
        params=parameters,
    )
    evaluator = ephys.evaluators.CellEvaluator(
        cell_model=cell,
        param_names=[one.name for one in parameters if not one.frozen],
        fitness_protocols=protocols,
        fitness_calculator=ephys.objectivescalculators.ObjectivesCalculator(
            [ephys.objectives.SingletonObjective(one.name, one) for one in features]
        ),
        sim=ephys.simulators.NrnSimulator(dt=0.025, cvode_active=False),
    )
    print("\n" + json.dumps(evaluator.evaluate_with_dicts(json.load(sys.stdin))))


def lists(ephys, part):
    return [ephys.locations.NrnSeclistLocation(one, one) for one in GROUPS.get(part, [part])]


def mechanism(ephys, suffix, part):
    return ephys.mechanisms.NrnMODMechanism(
        f"{suffix}.{part}", suffix=suffix, locations=lists(ephys, part), preloaded=True
    )


def parameter(ephys, name, part, value, scaler=None):
    """Return a parameter; a pair of numbers is free."""
    free = isinstance(value, list)
    given = {"frozen": not free, "bounds": value if free else None}
    given["value"] = None if free else value
    if part == "global":
        return ephys.parameters.NrnGlobalParameter(name, param_name=name, **given)
    kind = ephys.parameters.NrnRangeParameter if scaler else ephys.parameters.NrnSectionParameter
    if scaler:
        given["value_scaler"] = ephys.parameterscalers.NrnSegmentSomaDistanceScaler(
            distribution=scaler
        )
    return kind(f"{name}.{part}", param_name=name, locations=lists(ephys, part), **given)


def soma(ephys):
    return ephys.locations.NrnSeclistCompLocation("soma", "somatic", 0, 0.5)


def protocol(ephys, name, stimuli, extra=()):
    places = {"soma": soma(ephys)}
    for one in extra:
        places[one["name"]] = ephys.locations.NrnSomaDistanceCompLocation(
            one["name"], one["somadistance"], one["seclist_name"]
        )
    recordings = [
        ephys.recordings.CompRecording(f"{name}.{place}.v", location, "v")
        for place, location in places.items()
    ]
    return ephys.protocols.SweepProtocol(name, stimuli, recordings)


def square(ephys, one):
    return ephys.stimuli.NrnSquarePulse(
        one["amp"], one["delay"], one["duration"], one["totduration"], soma(ephys)
    )


def flat(ephys, folder, config):
    read = lambda name: json.loads((config / f"{name}.json").read_text())  # noqa: E731
    parameters = [
        parameter(
            ephys,
            one["param_name"],
            "global" if one["type"] == "global" else one["sectionlist"],
            one.get("bounds", one.get("value")),
            one.get("dist"),
        )
        for one in read("parameters")
    ]
    protocols = {
        name: protocol(
            ephys, name, [square(ephys, s) for s in one["stimuli"]], one.get("extra_recordings", ())
        )
        for name, one in read("protocols").items()
    }
    features = [
        ephys.efeatures.eFELFeature(
            f"{name}.{place}.{feature}",
            efel_feature_name=feature,
            recording_names={"": f"{name}.{place}.v"},
            stim_start=(first := protocols[name].stimuli[0]).step_delay,
            stim_end=first.total_duration
            if name == "bAP"
            else first.step_delay + first.step_duration,
            exp_mean=mean,
            exp_std=std,
            threshold=-20 if place == "soma" else -55,
        )
        for name, places in read("features").items()
        for place, wanted in places.items()
        for feature, (mean, std) in wanted.items()
    ]
    inserted = [(part, suffix) for part, all_ in read("mechanisms").items() for suffix in all_]
    return folder / "morphology" / "cell.swc", inserted, parameters, protocols, features


def recipes(ephys, folder, config):
    params = json.loads((config / "params" / "small.json").read_text())
    parameters = [
        parameter(
            ephys,
            one["name"],
            part,
            one["val"],
            params["distributions"][one["dist"]]["fun"] if "dist" in one else None,
        )
        for part, all_ in params["parameters"].items()
        if part != "__comment"
        for one in all_
    ]
    steps = json.loads((config / "protocols" / "small.json").read_text())
    protocols, stimuli = {}, {}
    for name in ("Step_150", "Ramp"):
        given = steps[name]["stimuli"]
        if "ramp" in given:
            one = given["ramp"]
            made = ephys.stimuli.NrnRampPulse(
                one["ramp_amp_start"],
                one["ramp_amp_end"],
                one["delay"],
                one["duration"],
                one["totduration"],
                soma(ephys),
            )
        else:
            one = given["step"]
            made = square(ephys, one)
        hold = [square(ephys, given["holding"])] if "holding" in given else []
        protocols[name], stimuli[name] = protocol(ephys, name, [made, *hold]), one
    wanted = json.loads((config / "features" / "small.json").read_text())
    features = [
        ephys.efeatures.eFELFeature(
            f"{name}.soma.{one['feature']}",
            efel_feature_name=one["feature"],
            recording_names={"": f"{name}.soma.v"},
            stim_start=stimuli[name]["delay"],
            stim_end=stimuli[name]["delay"] + stimuli[name]["duration"],
            exp_mean=one["val"][0],
            exp_std=one["val"][1],
            threshold=-30,
            int_settings={"strict_stiminterval": True},
            force_max_score=True,
        )
        for name in protocols
        for one in wanted[name]["soma.v"]
    ]
    inserted = [(part, s) for part, one in params["mechanisms"].items() for s in one["mech"]]
    return folder / "morphologies" / "cell.swc", inserted, parameters, protocols, features


if __name__ == "__main__":
    main(*sys.argv[1:])
