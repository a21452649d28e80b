"""What is odd about a study's mechanisms, and can be simulated, is said before it runs."""

from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import same, voltage
from tests.physics.engines.small_studies import read_small_study
from workbench.engines import Integrator, Job, fixed_step
from workbench.errors import MechanismError, StudyError
from workbench.exports.bluepyopt.limits import obstacles
from workbench.studies.notes import notes_of

PULSE = """\
NEURON { SUFFIX pulse NONSPECIFIC_CURRENT i RANGE on, dur }
UNITS { (mA) = (milliamp) }
PARAMETER { on = 10 (ms) dur = 0.5 (ms) }
ASSIGNED { i (mA/cm2) }
BREAKPOINT { :corners
    if (t >= on && t < on + dur) { i = -0.1 } else { i = 0 } }
"""
TABLED = """\
NEURON { SUFFIX tabled NONSPECIFIC_CURRENT i RANGE half }
UNITS { (mA) = (milliamp) (mV) = (millivolt) }
PARAMETER { half = -40 (mV) }
ASSIGNED { v (mV) i (mA/cm2) x }
BREAKPOINT { rates(v) i = 1e-3*x }
PROCEDURE rates(u (mV)) { TABLE x FROM -120 TO 80 WITH 200
    x = 1/(1 + exp(-(u - half)/9)) }
"""
NOISE = """\
NEURON { SUFFIX noise NONSPECIFIC_CURRENT i RANDOM r }
UNITS { (mA) = (milliamp) }
ASSIGNED { i (mA/cm2) x }
INITIAL { x = random_uniform(r) }
BREAKPOINT { i = 1e-3*x }
"""


@pytest.mark.parametrize(
    ("integrator", "steps"),
    [("cvode_atol = 1e-3", "NEURON, CVODE atol 0.001"), ("dt_ms = 0.025", "")],
)
def test_corners_that_a_step_can_pass_over(tmp_path: Path, integrator: str, steps: str) -> None:
    inserted = {"insert": 'somatic = ["pulse"]', "integrator": integrator}
    notes = notes_of(read_small_study(tmp_path, {"pulse": PULSE}, **inserted).problem)
    if not steps:
        assert notes == ()
        return
    [note] = notes
    assert f"{tmp_path}/mods/pulse.mod depends on t (line 6, in BREAKPOINT): {steps}" in note
    assert "dt_ms" in note


def test_corners_that_are_announced(tmp_path: Path) -> None:
    mods = {"pulse": PULSE.replace(":corners", "at_time(on) at_time(on + dur)")}
    inserted = {"insert": 'somatic = ["pulse"]', "integrator": "cvode_atol = 1e-3"}
    assert notes_of(read_small_study(tmp_path, mods, **inserted).problem) == ()


def test_announced_corners_are_seen(tmp_path: Path) -> None:
    """A cell at rest takes steps far longer than the pulse; a short fixed step tells the truth."""
    jobs = []
    for name, announced in (("told", "at_time(on) at_time(on + dur)"), ("untold", "")):
        mods = {"pulse": PULSE.replace(":corners", announced)}
        inserted = 'somatic = ["hh", "pulse"]'
        study = read_small_study(tmp_path / name, mods, insert=inserted, amplitude_nA=0.0)
        recipe = study.problem.recipe.with_values({"g_pas.all": 1e-4})
        plan = study.protocol("step")
        jobs += [Job(recipe, plan, one) for one in (fixed_step(0.005), Integrator())]
    truth, told = run_in_children(jobs[:2])
    assert voltage(truth).max() > 0
    assert voltage(told).max() == pytest.approx(voltage(truth).max(), abs=2)
    again, untold = run_in_children(jobs[2:])
    assert same(again, truth)
    assert voltage(untold).max() < -50, "CVODE passed over the pulse: that is what the note says"


def test_tables_that_are_not_used(tmp_path: Path) -> None:
    inserted = {"insert": 'somatic = ["tabled"]'}
    [note] = notes_of(read_small_study(tmp_path, {"tabled": TABLED}, **inserted).problem)
    assert "mods/tabled.mod: TABLE of half (line 6, in PROCEDURE rates) is not used" in note
    assert notes_of(read_small_study(tmp_path, {"tabled": TABLED}).problem) == ()


def test_what_bluepyopt_would_simulate_otherwise(tmp_path: Path) -> None:
    mods = {"tabled": TABLED, "noise": NOISE}
    problem = read_small_study(tmp_path, mods, insert='somatic = ["tabled", "noise"]').problem
    found = "\n".join(obstacles(problem))
    assert "mods/tabled.mod: TABLE of half (line 6, in PROCEDURE rates): it would be used" in found
    assert "mods/noise.mod: RANDOM r: what it draws would differ" in found


UNGIVEN = """\
NEURON { SUFFIX bare NONSPECIFIC_CURRENT i RANGE g, unread GLOBAL e }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER {
    g (S/cm2)
    e (mV)
    unread (mV)
}
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
"""


def test_parameters_to_which_nobody_gives_a_value(tmp_path: Path) -> None:
    file = tmp_path / "mods" / "bare.mod"
    inserted = {"insert": 'all = ["pas", "bare"]', "dendrite": True}
    problem = read_small_study(tmp_path, {"bare": UNGIVEN}, **inserted).problem
    bare = "PARAMETER {} has no value, and the cell gives it none{}: it is 0"
    expected = [f"{file}:4: {bare.format('g', '')}", f"{file}:5: {bare.format('e', '')}"]
    assert sorted(notes_of(problem)) == expected
    for number, (painted, where) in enumerate(
        (("g_bare = 1e-5", ""), ("[parameters.somatic]\ng_bare = 0", " in 1 of 2 sections"))
    ):
        folder = tmp_path / str(number)
        problem = read_small_study(
            folder, {"bare": UNGIVEN}, parameters=painted, **inserted
        ).problem
        said = f"{folder / 'mods' / 'bare.mod'}:4: {bare.format('g', where)}"
        assert (said in notes_of(problem)) == bool(where)


def test_a_global_cannot_be_painted(tmp_path: Path) -> None:
    painted = {
        "insert": 'somatic = ["bare"]',
        "parameters": "[parameters.somatic]\ne_bare = [-80, 0]",
    }
    with pytest.raises(MechanismError) as caught:
        read_small_study(tmp_path, {"bare": UNGIVEN.replace("e (mV)", "e = -70 (mV)")}, **painted)
    said = str(caught.value)
    assert "cell.toml: parameters.somatic.e_bare: e_bare is a GLOBAL of " in said
    assert "mods/bare.mod: it has one value, -70 unless the cell gives it another" in said
    assert "under [parameters.global]. Declare e RANGE" in said


@pytest.mark.parametrize("name", ["e_bare", "e_bare.somatic"])
def test_a_global_among_the_values_of_a_set_is_called_one(tmp_path: Path, name: str) -> None:
    text = UNGIVEN.replace("e (mV)", "e = -70 (mV)")
    problem = read_small_study(tmp_path, {"bare": text}, insert='somatic = ["bare"]').problem
    with pytest.raises(StudyError, match=r"e_bare is a GLOBAL of .*: it has one value, -70"):
        problem.row({name: -80})
