"""A cell, its protocols and its objectives from tables, as an evaluator of BluePyOpt's.

In an exported folder this file stands beside `problem.json` and needs only bluepyopt:

    nrnivmodl mechanisms                            once, if there is a folder mechanisms
    python evaluator.py parameters/release.json     scores of one parameter set

In a script of yours, `evaluator.load()` is what BluePyOpt's searches take:

    bluepyopt.deapext.optimisations.IBEADEAPOptimisation(evaluator=evaluator.load())
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bluepyopt.ephys.efeatures import eFELFeature
from bluepyopt.ephys.evaluators import CellEvaluator
from bluepyopt.ephys.locations import (
    Location,
    NrnPointProcessLocation,
    NrnSeclistLocation,
    NrnSectionCompLocation,
    NrnSomaDistanceCompLocation,
)
from bluepyopt.ephys.mechanisms import NrnMODMechanism, NrnMODPointProcessMechanism
from bluepyopt.ephys.models import CellModel
from bluepyopt.ephys.morphologies import Morphology, NrnFileMorphology
from bluepyopt.ephys.objectives import EFeatureObjective, SingletonWeightObjective
from bluepyopt.ephys.objectivescalculators import ObjectivesCalculator
from bluepyopt.ephys.parameters import (
    MetaParameter,
    NrnGlobalParameter,
    NrnMetaListEqualParameter,
    NrnParameter,
    NrnPointProcessParameter,
    NrnRangeParameter,
    NrnSectionParameter,
)
from bluepyopt.ephys.parameterscalers import NrnSegmentSomaDistanceScaler
from bluepyopt.ephys.protocols import SweepProtocol
from bluepyopt.ephys.recordings import CompRecording
from bluepyopt.ephys.simulators import NrnSimulator
from bluepyopt.ephys.stimuli import NrnCurrentPlayStimulus, NrnSquarePulse, Stimulus

Table = Mapping[str, Any]
LISTS = ("all", "somatic", "basal", "apical", "axonal", "myelinated")
"""The lists of sections that every cell of BluePyOpt's has."""
HERE = Path(__file__).resolve().parent


def load(folder: Path = HERE) -> CellEvaluator:
    """Return the evaluator of an exported folder; load it before anything imports NEURON."""
    tables = json.loads((folder / "problem.json").read_text(encoding="utf-8"))
    compiled = any(folder.glob("*/libnrnmech.*"))
    if (folder / "mechanisms").is_dir() and not compiled:
        sys.exit(f"the mechanisms are not compiled; in {folder}: nrnivmodl mechanisms")
    before = Path.cwd()
    os.chdir(folder)
    try:
        # BluePyOpt imports NEURON here, which loads what was compiled in the current folder.
        return create(tables, folder)
    finally:
        os.chdir(before)


def create(tables: Table, folder: Path = HERE) -> CellEvaluator:
    """Return the evaluator; a morphology's file is looked for in `folder`."""
    placed = {table["name"]: _placed(table) for table in tables["placed"]}
    protocols = [_protocol(table, placed) for table in tables["protocols"]]
    objectives = [_objective(table, tables["score"]) for table in tables["objectives"]]
    return CellEvaluator(
        cell_model=_cell(tables, folder, placed),
        param_names=tables["free"],
        fitness_protocols={protocol.name: protocol for protocol in protocols},
        fitness_calculator=ObjectivesCalculator(objectives),
        sim=NrnSimulator(dt=tables["dt_ms"], cvode_active=tables["dt_ms"] is None),
    )


class Sections(Morphology):  # type: ignore[misc]
    """A tree that is given section by section, every parent before its children."""

    def __init__(self, name: str, sections: list[Table]) -> None:
        super().__init__(name=name)
        self.sections = sections

    def instantiate(self, sim: Any = None, icell: Any = None) -> None:
        """Create the sections in BluePyOpt's empty cell."""
        counts = Counter(table["array"] for table in self.sections)
        arrays = ", ".join(f"{array}[{count}]" for array, count in counts.items())
        sim.neuron.h.execute(f"create {arrays}", icell)
        made: list[Any] = []
        for table in self.sections:
            section = getattr(icell, table["array"])[table["number"]]
            if table["parent"] >= 0:
                section.connect(made[table["parent"]](table["parent_x"]), 0)
            if "points" in table:
                for x, y, z, diameter_um in table["points"]:
                    section.pt3dadd(x, y, z, diameter_um)
            else:
                section.L, section.diam = table["length_um"], table["diameter_um"]
            section.nseg = table["segments"]
            icell.all.append(sec=section)
            for name in (table["region"], *table.get("lists", ())):
                getattr(icell, name).append(sec=section)
            made.append(section)

    def destroy(self, sim: Any = None) -> None:
        """Do nothing: the sections go with their cell."""


class Spread(NrnSegmentSomaDistanceScaler):  # type: ignore[misc]
    """BluePyOpt's distribution over the distance, times a factor for each segment."""

    def __init__(self, text: str, constants: list[str], factors: Mapping[str, list[float]]) -> None:
        super().__init__(distribution=text, dist_param_names=constants)
        self.factors = factors

    def scale(self, values: Any, segment: Any = None, sim: Any = None) -> float:
        """Return the value of a segment, or of a section, which has one Ra."""
        segment = segment if hasattr(segment, "x") else segment(0.5)
        factors = self.factors.get(segment.sec.name().rpartition(".")[2])
        factor = 1.0 if factors is None else factors[int(segment.x * segment.sec.nseg)]
        return factor * float(super().scale(values, segment, sim))


class Tie(NrnParameter):  # type: ignore[misc]
    """A value that follows others. It stands before what it ties, and what it reads."""

    def __init__(self, name: str, text: str, reads: Mapping[str, str]) -> None:
        super().__init__(f"tie of {name}", frozen=True)
        self.follows, self.text, self.reads = name, text, reads

    def instantiate(self, sim: Any = None, icell: Any = None, params: Any = None) -> None:
        """Give the value. BluePyOpt computes texts for a segment: here one of the soma's."""
        given = {word: params[name].value for word, name in self.reads.items()}
        scaler = NrnSegmentSomaDistanceScaler(distribution=self.text)
        params[self.follows].value = scaler.scale(given, icell.soma[0](0.5), sim)


class Held(NrnParameter):  # type: ignore[misc]
    """A reversal potential, `eca`, that stays as it is set where NEURON would compute it."""

    def instantiate(self, sim: Any = None, icell: Any = None, params: Any = None) -> None:
        """Change NEURON's style of the ion in each section that has it."""
        h, ion = sim.neuron.h, f"{self.name[1:]}_ion"
        for section in icell.all:
            if section.has_membrane(ion):
                style = int(h.ion_style(ion, sec=section))
                h.ion_style(ion, style & 3, 1, 0, 0, style >> 2 & 1, sec=section)


class Placed(NrnMODPointProcessMechanism):  # type: ignore[misc]
    """Point processes, and the weight of the events that reach them."""

    weight = 0.0


class Point(Location):  # type: ignore[misc]
    """One of several point processes, whose variables are recorded."""

    def __init__(self, placed: Placed, number: int) -> None:
        super().__init__(f"{placed.name}[{number}]")
        self.placed, self.number = placed, number

    def instantiate(self, sim: Any = None, icell: Any = None) -> Any:
        """Return it."""
        return self.placed.pprocesses[self.number]


class Events(Stimulus):  # type: ignore[misc]
    """Events at times of their own for each point process."""

    def __init__(self, placed: Placed, table: Table) -> None:
        super().__init__()
        self.placed, self.table = placed, table
        self.kept: list[Any] = []

    def instantiate(self, sim: Any = None, icell: Any = None) -> None:
        """Connect them; the events are queued when NEURON has initialised."""
        h, weight = sim.neuron.h, self.table.get("weight", self.placed.weight)
        connections = [h.NetCon(None, point) for point in self.placed.pprocesses]
        for connection in connections:
            connection.weight[0] = weight

        def queue() -> None:
            for connection, times_ms in zip(connections, self.table["times_ms"], strict=True):
                for at_ms in times_ms:
                    connection.event(at_ms)

        self.kept = [*connections, h.FInitializeHandler(queue)]

    def destroy(self, sim: Any = None) -> None:
        """Forget them."""
        self.kept = []


class Comparison(EFeatureObjective):  # type: ignore[misc]
    """What two features differ by, their ratio, or a bound of these or of one feature."""

    def __init__(self, table: Table, score: Table) -> None:
        uncapped = {**score, "capped": False}
        super().__init__(table["name"], [_feature(one, uncapped) for one in table["features"]])
        self.table, self.score = table, score

    def calculate_value(self, responses: Any) -> float | None:
        """Return what is compared, of several values the mean; None if there is nothing."""
        means = self.calculate_feature_values(responses)
        if None in means or (self.table["operator"] == "/" and means[1] == 0):
            return None
        first, *rest = means
        return float(first / rest[0] if self.table["operator"] == "/" else first - sum(rest))

    def calculate_score(self, responses: Any) -> float:
        """Return how far it is off, in SD and times the weight; beyond a bound, 0."""
        value, missing = self.calculate_value(responses), float(self.score["missing"])
        if value is None:
            return missing * float(self.table["weight"])
        above_SD = (value - self.table["mean"]) / self.table["std"]
        off_SD = abs(above_SD)
        if len(self.features) == 1:  # each of its values counts
            off_SD = self.features[0].calculate_score(responses)
        if side := self.table["side"]:
            # max(x, 0) = (|x| + x) / 2, of the means too.
            off_SD = max((off_SD + (above_SD if side == "below" else -above_SD)) / 2, 0.0)
        if self.score["capped"]:
            off_SD = min(off_SD, missing)
        return float(off_SD * self.table["weight"])


class Sweep(SweepProtocol):  # type: ignore[misc]
    """A protocol of a length that is told, with a temperature or starting voltage of its own."""

    def __init__(self, table: Table, stimuli: list[Any], recordings: list[Any]) -> None:
        super().__init__(table["name"], stimuli, recordings)
        self.duration_ms, self.conditions = table["duration_ms"], table["conditions"]

    @property
    def total_duration(self) -> float:
        """The length of the run (ms), which BluePyOpt asks of stimuli."""
        return float(self.duration_ms)

    def instantiate(self, sim: Any = None, cell_model: Any = None) -> None:
        """Set them once the cell has set its own."""
        super().instantiate(sim=sim, cell_model=cell_model)
        for name, value in self.conditions.items():
            setattr(sim.neuron.h, name, value)


def _cell(tables: Table, folder: Path, placed: Mapping[str, Placed]) -> CellModel:
    ties = [Tie(one["name"], one["text"], one["reads"]) for one in tables["ties"]]
    conditions = [{"name": n, "value": value} for n, value in tables["conditions"].items()]
    whole = [
        NrnGlobalParameter(one["name"], param_name=one["name"], **_given(one))
        for one in [*conditions, *tables["globals"]]
    ]
    held = [Held(name, frozen=True) for name in tables["held"]]
    painted = [_parameter(one) for one in tables["parameters"]]
    constants = [_constant(one, painted) for one in tables["constants"]]
    points = [_of_points(one, placed[one["place"]]) for one in tables["place_parameters"]]
    return CellModel(
        name=tables["name"],
        morph=_morphology(tables["morphology"], folder),
        mechs=[*(_inserted(table) for table in tables["mechanisms"]), *placed.values()],
        params=[*ties, *whole, *held, *constants, *painted, *points],
        seclist_names=[*LISTS, *tables["lists"]],
    )


def _morphology(table: Table, folder: Path) -> Morphology:
    if "sections" in table:
        return Sections(table["name"], table["sections"])
    return NrnFileMorphology(
        str(folder / table["file"]),
        do_replace_axon=table["replace_axon"],
        nseg_frequency=table["um_per_segment"],
        axon_nseg_frequency=table["um_per_segment"],
    )


def _inserted(table: Table) -> NrnMODMechanism:
    suffix, region = table["suffix"], table["region"]
    return NrnMODMechanism(f"{suffix}.{region}", suffix=suffix, locations=[_list(region)])


def _placed(table: Table) -> Placed:
    sites = [_site(site) for site in table["sites"]]
    return Placed(table["name"], suffix=table["mechanism"], locations=sites)


def _given(table: Table) -> dict[str, Any]:
    """Return what is known of a value: it is fixed, or has bounds, or is tied and has neither."""
    value, bounds = table.get("value"), table.get("bounds")
    return {"value": value, "bounds": bounds, "frozen": value is not None}


def _parameter(table: Table) -> NrnParameter:
    scaler, whole = None, table["variable"] == "Ra"
    if "distribution" in table or "factors" in table:
        text, factors = table.get("distribution", "{value}"), table.get("factors", {})
        scaler = Spread(text, table.get("constants", []), factors)
    return (NrnRangeParameter if scaler and not whole else NrnSectionParameter)(
        table["name"],
        param_name=table["variable"],
        value_scaler=scaler,
        locations=[_list(table["region"])],
        **_given(table),
    )


def _constant(table: Table, painted: list[NrnParameter]) -> NrnParameter:
    """Return a constant of a distribution: one value for all that is spread so."""
    spread = [one for one in painted if one.name in table["spreads"]]
    each = [MetaParameter(one.name, one.value_scaler, table["constant"]) for one in spread]
    return NrnMetaListEqualParameter(table["name"], sub_parameters=each, bounds=table.get("bounds"))


def _of_points(table: Table, placed: Placed) -> NrnParameter:
    if table["variable"] == "weight":
        return MetaParameter(table["name"], placed, "weight", **_given(table))
    name, at = table["variable"], [NrnPointProcessLocation(placed.name, placed)]
    return NrnPointProcessParameter(table["name"], param_name=name, locations=at, **_given(table))


def _list(region: str) -> NrnSeclistLocation:
    return NrnSeclistLocation(region, region)


def _site(table: Table) -> Location:
    if "section" in table:
        return NrnSectionCompLocation(table["name"], table["section"], table["x"])
    return NrnSomaDistanceCompLocation(table["name"], table["distance_um"], table["region"])


def _protocol(table: Table, placed: Mapping[str, Placed]) -> Sweep:
    until_ms = table["duration_ms"]
    pulses = [
        NrnSquarePulse(
            one["amplitude_nA"], one["delay_ms"], one["duration_ms"], until_ms, _site(one["site"])
        )
        for one in table["pulses"]
    ]
    played = [
        NrnCurrentPlayStimulus(one["t_ms"], one["current_nA"], _site(one["site"]))
        for one in table["played"]
    ]
    events = [Events(placed[one["place"]], one) for one in table["events"]]
    recordings = [
        CompRecording(
            one["name"],
            Point(placed[one["place"]], one["number"]) if "place" in one else _site(one["site"]),
            one["variable"],
        )
        for one in table["recordings"]
    ]
    return Sweep(table, [*pulses, *played, *events], recordings)


def _objective(table: Table, score: Table) -> EFeatureObjective:
    if "features" in table:
        return Comparison(table, score)
    return SingletonWeightObjective(table["name"], _feature(table, score), table["weight"])


def _feature(table: Table, score: Table) -> eFELFeature:
    begin_ms, end_ms = table["window_ms"]
    return eFELFeature(
        table["name"],
        efel_feature_name=table["feature"],
        recording_names={"": table["recording"]},
        stim_start=begin_ms,
        stim_end=end_ms,
        exp_mean=table["mean"],
        exp_std=table["std"],
        threshold=table["threshold_mV"],
        stimulus_current=table["stimulus_nA"],
        double_settings={k: v for k, v in table["settings"].items() if not isinstance(v, str)},
        string_settings={k: v for k, v in table["settings"].items() if isinstance(v, str)},
        force_max_score=score["capped"],
        max_score=score["missing"],
    )


def main() -> None:
    """Print the scores of a parameter set, a JSON file of values by name."""
    if len(sys.argv) != 2:
        sys.exit("usage: python evaluator.py parameters/NAME.json")
    values = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    scores = load().evaluate_with_dicts(values)
    for name, score in {**scores, "sum": sum(scores.values())}.items():
        print(f"{name:50} {score:12.6f}")


if __name__ == "__main__":
    main()
