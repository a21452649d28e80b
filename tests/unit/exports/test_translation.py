"""Each part in BluePyOpt's words, looked at without NEURON."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from bluepyopt.ephys import locations, parameters
from bluepyopt.ephys.evaluators import CellEvaluator
from bluepyopt.ephys.morphologies import NrnFileMorphology

from tests.unit.exports.small_problem import VALUES, make_problem, stubbed, write_swc
from workbench.cells import DLambda
from workbench.engines import fixed_step
from workbench.errors import MorphologyError
from workbench.exports.bluepyopt import evaluator
from workbench.exports.bluepyopt.tables import tables_of
from workbench.fitting import Parameter, Problem, ScoreRule
from workbench.mechanisms import read_mechanisms
from workbench.morphology import load_morphology, remove_axon


class NoSimulator:
    def __init__(self, **settings) -> None:
        self.settings = settings


@pytest.fixture(autouse=True)
def no_neuron(monkeypatch) -> None:
    monkeypatch.setattr(evaluator, "NrnSimulator", NoSimulator)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return write_swc(tmp_path_factory.mktemp("swc"))


@pytest.fixture
def problem(file: Path) -> Problem:
    return make_problem(stubbed(file))


def made(problem: Problem, file: Path | None = None) -> CellEvaluator:
    """Return the evaluator from tables that went through JSON, as in an exported folder."""
    return evaluator.create(json.loads(json.dumps(tables_of(problem, file))))


def test_free_parameters_keep_order_names_and_bounds(problem: Problem) -> None:
    turned = replace(problem, parameters=problem.parameters[::-1])
    stock = made(turned)
    assert stock.param_names == list(turned.parameter_names)
    assert set(stock.param_names) == VALUES.keys()
    bounds = [(p.lower_bound, p.upper_bound) for p in stock.params]
    assert bounds == [(p.low, p.high) for p in turned.parameters]


def test_fixed_values_are_frozen_in_the_order_in_which_they_apply(problem: Problem) -> None:
    params = made(problem).cell_model.params
    assert {name: p.value for name, p in params.items() if p.frozen} == {
        "celsius": 10.0,
        "v_init": -66.0,
        "Ra.all": 150.0,
        "cm.all": 1.0,
        "cm.apical": 2.0,
        "ek.somatic": -80.0,
    }
    assert list(params)[2:] == [paint.name for paint in problem.recipe.paint]


def test_only_a_distribution_is_set_segment_by_segment(problem: Problem) -> None:
    params = made(problem).cell_model.params
    ranged = [n for n, p in params.items() if isinstance(p, parameters.NrnRangeParameter)]
    assert ranged == ["gkbar_hh.apical"]


def test_integrators(problem: Problem) -> None:
    fixed = made(problem)
    assert fixed.sim.settings == {"dt": 0.025, "cvode_active": False}
    assert "secondorder" not in fixed.cell_model.params
    second = made(replace(problem, integrator=fixed_step(0.01, 2)))
    assert second.sim.settings == {"dt": 0.01, "cvode_active": False}
    assert second.cell_model.params["secondorder"].value == 2


def test_mechanisms_by_list(problem: Problem) -> None:
    mechanisms = made(problem).cell_model.mechanisms
    found = [(m.locations[0].seclist_name, m.suffix) for m in mechanisms]
    assert found == [("all", "hh"), ("basal", "pas"), ("apical", "pas")]


def test_any_name_becomes_a_name_of_hoc(problem: Problem) -> None:
    for name in ("l5pc", "2 cells, ümlaut", "run"):
        given = made(replace(problem, name=name)).cell_model.name
        assert given.isascii()
        assert given.isidentifier()
        assert given != name


def test_protocols(problem: Problem) -> None:
    step, train = made(problem).fitness_protocols.values()
    amounts = [(s.step_delay, s.step_duration, s.step_amplitude) for s in step.stimuli]
    assert amounts == [(20.0, 80.0, 0.4), (0.0, 120.0, 0.02)]
    names = ["Step.soma.v", "Step.last.v", "Step.thick.v", "Step.basal.v"]
    assert [r.name for r in step.recordings] == names
    assert [s.step_delay for s in train.stimuli] == [10.0, 35.0, 60.0]
    assert {(s.step_duration, s.step_amplitude) for s in train.stimuli} == {(2.0, 1.5)}
    assert (step.total_duration, train.total_duration) == (120.0, 100.0)


def test_sites(problem: Problem) -> None:
    """BluePyOpt takes the last section of a list at a distance; other sites are found here."""
    soma, last, thick, basal = (
        r.location for r in made(problem).fitness_protocols["Step"].recordings
    )
    assert isinstance(last, locations.NrnSomaDistanceCompLocation)
    assert (last.soma_distance, last.seclist_name) == (150.0, "apical")
    assert (soma.sec_name, soma.comp_x) == ("soma[0]", 0.5)
    assert (basal.sec_name, basal.comp_x) == ("dend[0]", 0.7)
    # At 150 um apic[1] is thinner (2.2 to 1.2 um) than apic[2] (2.2 to 1.6 um).
    assert thick.sec_name == "apic[2]"


def test_targets(problem: Problem) -> None:
    found = made(problem).fitness_calculator.objectives
    assert [o.name for o in found] == [o.name for o in problem.objectives]
    [feature] = found[0].features
    assert feature.efel_feature_name == "mean_frequency"
    assert feature.recording_names == {"": "Step.soma.v"}
    assert (feature.stim_start, feature.stim_end, feature.threshold) == (20.0, 100.0, -20.0)
    assert (feature.exp_mean, feature.exp_std) == (60.0, 5.0)
    assert feature.double_settings == {"interp_step": 0.05, "DerivativeThreshold": 12.0}
    assert (feature.max_score, feature.force_max_score) == (200.0, True)
    uncapped = made(replace(problem, rule=ScoreRule(250.0, None, 500.0))).objectives[0]
    assert (uncapped.features[0].max_score, uncapped.features[0].force_max_score) == (250.0, False)


def test_file_is_read_by_stock_where_that_gives_the_same_tree(problem, file: Path) -> None:
    morphology = made(problem, file).cell_model.morphology
    assert isinstance(morphology, NrnFileMorphology)
    assert morphology.morphology_path == str(file.resolve())
    assert morphology.do_replace_axon is True
    assert (morphology.nseg_frequency, morphology.axon_nseg_frequency) == (30.0, 30.0)
    whole = made(make_problem(load_morphology(file)), file).cell_model.morphology
    assert whole.do_replace_axon is False


def test_file_of_another_tree_is_refused(file: Path, problem: Problem, tmp_path: Path) -> None:
    bare = make_problem(remove_axon(load_morphology(file)))
    with pytest.raises(MorphologyError, match="another tree"):
        tables_of(bare, file)
    with pytest.raises(MorphologyError, match="suffix"):
        tables_of(problem, tmp_path / "cell.h5")
    cut_otherwise = replace(problem, recipe=replace(problem.recipe, segments=DLambda()))
    with pytest.raises(MorphologyError, match="max_length_um"):
        tables_of(cut_otherwise, file)


def test_a_file_is_refused_with_named_regions(file: Path) -> None:
    tree = load_morphology(file).with_regions({"tips_alone": "tips"})
    with pytest.raises(
        MorphologyError,
        match=r"are handed over \(region_tips_alone\); leave",
    ):
        tables_of(make_problem(tree), file)


def test_a_file_that_neuron_reads_otherwise_is_refused(file: Path, tmp_path: Path) -> None:
    """A branch begins in its parent's place with a diameter of its own: NEURON keeps a ring."""
    ringed = tmp_path / "ringed.swc"
    rows = file.read_text().splitlines()
    number, kind, x, y, z, radius, _ = rows[-1].split()
    begin, end = int(number) + 1, int(number) + 2
    rows += [f"{begin} {kind} {x} {y} {z} {float(radius) / 2} {number}"]
    rows += [f"{end} {kind} {x} {y} {float(z) + 30} {float(radius) / 2} {begin}"]
    rows += [f"{end + 1} {kind} {x} {float(y) + 30} {z} {radius} {number}"]
    ringed.write_text("\n".join(rows) + "\n")
    with pytest.raises(MorphologyError, match=r"makes another cell of .*rings.*leave the file out"):
        tables_of(make_problem(load_morphology(ringed)), ringed)


def test_the_tree_travels_to_other_processes(problem: Problem) -> None:
    tree = made(problem).cell_model.morphology
    assert isinstance(tree, evaluator.Sections)
    assert pickle.loads(pickle.dumps(tree)).sections == tree.sections


def test_globals_are_those_of_the_simulator(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "leak.mod").write_text(
        "NEURON { SUFFIX leak NONSPECIFIC_CURRENT i GLOBAL e, g }\n"
        "PARAMETER { e = -70 (mV) g = 1e-4 (S/cm2) }\nASSIGNED { v (mV) i (mA/cm2) }\n"
        "BREAKPOINT { i = g*(v - e) }\n"
    )
    recipe = replace(
        problem.recipe,
        mechanisms=(*problem.recipe.mechanisms, read_mechanisms(tmp_path)),
        inserted=(*problem.recipe.inserted, ("all", "leak")),
        global_values={"e_leak": None, "g_leak": 2e-4},
    )
    free = (*problem.parameters, Parameter("e_leak", -80.0, -60.0))
    stock = made(replace(problem, recipe=recipe, parameters=free))
    params = stock.cell_model.params
    assert isinstance(params["e_leak"], parameters.NrnGlobalParameter)
    assert params["e_leak"].bounds == [-80.0, -60.0]
    assert (params["g_leak"].value, params["g_leak"].frozen) == (2e-4, True)
