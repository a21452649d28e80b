"""Every public value prints as a few lines, and is drawn in notebooks where a picture says more."""

import dataclasses
import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.api import Response
from workbench.calibration import Calibration, Measured
from workbench.engines import Job
from workbench.errors import InputError
from workbench.experiments import (
    ClampFamily,
    Sample,
    Wanted,
    described,
    design,
    find_experiment,
)
from workbench.fitting import FitTask
from workbench.mechanisms import read_mechanisms
from workbench.nmodl import parse
from workbench.races import Curves, Entrant, race_of
from workbench.runs import (
    Currents,
    Limits,
    Sensitivity,
    evaluations,
    feature_table,
    read_run,
    with_params,
)
from workbench.runs.validation import Aimed, Individual, Met, Validation
from workbench.search import make_search
from workbench.studies import Reproduced, load_expected, load_expected_rows, plan_of, setting_of

MOST = 1000
"""Letters: about ten lines of a terminal."""


@pytest.fixture(scope="module")
def l5pc():
    return wb.load_study("l5pc")


@pytest.fixture(scope="module")
def cell(l5pc):
    return wb.load_cell(l5pc, params="release")


@pytest.fixture(scope="module")
def response(cell):
    t_ms = np.linspace(0, 600, 24_001)
    trace = wb.RecordedTrace("soma.v", t_ms, -70 + 100 * (abs(t_ms - 297) < 1), (295, 300), 1.9)
    return Response(cell, cell.protocol("bAP"), {"soma.v": trace})


@pytest.fixture
def run(full_run):
    return full_run.write()


@pytest.fixture
def values(l5pc, cell, response, run):
    """Return one or several values of the classes whose parts are many."""
    hay = read_mechanisms("hay_l5b")
    [parsed] = parse(hay.folder, [one for one in hay.sources if one[0] == "Ih.mod"])
    expected = load_expected(wb.load_study("hodgkin_huxley"))
    aimed = (Aimed("step.soma.AP_height", "step", "AP_height", 31.0, 2.0, None),) * 90
    met = (Met(31.0, "", "", 0.0, None),) * 90
    one = Individual(1, 2, 3, 4.0, "OK", 0.0, None, met)
    validated = Validation("trial", "as it holds out", "a digest", "CVODE", aimed, (one,) * 100)
    named = described(find_experiment("van_elburg"), with_params)
    plan = plan_of(l5pc)
    measured = Measured(setting_of(l5pc), 3, np.ones(4), np.ones((100, 35)), np.ones(100, bool))
    many = np.linspace(0, 1, 900)
    family = ClampFamily(
        "Ih", 34.0, "v", "mV", None, many, ("m",), many[None], many[None], 0, many, many, 1, many
    )
    curves = Curves("l5pc", tuple(range(50)), {Entrant("ibea", 20): np.ones((50, 900))})
    wanted = Wanted(("soma.v.Spikecount", "soma.v.AP_height"))
    names = tuple(f"feature {n}" for n in range(900))
    limits = Limits(names, names, 100, many, (), 20, many, ())
    moved = Sensitivity(names, names, {}, 0.01, many, many, many, many, many)
    flows = Currents({}, "soma(0.5)", "step", "", many, many, names[:40], many, many)
    factors = {"gIhbar_Ih.apical": np.linspace(1e-5, 1e-4, 90)}
    experiment = design({"l5pc": Sample(cell.recipe, l5pc)}, ["Step1"], wanted, factors)
    steps = [("A", name, np.where(np.arange(900) > 300, 0.1, 0.0)) for name in map(str, range(40))]
    sweeps = [wb.Sweep(cell, name, "IV", (), 0.1, i_nA - 70, i_nA) for cell, name, i_nA in steps]
    recordings = wb.Recordings(tuple(sweeps))
    swept = wb.features_of(recordings, ["voltage_base"], rheobase_nA={"A": 0.1})
    return [
        recordings,
        sweeps[0],
        swept,
        wb.targets_of(swept),
        l5pc,
        experiment,
        experiment.conditions[0],
        l5pc.problem,
        FitTask(l5pc.problem),
        plan,
        plan.search(l5pc.problem),
        make_search("steady-ibea", 2, 2, 10, 1),
        *l5pc.protocols,
        l5pc.problem.objectives[0],
        setting_of(l5pc),
        cell,
        cell.recipe,
        cell.morphology,
        *cell.morphology.sections,
        *cell.recipe.paint,
        response,
        response["soma.v"],
        wb.EngineChoice("coreneuron", dt=0.025, gpu=True),
        wb.Placed("syn", "AMPA", ["soma(0.5)"] * 900, {"weight": None}),
        wb.Placed("syn", "AMPA", {"region": "apical", "density_per_um": 0.1}),
        wb.Pointer("syn", "pre", "soma(0.5)"),
        wb.Spines("apical", 1.0, 1.4),
        wb.EventTimes("syn", range(900)),
        wb.EventSequence("syn", 5.0, 2.0),
        wb.Map(keep=("maximum", "width_at_half_ms")),
        wb.RegularEvents("syn", 5.0, 100.0, 900),
        wb.PoissonEvents("syn", 5.0, 900.0, "rate_Hz"),
        wb.Progress(1, 2, 3, 4, 5.0, 6.0, 7.0, {"UNFINISHED": 2}, whole=False),
        wb.ExperimentProgress(3, 40, 6.0, 7.0, {"UNFINISHED": 2}, whole=False),
        wb.RaceProgress(1, 20, 300, 4000, 60.0, 3700.0, whole=False),
        curves,
        wb.SearchBench(Path("runs/searches"), curves),
        race_of(l5pc, None, 50, 900, Path("runs/searches")),
        wb.RunLimits(limits),
        wb.SensitivityResult(moved),
        wb.CurrentsResult(flows),
        wb.Exported(Path("l5pc-python"), "python", {}, ("targets and scores",)),
        Job(cell.recipe, l5pc.protocols[0], l5pc.problem.integrator),
        hay,
        *hay.mechanisms,
        parsed,
        parsed.file,
        parsed.file.tree,
        *expected,
        Reproduced(expected[0], (1.0,), ""),
        wb.ValidationResult(validated),
        named,
        *load_expected_rows(named.folder),
        wb.ExperimentResult(named, pd.DataFrame({"n": range(900)}), {}, None),
        measured,
        Calibration(l5pc, 0.25, (), (measured,) * 20, measured, measured, 0, 3500),
        family,
        read_run(run),
        wb.open_run(run),
        feature_table(read_run(run)),
        evaluations(run)[0],
    ]


def test_a_value_prints_as_a_few_lines(values):
    long = {type(v).__name__: len(repr(v)) for v in values if len(repr(v)) > MOST}
    assert not long
    assert not [v for v in values if repr(v).startswith("<workbench.")], "an address says nothing"


def test_no_class_at_the_top_is_forgotten(values):
    classes = [one for one in map(wb.__getattr__, wb.__all__) if inspect.isclass(one)]
    assert set(classes) <= set(map(type, values))


def test_what_is_said_is_true(l5pc, cell, response, run):
    assert repr(l5pc) == (
        f"<Study l5pc: {l5pc.title}; 20 free parameters, 4 protocols, 35 features; "
        "NEURON, CVODE atol 0.001; parameter sets: release>"
    )
    assert repr(response["soma.v"]) == (
        "<RecordedTrace soma.v: 24001 samples, 0 to 600 ms, -70 to 30>"
    )
    assert repr(read_mechanisms("synapses")).startswith("<MechanismSet synapses: ")
    section = cell.morphology.sections[0]
    assert f"{section.length_um:.4g} um" in repr(section)
    summary = read_run(run)
    assert f"{summary.evaluated} evaluations, {summary.failed} failed" in repr(summary)
    assert f"2 parameters, sum {summary.best_sum:.2f} SD" in repr(wb.open_run(run))


def test_pictures_are_drawn_of_traces_cells_and_fits(cell, response, run):
    for drawn in (response, response["soma.v"], wb.open_run(run)):
        shown = drawn._repr_html_()
        assert re.search(r'<img src="data:image/svg\+xml;base64,[A-Za-z0-9+/=]{1000,}"', shown)
        assert repr(drawn)[1:-1] in shown
    placed = [one for one in cell.morphology.sections if not one.is_cylinder]
    assert cell._repr_html_().count("<polyline") == len(placed)


def test_a_trace_without_samples_has_no_picture():
    empty = wb.RecordedTrace("soma.i", [], [])
    assert empty._repr_html_() is None
    assert repr(empty) == "<RecordedTrace soma.i: no samples>"
    with pytest.raises(InputError):
        dataclasses.replace(empty, values=[1.0])
