"""What is odd about a problem is said once, by all that run it."""

from dataclasses import replace

import pytest

from workbench.engines import fixed_step
from workbench.studies import load_study
from workbench.studies.notes import notes_of
from workbench.studies.provenance import describe


@pytest.fixture
def problem():
    return load_study("hodgkin_huxley").problem


def test_a_sound_study_has_none(problem):
    assert notes_of(problem) == ()


def test_what_the_reader_of_a_morphology_noted_is_said_and_kept(problem):
    morphology = replace(problem.recipe.morphology, notes=("line 2: zero diameter",) * 2)
    odd = replace(problem, recipe=replace(problem.recipe, morphology=morphology))
    expected = (f"morphology {morphology.name}: line 2: zero diameter",)
    assert notes_of(odd) == expected
    assert describe(odd)["notes"] == list(expected)


def test_a_current_that_a_fixed_step_makes_longer_or_shorter(problem):
    """The pulse lasts 0.5 ms."""
    name = next(p.name for p in problem.protocols if p.name == "pulse")
    assert notes_of(replace(problem, integrator=fixed_step(0.05))) == ()
    [note] = notes_of(replace(problem, integrator=fixed_step(0.2)))
    assert f"protocol {name}: with a fixed step of 0.2 ms the current of 0.5 ms from" in note
