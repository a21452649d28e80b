"""Stock BluePyOpt, given the exported evaluator, finds the scores that are known or our own."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.test_l5pc import SCORES, SUMS
from tests.physics.exports.child import stock_scores
from tests.unit.exports.small_problem import SOMA, VALUES, make_problem, stubbed, write_swc
from workbench.builds import nrnivmodl
from workbench.cells import Paint
from workbench.engines import Integrator, fixed_step
from workbench.exports.bluepyopt import write_folder
from workbench.fitting import FitTask, Problem
from workbench.morphology import load_morphology, resolve
from workbench.protocols import Alpha, Chirp, CurrentFile, Noise, Ramp, Sine, Waveform
from workbench.studies import load_study
from workbench.workers import ProcessWorkers

QUIET = {**VALUES, "gnabar_hh.all": 0.0}


def own_scores(problem: Problem, *sets: dict[str, float]) -> list[dict[str, float]]:
    names = [objective.name for objective in problem.objectives]
    rows = np.array([problem.row(values) for values in sets])
    with ProcessWorkers(1) as pool:
        answers = {a.row: a.value for a in pool.run(FitTask(problem), rows)}
    scores = [problem.score(answers[i]).tolist() for i in range(len(sets))]
    return [dict(zip(names, one, strict=True)) for one in scores]


@pytest.mark.parametrize("order", [1, 2])
def test_same_scores_as_ours(tmp_path, order) -> None:
    """With spikes and without: caps, missing features, sites, windows and distributions."""
    file = write_swc(tmp_path)
    problem = make_problem(stubbed(file), fixed_step(0.025, order))
    firing, quiet = own_scores(problem, VALUES, QUIET)
    for given in (file, None):
        found = stock_scores(problem, [VALUES, QUIET], given)
        assert found[0] == pytest.approx(firing, rel=1e-6, abs=1e-6)
        assert found[1] == pytest.approx(quiet, rel=1e-6, abs=1e-6)
    # What the comparison rests on: spikes, a cap, and features that are missing.
    assert firing["Train.soma.Spikecount"] != quiet["Train.soma.Spikecount"]
    assert firing["Train.soma.AHP_depth_abs"] == 200.0
    assert quiet["Step.soma.AP_height"] == 200.0
    assert 0 < firing["Step.soma.AP_height"] < 200.0


def test_whole_axon_and_cvode(tmp_path) -> None:
    """On a small cell CVODE is not chaotic: its own error is all that the two may differ by."""
    file = write_swc(tmp_path)
    problem = make_problem(load_morphology(file), Integrator(atol=1e-3))
    [ours] = own_scores(problem, VALUES)
    [stock] = stock_scores(problem, [VALUES], file)
    assert stock == pytest.approx(ours, rel=0.01, abs=0.05)


def test_named_regions_and_cut_sections_make_the_same_scores(tmp_path) -> None:
    """Lists of sections of their own, later ones painted over earlier ones, sites on pieces."""
    tree = stubbed(write_swc(tmp_path)).with_regions(
        {
            "far": {"where": "apical and distance_um > 130", "cut": True},
            "near": ["basal", "apical and not far"],
            "section": "dend[0]",
        }
    )
    problem = make_problem(tree)
    painted = (Paint("gnabar_hh", "far", 0.02), Paint("cm", "near", 1.3), Paint("cm", "section", 2))
    recipe = replace(problem.recipe, paint=(*problem.recipe.paint, *painted))
    problem = replace(problem, recipe=replace(recipe, inserted=(*recipe.inserted, ("near", "pas"))))
    assert {"apic[1.1]", "apic[1.2]", "apic[2.1]", "apic[2.2]"} <= {*tree.names}
    [ours] = own_scores(problem, VALUES)
    [stock] = stock_scores(problem, [VALUES])
    assert stock == pytest.approx(ours, rel=1e-6, abs=1e-6)
    [plain] = own_scores(make_problem(stubbed(write_swc(tmp_path))), VALUES)
    assert ours != pytest.approx(plain, rel=1e-3)


PLAYED = [
    Alpha(SOMA, 20.0, 10.0, 2.0),
    Ramp(SOMA, 20.0, 80.0, 0.0, 2.0),
    Sine(SOMA, 20.0, 80.0, 0.4, 40.0, 0.0, 0.1),
    Chirp(SOMA, 20.0, 80.0, 0.5, 5.0, 80.0),
    Noise(SOMA, 20.0, 80.0, 0.3, 0.2, 3.0, 7),
    Waveform(SOMA, 20.0, CurrentFile("bumps.csv", [0, 30, 30, 80], [0, 0.8, -0.1, 2.0])),
]


@pytest.mark.parametrize("stimulus", PLAYED, ids=lambda stimulus: stimulus.kind)
def test_a_played_current_makes_the_same_spikes(tmp_path, stimulus) -> None:
    problem = make_problem(stubbed(write_swc(tmp_path)), fixed_step(0.025))
    first, *others = problem.protocols
    problem = replace(problem, protocols=(replace(first, stimuli=(stimulus,)), *others))
    firing, quiet = own_scores(problem, VALUES, QUIET)
    found = stock_scores(problem, [VALUES, QUIET])
    assert found[0] == pytest.approx(firing, rel=1e-6, abs=1e-6)
    assert found[1] == pytest.approx(quiet, rel=1e-6, abs=1e-6)
    highest = "Step.last.maximum_voltage"
    assert 0 < firing[highest] < quiet[highest] < 200.0, "no spike, or a cap"


def folder_scores(out: Path, params: str) -> dict[str, float]:
    """Run an exported folder where nobody can import the workbench."""
    without = (
        "import runpy, sys; sys.modules['workbench'] = None; sys.argv = ['evaluator.py', "
        f"'parameters/{params}.json']; runpy.run_path('evaluator.py', run_name='__main__')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", without], cwd=out, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    lines = [line.split() for line in ended.stdout.splitlines()]
    return {line[0]: float(line[1]) for line in lines if len(line) == 2}


def test_folder_without_the_workbench(tmp_path) -> None:
    problem = make_problem(stubbed(write_swc(tmp_path)))
    write_folder(problem, {"known": VALUES}, tmp_path / "out")
    found = folder_scores(tmp_path / "out", "known")
    [ours] = own_scores(problem, VALUES)
    assert found == pytest.approx({**ours, "sum": sum(ours.values())}, abs=2e-6, rel=1e-6)


@pytest.mark.slow
def test_l5pc_with_a_fixed_step(tmp_path) -> None:
    """BluePyOpt's example, declared in our files, exported, compiled and run by stock tools."""
    study = load_study("l5pc").with_integrator(fixed_step(0.025))
    out = tmp_path / "out"
    write_folder(study.problem, study.published, out, resolve("C060114A7"))
    subprocess.run([nrnivmodl(), "mechanisms"], cwd=out, check=True, capture_output=True)
    found = folder_scores(out, "release")
    assert found.pop("sum") == pytest.approx(SUMS[1], abs=1e-5)
    assert found == pytest.approx({name: pair[1] for name, pair in SCORES.items()}, abs=2e-6)


@pytest.mark.slow
def test_l5pc_under_cvode() -> None:
    study = load_study("l5pc")
    [found] = stock_scores(study.problem, [study.values("release")], resolve("C060114A7"))
    assert found == pytest.approx({name: pair[0] for name, pair in SCORES.items()}, abs=0.3)
    assert sum(found.values()) == pytest.approx(SUMS[0], abs=0.6)
