"""Targets that compare, read from targets.toml and scored by hand."""

import numpy as np
import pytest

from workbench.errors import StudyError
from workbench.evaluations import Measure, evaluation_of
from workbench.features import Missing, Window
from workbench.fitting import Objective, ScoreRule
from workbench.protocols import Protocol, Traces
from workbench.runs.record_aims import ObjectiveRecord
from workbench.studies import load_study

HEIGHTS = "Step3.soma.AP_height", "Step1.soma.AP_height"


@pytest.fixture
def asked(l5pc):
    """Return a function from lines of `[[compare]]` to the objectives that they add."""

    def load(*lines):
        file = l5pc / "targets.toml"
        file.write_text("\n".join([file.read_text(), "[[compare]]", *lines]))
        study = load_study(l5pc)
        return [o for o in study.problem.objectives if o.side or len(o.operands) > 1]

    return load


def test_a_difference_and_a_ratio_of_two_protocols(asked):
    first, second = HEIGHTS
    found = asked(
        f'what = "{first} - {second}"',
        "target = [-5, 2]",
        "weight = 3",
        "[[compare]]",
        f'what = "{first} / {second}"',
        "target = [0.8, 0.1]",
    )
    assert [one.name for one in found] == [f"{first} - {second}", f"{first} / {second}"]
    assert [one.target for one in found] == ["-5 ± 2, weight 3", "0.8 ± 0.1"]
    assert [one.protocols for one in found] == [("Step3", "Step1")] * 2


@pytest.mark.parametrize(
    ("what", "side", "mean", "name"),
    [
        ("{} < {}", "below", 0.0, "{} < {}"),
        ("{} > {}", "above", 0.0, "{} > {}"),
        ("{} - {} < 4", "below", 4.0, "{} - {} < 4"),
        ("{} / {} > 0.5", "above", 0.5, "{} / {} > 0.5"),
        ("{} < 30", "below", 30.0, "{} < 30"),
    ],
)
def test_relations(asked, what, side, mean, name):
    [found] = asked(f'what = "{what.format(*HEIGHTS)}"', "sd = 2")
    assert (found.side, found.mean, found.std) == (side, mean, 2.0)
    assert found.name == name.format(*HEIGHTS)
    assert ObjectiveRecord.of(found).value({}) == found


def test_a_relation_is_measured_as_the_tables_of_its_recordings_say(asked):
    [found] = asked('what = "bAP.soma.maximum_voltage > 0"', "sd = 5")
    assert (found.window.begin_ms, found.window.end_ms) == (295.0, 600.0)


def test_a_table_may_say_how_a_feature_is_measured_that_is_only_compared(l5pc):
    file = l5pc / "targets.toml"
    text = "[Step1.soma]\nwindow_ms = [10, 20]\nthreshold_mV = -30\n"
    file.write_text(f"{text}[[compare]]\nwhat = 'Step1.soma.maximum < -50'\nsd = 1\n")
    [found] = load_study(l5pc).problem.objectives
    assert found.window == Window(10.0, 20.0, -30.0)
    file.write_text(text)
    with pytest.raises(StudyError, match=r"Step1\.soma\.features: this key is missing"):
        load_study(l5pc)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (('what = "bAP.soma.AP_width"', "sd = 1"), "write 'A - B', 'A / B'"),
        (('what = "bAP.soma.AP_width<5"', "sd = 1"), "with blanks between"),
        (('what = "bAP.soma.AP_width < 5"',), "a relation takes an sd"),
        (('what = "bAP.soma.AP_width - Step1.soma.AP_width"', "sd = 1"), "takes a target"),
        (('what = "bAP.soma.AP_width < AP_width"', "sd = 1"), "'AP_width' is no feature; write"),
        (('what = "bAP.soma.AP_widht < 5"', "sd = 1"), "did you mean 'AP_width'"),
        (('what = "bAP.som.AP_width < 5"', "sd = 1"), "unknown recording 'som.v'"),
        (('what = "bPA.soma.AP_width < 5"', "sd = 1"), "unknown protocol 'bPA'"),
        (('what = "bAP.soma.AP_width < 5"', "sd = 0"), "a standard deviation above 0"),
        (('what = "bAP.soma.AP_width < nan"', "sd = 1"), "numbers of at most"),
        (('what = "bAP.soma.to.dend1.AP_width < 5"', "sd = 1"), "feature of two recordings"),
        (("wath = 5",), "compare.0.wath: unknown key 'wath'; did you mean 'what'"),
        (
            ('what = "bAP.soma.AP_width < 5"', "sd = 1", "[[Step1s]]", 'what = "A < 5"'),
            "Step1s: a list",
        ),
    ],
)
def test_mistakes(asked, l5pc, lines, says):
    with pytest.raises(StudyError) as caught:
        asked(*lines)
    assert str(caught.value).startswith(f"{l5pc / 'targets.toml'}: ")
    assert says in str(caught.value)


WINDOW = Window(0.0, 100.0)
HIGH = Measure("A", "soma", "maximum", WINDOW)
LOW = Measure("B", "soma", "maximum", WINDOW)


def measured(how, a_mV, b_mV):
    t_ms = np.arange(101.0)
    traces = {
        name: Traces(name, t_ms, {"soma.v": np.full(101, value)})
        for name, value in (("A", a_mV), ("B", b_mV))
    }
    one = Measure("A", "soma", "maximum", WINDOW, **{how: LOW})
    protocols = [Protocol(name, 100.0, (), ()) for name in "AB"]
    [first, value, last] = evaluation_of([HIGH, one, LOW], protocols, traces).measured
    assert (first, last) == (a_mV, b_mV)
    return value


def test_what_is_measured_is_the_difference_or_ratio_of_the_means():
    assert measured("minus", 30.0, 20.0) == [10.0]
    assert measured("over", 30.0, 20.0) == [1.5]
    assert measured("over", 30.0, 0.0) == Missing(
        "B.soma.maximum is 0, which nothing can be divided by"
    )


@pytest.mark.parametrize(
    ("side", "value", "score"),
    [
        ("below", -3.0, 0.0),
        ("below", 0.0, 0.0),
        ("below", 3.0, 1.5),
        ("above", -3.0, 1.5),
        ("above", 3.0, 0.0),
    ],
)
def test_a_relation_that_is_met_scores_0(side, value, score):
    one = Objective("A", "soma", "maximum", WINDOW, minus=LOW, mean=0.0, std=2.0, side=side)
    assert ScoreRule().score(one, np.array([value])) == score
