import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.cells import CellRecipe, Distribution, DLambda, Paint
from workbench.engines import Integrator, fixed_step
from workbench.errors import MorphologyError, StudyError
from workbench.evaluations import Evaluation
from workbench.features import Missing, Window
from workbench.fitting import Objective, Parameter, Problem, ScoreRule
from workbench.fitting.objectives import sides_of
from workbench.mechanisms import MechanismSet
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording

OTHER_TREE = cylinder_tree(
    "ball", [Cylinder("somatic", 20, 20), Cylinder("apical", 200, 2.0001, parent=0)]
)
MOD = MechanismSet("mine", Path("/here"), (("a.mod", "NEURON { SUFFIX a }"),), ())
OTHER_MOD = MechanismSet("mine", Path("/here"), (("a.mod", "NEURON { SUFFIX  a }"),), ())


def cell(problem, **changes):
    return replace(problem, recipe=replace(problem.recipe, **changes))


def painted(problem, number, **changes):
    paint = list(problem.recipe.paint)
    paint[number] = replace(paint[number], **changes)
    return cell(problem, paint=tuple(paint))


def parameter(problem, **changes):
    first, *rest = problem.parameters
    return replace(problem, parameters=(replace(first, **changes), *rest))


def protocol(problem, **changes):
    first, *rest = problem.protocols
    return replace(problem, protocols=(replace(first, **changes), *rest))


def stimulus(problem, **changes):
    [step] = problem.protocols[0].stimuli
    return protocol(problem, stimuli=(replace(step, **changes),))


def objective(problem, **changes):
    first, *rest = problem.objectives
    return replace(problem, objectives=(replace(first, **changes), *rest))


CHANGES = {
    "cell": [
        lambda p: painted(p, 0, value=np.nextafter(100.0, 101.0)),
        lambda p: painted(p, 0, distribution=Distribution("d", "value")),
        lambda p: cell(p, celsius_degC=37.0),
        lambda p: cell(p, v_init_mV=-70.0),
        lambda p: cell(p, segments=DLambda()),
        lambda p: cell(p, morphology=OTHER_TREE),
        lambda p: cell(p, inserted=p.recipe.inserted[::-1]),
        lambda p: cell(p, paint=p.recipe.paint[::-1]),
        lambda p: cell(p, mechanisms=(MOD,)),
    ],
    "parameters": [
        lambda p: parameter(p, low=2e-5),
        lambda p: parameter(p, high=2e-3),
        lambda p: parameter(p, scale="linear"),
        lambda p: replace(p, parameters=p.parameters[::-1]),
    ],
    "protocols": [
        lambda p: protocol(p, duration_ms=101.0),
        lambda p: protocol(p, parameters={"amplitude_nA": 0.6, "unused": 1.0}),
        lambda p: protocol(p, recordings=(*p.protocols[0].recordings, Recording("x", SITE))),
        lambda p: stimulus(p, amplitude_nA=0.5),
        lambda p: stimulus(p, delay_ms=21.0),
        lambda p: stimulus(p, site=parse_site("soma(0.4)")),
        lambda p: replace(p, protocols=p.protocols[::-1]),
    ],
    "targets": [
        lambda p: objective(p, mean=5.1),
        lambda p: objective(p, std=0.6),
        lambda p: objective(p, feature="mean_frequency"),
        lambda p: objective(p, window=Window(20.0, 71.0)),
        lambda p: objective(p, window=replace(p.objectives[0].window, threshold_mV=-21.0)),
        lambda p: objective(p, window=replace(p.objectives[0].window, settings={})),
        lambda p: replace(p, objectives=p.objectives[::-1]),
        lambda p: replace(p, objectives=p.objectives[:-1]),
        lambda p: replace(p, rule=ScoreRule(cap=None)),
        lambda p: replace(p, rule=ScoreRule(failed=501.0)),
    ],
    "integrator": [
        lambda p: replace(p, integrator=Integrator(dt_ms=0.05, atol=None)),
        lambda p: replace(p, integrator=Integrator(dt_ms=0.025, order=2, atol=None)),
        lambda p: replace(p, integrator=Integrator("coreneuron", 0.025, atol=None)),
        lambda p: replace(p, integrator=Integrator()),
        lambda p: replace(p, own_integrators=(("Rest", fixed_step(0.05)),)),
    ],
}
SITE = parse_site("soma(0.1)")


@pytest.mark.parametrize(
    ("part", "change"), [(part, change) for part, changes in CHANGES.items() for change in changes]
)
def test_the_digest_changes_with_every_part_and_says_which(problem, part, change):
    changed = change(problem)
    assert changed.digest != problem.digest
    assert {n for n, d in changed.parts.items() if d != problem.parts[n]} == {part}


def test_the_text_of_a_mechanism_counts(problem):
    assert cell(problem, mechanisms=(MOD,)).digest != cell(problem, mechanisms=(OTHER_MOD,)).digest


def test_names_and_places_on_the_disk_do_not_count(problem):
    """A study that is copied to another folder is the same problem."""
    renamed = replace(problem, name="copy", recipe=replace(problem.recipe, name="copy"))
    assert renamed.digest == problem.digest
    elsewhere = replace(MOD, folder=Path("/there"))
    assert cell(problem, mechanisms=(MOD,)).digest == cell(problem, mechanisms=(elsewhere,)).digest


def test_the_order_of_a_mapping_does_not_count(problem):
    turned = protocol(problem, parameters={"unused": 1.0, "amplitude_nA": 0.5})
    assert turned.digest == problem.digest
    window = replace(
        problem.objectives[0].window, settings={"DerivativeThreshold": 12.0, "interp_step": 0.05}
    )
    assert objective(problem, window=window).digest == problem.digest


def test_the_digest_is_the_same_in_other_processes(problem):
    code = (
        "import runpy; made = runpy.run_path({!r})['make_problem'](); print(made.digest)"
    ).format(str(Path(__file__).with_name("conftest.py")))
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {problem.digest}


def test_a_problem_that_has_travelled_is_the_same(problem):
    """Also if its digest was taken before: what is cached must not go stale."""
    digest = problem.digest
    assert pickle.loads(pickle.dumps(problem)).digest == digest
    assert painted(problem, 0, value=1.0).digest != digest


def test_rows_have_the_order_of_the_parameters(problem):
    assert problem.parameter_names == ("g_pas.all", "gnabar_hh.somatic")
    row = problem.row({"gnabar_hh.somatic": 0.25, "g_pas.all": 1e-4})
    assert row.tolist() == [1e-4, 0.25]
    assert problem.physical(np.array([[0.5, 0.5]])) == pytest.approx(np.array([[1e-4, 0.25]]))
    assert problem.unit(row[None]) == pytest.approx(np.array([[0.5, 0.5]]))


def test_a_parameter_set_is_complete(problem):
    with pytest.raises(StudyError, match=r"ball: the parameter set has no gnabar_hh\.somatic"):
        problem.row({"g_pas.all": 1e-4})
    with pytest.raises(StudyError, match=r"'g_pas\.al'; did you mean 'g_pas\.all'"):
        problem.row({"g_pas.al": 1e-4, "gnabar_hh.somatic": 0.1})


def test_the_cell_of_a_row_has_its_values(problem):
    recipe = problem.cell(np.array([1e-4, 0.25]))
    assert {p.name: p.value for p in recipe.paint} == {
        "Ra.all": 100.0,
        "g_pas.all": 1e-4,
        "gnabar_hh.somatic": 0.25,
    }


def test_all_protocols_are_simulated_for_every_individual(problem):
    """What runs together is a function of the problem alone."""
    jobs = problem.jobs(np.array([1e-4, 0.25]))
    assert [job.protocol.name for job in jobs] == ["Step", "Rest"]
    assert len({id(job.recipe) for job in jobs}) == 1
    assert all(job.integrator == problem.integrator for job in jobs)


def test_a_protocol_may_have_an_integrator_of_its_own(problem):
    coarse = fixed_step(0.05)
    mixed = replace(problem, own_integrators=(("Rest", coarse),))
    jobs = mixed.jobs(np.array([1e-4, 0.25]))
    assert [job.integrator for job in jobs] == [problem.integrator, coarse]
    assert mixed.integrator_of("Step") == mixed.integrator_of("Pulse") == problem.integrator
    assert mixed.integration == f"{problem.integrator}; Rest: {coarse}"


def test_integrators_of_protocols_share_a_build(problem):
    """A process loads one library of mechanisms."""
    with pytest.raises(StudyError, match=r"Rest is to run on CoreNEURON.*have to be the same"):
        replace(problem, own_integrators=(("Rest", fixed_step(0.05, engine="coreneuron")),))
    with pytest.raises(StudyError, match="'Rets'; did you mean 'Rest'"):
        replace(problem, own_integrators=(("Rets", fixed_step(0.05)),))


def test_scores_are_those_of_the_rule(problem):
    evaluation = Evaluation((np.array([6.0]), Missing("no spike"), np.array([-71.0, -67.0])))
    assert problem.score(evaluation).tolist() == [2.0, 250.0, 1.0]


def test_a_failed_individual_has_the_failed_score_throughout(problem):
    """Though some of its simulations may have ended well."""
    evaluation = Evaluation((Missing("absurd"), Missing("absurd"), np.array([-70.0])), "ABSURD")
    assert problem.score(evaluation).tolist() == [500.0] * 3
    assert sides_of(problem.objectives, evaluation).tolist() == [0, 0, 0]


def test_sides_say_where_values_lie_on_average(problem):
    """Targets 5, 20 and -70."""
    evaluation = Evaluation((np.array([5.0]), Missing("no spike"), np.array([-79.0, -69.0])))
    assert sides_of(problem.objectives, evaluation).tolist() == [1, 0, -1]


SMALL = CellRecipe("c", OTHER_TREE, paint=(Paint("g_pas", "all", None),))
REST = Protocol("Rest", 50.0, (), (Recording("soma", SITE),))
AIM = Objective("Rest", "soma", "voltage_base", Window(0.0, 50.0), mean=-70.0, std=2.0)
FREE = Parameter("g_pas.all", 1e-5, 1e-3)


@pytest.mark.parametrize(
    ("parameters", "protocols", "objectives", "says"),
    [
        ((), (REST,), (AIM,), r"free values of the cell are \['g_pas\.all'\]"),
        ((FREE, FREE), (REST,), (AIM,), "the parameters are"),
        ((FREE, replace(FREE, name="cm.all")), (REST,), (AIM,), r"cm\.all"),
        ((FREE,), (REST,), (replace(AIM, protocol="Rst"),), "'Rst'; did you mean 'Rest'"),
        ((FREE,), (REST,), (replace(AIM, location="som"),), r"did you mean 'soma\.v'"),
        ((FREE,), (REST,), (replace(AIM, variable="cai"),), r"unknown recording 'soma\.cai'"),
        ((FREE,), (REST,), (AIM, AIM), r"two objectives are named Rest\.soma\.voltage_base"),
        ((FREE,), (REST, REST), (AIM,), "two protocols are named Rest"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parameters, protocols, objectives, says):
    with pytest.raises(StudyError, match=says):
        Problem("p", SMALL, parameters, protocols, objectives)


@pytest.mark.parametrize("window", [Window(2000.0, 3000.0), Window(0.0, 50.1)], ids=str)
def test_a_window_beyond_the_protocol_is_refused(window):
    """eFEL would count spikes of the whole trace for it."""
    with pytest.raises(StudyError, match=r"Rest\.soma\.voltage_base: .* protocol ends at 50 ms"):
        Problem("p", SMALL, (FREE,), (REST,), (replace(AIM, window=window),))


def test_a_window_to_the_end_of_the_protocol_is_not():
    """Also if one of both is the sum of many steps."""
    for end_ms in (50.0, 50.0 + 1e-7):
        aim = replace(AIM, window=Window(0.0, end_ms))
        assert Problem("p", SMALL, (FREE,), (REST,), (aim,)).objectives == (aim,)


def test_sites_that_the_cell_does_not_have_are_refused():
    far = Protocol("Rest", 50.0, (), (Recording("soma", parse_site("apical@900um")),))
    with pytest.raises(MorphologyError, match="no apical section at 900 um"):
        Problem("p", SMALL, (FREE,), (far,), (AIM,))


def test_a_score_is_the_weight_times_the_distance(problem, evaluate_row):
    """Also where a value is missing or all failed, so that a failure never wins."""
    weights = [2.0, 0.5, 1.0]
    pairs = zip(problem.objectives, weights, strict=True)
    weighed = replace(problem, objectives=tuple(replace(o, weight=w) for o, w in pairs))
    for gna in (0.05, 0.3):
        sound = evaluate_row(np.array([1e-4, gna]))
        for evaluation in (sound, replace(sound, status="CRASHED")):
            expected = np.array(weights) * problem.score(evaluation)
            np.testing.assert_array_equal(weighed.score(evaluation), expected)
    changed = [name for name, part in weighed.parts.items() if part != problem.parts[name]]
    assert changed == ["targets"]
