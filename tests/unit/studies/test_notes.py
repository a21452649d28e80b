"""What is odd about a problem is said once, by all that run it."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.cells import Paint, Placed
from workbench.engines import fixed_step
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Section
from workbench.protocols import EventTimes, PoissonEvents
from workbench.runs.record import ProblemRecord
from workbench.studies import load_study
from workbench.studies.notes import notes_of


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
    assert ProblemRecord.of(odd).notes == expected


def test_a_current_that_a_fixed_step_makes_longer_or_shorter(problem):
    """The pulse lasts 0.5 ms."""
    name = next(p.name for p in problem.protocols if p.name == "pulse")
    assert notes_of(replace(problem, integrator=fixed_step(0.05))) == ()
    [note] = notes_of(replace(problem, integrator=fixed_step(0.2)))
    assert f"protocol {name}: with a fixed step of 0.2 ms the current of 0.5 ms from" in note


def test_events_that_come_after_the_end(problem):
    placed = (Placed("syn", "ExpSyn", "soma(0.5)", {"weight": 1e-3}),)
    late = replace(
        problem.protocols[0].with_events(EventTimes("syn", (1.0, 2.0), 1e3)), name="late"
    )
    good = problem.protocols[0].with_events(PoissonEvents("syn", 5.0, 10.0, 100.0))
    driven = replace(problem, recipe=replace(problem.recipe, placed=placed))
    assert notes_of(replace(driven, protocols=(good,), objectives=())) == ()
    [note] = notes_of(replace(driven, protocols=(late,), objectives=()))
    assert note == (
        f"protocol late: 2 events on syn from 1001 to 1002 ms go on after its end at "
        f"{late.duration_ms:g} ms, and do nothing there"
    )


def test_a_parameter_of_what_is_placed_without_any_value(problem, tmp_path):
    (tmp_path / "leak.mod").write_text(
        "NEURON { POINT_PROCESS Leak NONSPECIFIC_CURRENT i RANGE g }\nPARAMETER { g }\n"
        "ASSIGNED { i v }\nBREAKPOINT { i = g*v }\n"
    )
    for values, expected in (({"g": 1e-3}, 0), ({}, 1)):
        recipe = replace(
            problem.recipe,
            mechanisms=(read_mechanisms(tmp_path),),
            placed=(Placed("leak", "Leak", "soma(0.5)", values),),
        )
        found = notes_of(replace(problem, recipe=recipe))
        assert len(found) == expected
    assert found[0].endswith(
        "leak.mod:2: PARAMETER g has no value, and place.leak gives it none: it is 0"
    )


def shaped(problem, *sections):
    tree = replace(problem.recipe.morphology, sections=sections)
    return replace(problem, recipe=replace(problem.recipe, morphology=tree))


def test_a_section_that_hangs_far_from_where_it_was_drawn_is_said_once_a_kind(problem):
    soma = Section("somatic", -1, 0, np.array([[0, 0, 0, 20.0], [20, 0, 0, 20]]))
    far = [
        Section("basal", 0, 0.5, np.array([[x, 0, 0, 1.0], [x + 50, 0, 0, 1]])) for x in (80, 90)
    ]
    [note] = notes_of(shaped(problem, soma, *far))
    assert "dend[0] was drawn 50.0 um away from soma[0](0.5)" in note
    assert note.endswith("(1 more of this kind)")


def test_what_is_painted_where_there_is_no_section(problem):
    recipe = problem.recipe
    painted = replace(
        recipe,
        inserted=(*recipe.inserted, ("apical", "pas")),
        paint=(*recipe.paint, Paint("g_pas", "apical", 1e-4)),
    )
    [note] = notes_of(replace(problem, recipe=painted))
    assert note == "the cell has no apical section: pas, g_pas of this region are without effect"
