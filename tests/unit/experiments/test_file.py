"""What an experiment's file says, and what it cannot say."""

import pytest

from workbench.errors import StudyError
from workbench.experiments.file import read_experiment
from workbench.studies import EngineChoice

LEAST = 'study = "hh"\nprotocols = ["step"]\nmeasures = ["soma.v.Spikecount"]\n'


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "e.toml").write_text(text)
        return read_experiment(tmp_path / "e.toml")

    return read


def test_dotted_keys_need_no_quotes(read):
    factors = '[factors]\nstep.amplitude_nA = [1, "2 nA"]\n"g.all" = [0.5]\nstep.delay_ms = [5]\n'
    assert read(LEAST + factors).levels() == {
        "step.amplitude_nA": [1, "2 nA"],
        "step.delay_ms": [5],
        "g.all": [0.5],
    }
    rows = '[[rows]]\ncell = "hh"\nstep.delay_ms = 5\n[[rows]]\n"step.delay_ms" = 6\n'
    assert read(LEAST + rows).table() == [
        {"cell": "hh", "step.delay_ms": 5},
        {"step.delay_ms": 6},
    ]


def test_engines_are_words_or_named_words(read):
    words = read(f'{LEAST}engine = "coreneuron"\n[factors]\nengine = ["neuron", "auto"]\n')
    assert words.choice() == EngineChoice("coreneuron")
    assert words.levels() == {"engine": ["neuron", "auto"]}
    named = read(f"{LEAST}engine = {{ dt = 0.1 }}\n[factors.engine]\nfine = {{ cvode = 1e-5 }}\n")
    assert named.choice() == EngineChoice(dt=0.1)
    assert named.levels() == {"engine": {"fine": EngineChoice(cvode=1e-5)}}


def test_cells_have_what_the_file_says_unless_they_say_it(read):
    cells = read(f'params = "p"\n{LEAST}[cells.a]\n[cells.b]\nstudy = "l5pc"\nmorphology = "m"\n')
    found = cells.each_cell()
    assert (found["a"].study, found["a"].params, found["a"].morphology) == ("hh", "p", None)
    assert (found["b"].study, found["b"].params, found["b"].morphology) == ("l5pc", "p", "m")
    assert list(read(LEAST.replace('"hh"', '"studies/hh"')).each_cell()) == ["hh"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LEAST.replace("study", "studi"), r"e\.toml: .*studi"),
        (LEAST.replace('study = "hh"\n', ""), "there is no study; name one with study = 'NAME'"),
        (LEAST.replace('study = "hh"\n', "") + "[cells.a]\n", "cells.a has no study"),
        (LEAST.replace('["step"]', "[]"), "protocols"),
        (f"{LEAST}window_ms = [1]\n", "window_ms"),
        (f"{LEAST}[factors]\ng = 1\n", r"factors\.g"),
        (f"{LEAST}[factors.engine]\nfine = [1]\n", r"factors\.engine\.fine is a list"),
        (f"{LEAST}[factors.step]\namplitude_nA = {{ dt = 1 }}\n", r"step\.amplitude_nA is a table"),
        ("protocols = [", "e.toml"),
    ],
)
def test_what_cannot_be_names_the_key(read, text, said):
    with pytest.raises(StudyError, match=said):
        read(text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StudyError, match="there is no such file; an experiment is a TOML file"):
        read_experiment(tmp_path / "e.toml")
