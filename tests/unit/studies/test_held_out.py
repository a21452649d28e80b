"""`held_out` and `values` of targets.toml: what is fitted, what is not, and what is refused."""

import pytest

from workbench.errors import StudyError
from workbench.fitting import Repeats
from workbench.runs.record import ProblemRecord
from workbench.studies import load_study, plan_of

STEP = """\
[step.soma]
threshold_mV = 0
{step}
[step.soma.features]
spike_count = [7, 0.5]
spike_intervals = [14.67, 0.73]
"""
PULSE = """
[pulse.soma]
window_ms = [10, 40]
{pulse}
[pulse.soma.features]
maximum = [41.77, 2.1]
minimum = [-76.19, 3.8]
"""
COMPARE = """
[[compare]]
what = "pulse.soma.maximum - pulse.soma.minimum"
target = [118, 3]
{compare}
"""


@pytest.fixture
def load(tmp_path):
    def loaded(step="", pulse="", more="", **keys):
        (tmp_path / "study.toml").write_text('title = "Held out"\nbase = "hodgkin_huxley"\n')
        text = STEP.format(step=step) + PULSE.format(pulse=pulse) + more.format(**keys)
        (tmp_path / "targets.toml").write_text(text)
        return load_study(tmp_path)

    return loaded


def names(objectives):
    return [one.name for one in objectives]


def test_what_is_held_out_is_no_part_of_the_problem(load):
    whole = load()
    found = load(pulse="held_out = true")
    assert names(found.problem.objectives) == names(whole.problem.objectives)[:2]
    assert [one.name for one in found.problem.protocols] == ["step"]
    assert names(found.held_out) == ["pulse.soma.maximum", "pulse.soma.minimum"]
    held = found.held_out_problem
    assert [one.name for one in held.protocols] == ["pulse"]
    assert held.recipe == found.problem.recipe
    assert found.problem.digest != whole.problem.digest
    assert found.asking_all().digest == whole.problem.digest
    assert whole.held_out == ()
    assert whole.held_out_problem is None


def test_the_fitted_problem_does_not_depend_on_what_is_held_out(load, tmp_path):
    found = load(pulse="held_out = true")
    text = (tmp_path / "targets.toml").read_text()
    digests = {found.problem.digest}
    for other in ("[41.77, 2.1]", "[0, 9]"), ("maximum", "peak_time"), ("[10, 40]", "[10, 39]"):
        (tmp_path / "targets.toml").write_text(text.replace(*other))
        changed = load_study(tmp_path)
        assert changed.held_out != found.held_out
        digests.add(changed.problem.digest)
    (tmp_path / "targets.toml").write_text(STEP.format(step=""))
    assert digests == {found.problem.digest, load_study(tmp_path).problem.digest}
    assert len(digests) == 1


def test_single_features_and_comparisons_are_held_out(load):
    found = load(step='held_out = ["spike_intervals"]', more=COMPARE, compare="held_out = true")
    assert names(found.held_out) == [
        "step.soma.spike_intervals",
        "pulse.soma.maximum - pulse.soma.minimum",
    ]
    assert len(found.problem.objectives) == 3


def test_a_recording_that_is_held_out_is_so_with_all_that_stands_in_it(load, tmp_path):
    (tmp_path / "v.csv").write_text("time_ms,v_mV\n0,-65\n20,40\n40,-65\n")
    trace = '[pulse.soma.trace]\nfile = "v.csv"\nwindow_ms = [0, 40]\nsd_mV = 1\n'
    found = load(pulse="held_out = true", more=trace)
    assert names(found.held_out)[-1] == "pulse.soma.trace"
    found = load(more=trace + "held_out = true\n")
    assert names(found.held_out) == ["pulse.soma.trace"]


def test_both_other_ways_to_ask_keep_what_is_held_out(load, tmp_path):
    found = load(pulse="held_out = true")
    colder = found.with_celsius(5.0)
    assert colder.held_out_problem.recipe.celsius_degC == 5.0
    other = tmp_path / "other.toml"
    other.write_text(STEP.format(step='held_out = ["spike_count"]'))
    assert names(found.with_targets(other).held_out) == ["step.soma.spike_count"]


def test_a_record_tells_it(load):
    problem = load(pulse="held_out = true").held_out_problem
    told = ProblemRecord.of(problem)
    assert [one.value({}) for one in told.objectives] == list(problem.objectives)


def test_the_values_of_a_target(load):
    more = 'n.spike_count = 3\nsource.spike_count = ["a", "b", "c"]'
    found = load(step=f"values.spike_count = [6.5, 7, 7.5]\n{more}")
    assert found.repeats == {"step.soma.spike_count": Repeats((6.5, 7.0, 7.5), ("a", "b", "c"))}
    assert found.problem.digest == load().problem.digest


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"step": 'held_out = ["AP_height"]'}, "held_out: unknown feature 'AP_height'"),
        ({"step": "held_out = 3"}, "held_out"),
        ({"step": "values.spike_count = [7, 8]"}, "their mean is 7.5, and that of the target 7"),
        ({"step": "values.spike_count = [7]\nn.spike_count = 2"}, "there are 1, and n says 2"),
        ({"step": "values.AP_height = [7]"}, "values: unknown feature 'AP_height'"),
        (
            {"pulse": "held_out = true", "more": COMPARE, "compare": ""},
            r"compares pulse\.soma\.maximum, which is held out, and a search would see it",
        ),
        (
            {"pulse": 'held_out = ["minimum"]', "more": COMPARE, "compare": ""},
            r"compares pulse\.soma\.minimum, which is held out",
        ),
        (
            {"more": COMPARE + COMPARE.format(compare=""), "compare": "held_out = true"},
            "is a target twice, and held out once alone",
        ),
    ],
)
def test_what_cannot_be_right(load, given, says):
    with pytest.raises(StudyError, match=says):
        load(**given)


def test_something_is_left_to_fit(load):
    with pytest.raises(StudyError, match="all of its targets are held out"):
        plan_of(load(step="held_out = true", pulse="held_out = true"))
