"""What is odd about a problem is said once, by all that run it."""

from dataclasses import replace

import pytest

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
