"""`what` of expected.toml: comparisons in the words of targets.toml, on made traces."""

import shutil

import numpy as np
import pytest

from workbench.engines import Failure, FailureKind
from workbench.errors import StudyError
from workbench.protocols import Traces
from workbench.resources import shipped
from workbench.studies import converge, load_expected, load_study, reproduce
from workbench.workers.task import Answer

PEAKS_mV = {("step", "soma.v"): 30.0, ("step", "end.v"): -20.0, ("pulse", "soma.v"): 10.0}
"""Of hills from -70 mV; the others stay there."""


class Hills:
    """Workers whose every recording is a hill."""

    def __init__(self):
        self.simulated = []

    def run(self, task, rows):
        for row in range(len(rows)):
            protocol = task.jobs[row].protocol
            self.simulated.append(protocol.name)
            t_ms = np.arange(0.0, protocol.duration_ms + 0.5, 0.5)
            hill = np.clip(1 - np.abs(t_ms - 20) / 10, 0, None)
            recorded = {
                one.name: -70 + (PEAKS_mV.get((protocol.name, one.name), -70.0) + 70) * hill
                for one in protocol.recordings
            }
            yield Answer(row, "here", 0.0, Traces(protocol.name, t_ms, recorded), again=False)


@pytest.fixture
def study(tmp_path):
    """Return the folder of a patch with a second recording."""
    folder = tmp_path / "patch"
    shutil.copytree(shipped("optimizations") / "hodgkin_huxley", folder)
    file = folder / "protocols.toml"
    both = '{ soma = "soma(0.5)", end = "soma(1)" }'
    file.write_text(file.read_text().replace('{ soma = "soma(0.5)" }', both))
    return folder


@pytest.fixture
def asked(study):
    """Return a function from keys to the numbers of an expected.toml."""

    def load(what, *lines):
        head = ["[[number]]", 'name = "n"', 'source = "by hand"', 'params = "published"']
        text = "\n".join([*head, f'what = "{what}"', *lines])
        (study / "expected.toml").write_text(text)
        return load_expected(load_study(study))

    return load


@pytest.mark.parametrize(
    ("what", "value", "simulated"),
    [
        ("step.soma.maximum", 30.0, ["step"]),
        ("step.soma.to.end.attenuation", 100 / 50, ["step"]),
        ("step.soma.maximum - step.end.maximum", 50.0, ["step"]),
        ("step.soma.maximum - pulse.soma.maximum", 20.0, ["step", "pulse"]),
        ("pulse.soma.maximum / step.soma.maximum", 1 / 3, ["pulse", "step"]),
        ("step.soma.to.end.attenuation - step.end.to.soma.attenuation", 1.5, ["step"]),
    ],
)
def test_what_is_compared(asked, what, value, simulated):
    numbers = asked(what, f"values = [{value}]", "tolerance = 1e-9")
    workers = Hills()
    [result] = reproduce(numbers, workers)
    assert result.found == (pytest.approx(value),)
    assert result.holds
    assert workers.simulated == simulated


def test_a_relation_is_a_lower_bound_of_a_difference(asked):
    for what, holds in (("step.{} - pulse.{}", True), ("pulse.{} - step.{}", False)):
        numbers = asked(what.format("soma.maximum", "soma.maximum"), "at_least = 0")
        [result] = reproduce(numbers, Hills())
        assert result.holds is holds


def test_a_window_and_a_threshold_hold_for_both(asked):
    [number] = asked(
        "step.soma.spike_count - pulse.soma.spike_count",
        "values = [0]",
        "window_ms = [5, 30]",
        "threshold_mV = -10",
        "integrator = { cvode_atol = 1e-5 }",
    )
    for part in number.measure.operands:
        assert (part.window.begin_ms, part.window.end_ms) == (5, 30)
        assert part.window.threshold_mV == -10
    assert {job.integrator.atol for job in number.jobs} == {1e-5}
    [tight] = converge([number], Hills())
    assert tight.converged == (0.0,)


def test_a_failure_of_either_is_the_reason(asked):
    numbers = asked("step.soma.maximum - pulse.soma.maximum", "values = [20]")

    class Failing(Hills):
        def run(self, task, rows):
            first, _ = super().run(task, rows)
            yield first
            yield Answer(1, "here", 0.0, Failure(FailureKind.ABSURD, "1e9 mV"), again=False)

    [result] = reproduce(numbers, Failing())
    assert (result.found, result.reason) == ((), "1e9 mV")


@pytest.mark.parametrize(
    ("what", "lines", "says"),
    [
        ("step.soma.maximum < pulse.soma.maximum", (), "'A > B', is 'A - B' with at_least = 0"),
        ("step.soma.maximum-pulse.soma.maximum", (), "is no feature; write"),
        ("step.soma.maximun", (), "unknown feature 'maximun'; did you mean 'maximum'"),
        ("stop.soma.maximum", (), "unknown protocol 'stop'; did you mean 'step'"),
        ("step.sima.maximum", (), "unknown recording 'sima.v'"),
        ("step.soma.cai", (), "unknown feature 'cai'"),
        ("soma.maximum", (), "'soma.maximum' is no feature; write <protocol>.<recording>"),
        ("step.soma.maximum", ('protocol = "step"', "take = 0"), "takes no protocol, take"),
        ("step.soma.maximum", ('feature = "maximum"',), "give a feature or what"),
        ("step.soma.maximum", ('variable = "cai"',), "unknown recording 'soma.cai'"),
        ("step.soma.maximum", ("window_ms = [0, 1000]",), "but the protocol ends at"),
        ("step.soma.maximum", ("parameters.amplitude = 2",), "unknown parameter 'amplitude'"),
    ],
)
def test_mistakes(asked, study, what, lines, says):
    with pytest.raises(StudyError) as caught:
        asked(what, "values = [1]", *lines)
    assert str(caught.value).startswith(f"{study / 'expected.toml'}: n: ")
    assert says in str(caught.value)


def test_without_what_there_is_a_protocol(study):
    file = study / "expected.toml"
    text = '[[number]]\nname = "n"\nsource = "s"\nfeature = "maximum"\nvalues = [1]\n'
    file.write_text(text)
    with pytest.raises(StudyError, match="n: protocol: this key is missing"):
        load_expected(load_study(study))
    file.write_text(f'{text}protocol = "step"\nvariable = "v"\n')
    with pytest.raises(StudyError, match="variable: only with what"):
        load_expected(load_study(study))
