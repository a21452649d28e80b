"""`[[stage]]` in study.toml: what it is read as, and what is said of mistakes."""

import pytest

from workbench.errors import InputError, StudyError
from workbench.studies import load_study, plan_of

STUDY = """\
title = "Stages"
base = "hodgkin_huxley"

[fit]
algorithm = "nsga2"
population = 12
generations = 7
seed = 4
"""
FIRST = """
[[stage]]
name = "first"
free = ["gl_hh.*"]
targets = ["pulse.soma.m*"]
search = "least-squares"
others = "published"
"""
SECOND = """
[[stage]]
name = "second"
seeds = 2
begin = 3
"""


@pytest.fixture
def write(tmp_path):
    def written(*stages):
        (tmp_path / "study.toml").write_text("".join([STUDY, *stages]))
        return load_study(tmp_path)

    return written


def test_what_is_not_said_is_that_of_the_fit(write):
    first, second = write(FIRST, SECOND).stages
    assert first.free == ("gl_hh.all",)
    assert first.targets == ("pulse.soma.maximum", "pulse.soma.minimum")
    assert (first.population, first.generations) == (3, 50)
    assert first.others["gnabar_hh.all"] == pytest.approx(0.12)
    assert (second.search, second.population, second.generations) == ("nsga2", 12, 7)
    assert len(second.free) == 3
    assert len(second.targets) == 4
    assert second.others == first.others


def test_a_plan_has_all_of_them(write):
    plan = plan_of(write(FIRST, SECOND))
    assert (plan.generations, plan.population, plan.seed) == (64, 12, 4)
    assert [(one.stage, one.begin, one.end) for one in plan.segments] == [
        ("first", 0, 50),
        ("second", 50, 57),
        ("second", 57, 64),
    ]
    assert "first: least-squares 3 x 50; second: nsga2 12 x 7 x 2 seeds" in plan.words
    assert plan_of(write(FIRST, SECOND), seed=9).seed == 9
    assert plan_of(write(FIRST, SECOND), algorithm="ibea").stages == ()


@pytest.mark.parametrize("word", ["population", "generations", "seeds"])
def test_stages_say_themselves_how_large_they_are(write, word):
    with pytest.raises(InputError, match=f"say their {word} themselves"):
        plan_of(write(FIRST, SECOND), **{word: 3})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"gl_hh.*"', '"gl.*"'), "unknown parameter 'gl.*'"),
        (('"pulse.soma.m*"', '"pulse.x"'), "unknown target 'pulse.x'"),
        (("least-squares", "least-square"), "did you mean 'least-squares'?"),
        (("least-squares", "steady-ibea"), "unknown search of a stage 'steady-ibea'"),
        (('others = "published"', ""), "nothing tells the value of gnabar_hh.all, gkbar_hh.all"),
        (('"published"', '"publish"'), "unknown parameter set 'publish'"),
        (('others = "published"', 'others = "published"\nbegin = 2'), "it is the first stage"),
        (
            ('others = "published"', 'others = "published"\npopulation = 2'),
            "leave population and options out",
        ),
        (('name = "first"', 'name = "second"'), "two stages have this name"),
        (('name = "first"', ""), "stage"),
    ],
)
def test_mistakes(write, change, said):
    first = FIRST.replace(*change)
    assert first != FIRST
    with pytest.raises(StudyError) as raised:
        write(first, SECOND)
    assert said in str(raised.value)


def test_several_seeds_without_stages(write):
    plan = plan_of(write(), seeds=3, generations=2)
    assert [(one.begin, one.end) for one in plan.segments] == [(0, 2), (2, 4), (4, 6)]
    assert plan_of(write(), seeds=1).stages == ()
    for seeds in (0, 2000):
        with pytest.raises(InputError, match="seeds"):
            plan_of(write(), seeds=seeds)
    with pytest.raises(InputError, match="search with several seeds"):
        plan_of(write(), seeds=2, algorithm="steady-ibea")
