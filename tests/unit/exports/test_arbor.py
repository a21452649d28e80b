"""A cell as Arbor has it: its pieces have the cell's shape, each segment has its values once."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.exports.models import small_study
from tests.unit.exports.small_problem import VALUES
from workbench.exports.arbor.component import components
from workbench.exports.arbor.pieces import Pieces, pieces_of
from workbench.exports.formats import format_named
from workbench.exports.model import Model, model_of


@pytest.fixture
def model(tmp_path: Path) -> Model:
    study = small_study(tmp_path)
    return model_of(study, VALUES, "known", study.protocols, format_named("arbor").cvode)


@pytest.fixture
def pieces(model: Model) -> Pieces:
    return pieces_of(model)


def test_lengths_are_those_of_the_segments(model: Model, pieces: Pieces) -> None:
    counts = model.recipe.segment_counts
    for (section, _), numbers in pieces.of.items():
        ends = [(pieces.pieces[one].begin, pieces.pieces[one].end) for one in numbers]
        length_um = sum(float(np.linalg.norm(end[:3] - begin[:3])) for begin, end in ends)
        whole_um = model.recipe.morphology.sections[section].length_um
        assert length_um == pytest.approx(whole_um / counts[section], rel=1e-6)


def test_areas_are_those_of_neuron(model: Model, pieces: Pieces) -> None:
    """The side of a frustum is pi (r + R) sqrt(h^2 + (R - r)^2), for NEURON too."""
    area_um2 = 0.0
    for piece in pieces.pieces:
        begin, end = piece.begin, piece.end
        side_um = np.hypot(np.linalg.norm(end[:3] - begin[:3]), end[3] - begin[3])
        area_um2 += np.pi * (begin[3] + end[3]) * side_um
    sections = model.recipe.morphology.sections
    whole_um2 = sum(float(one.areas_um2(np.array([0.0, 1.0])).sum()) for one in sections)
    assert area_um2 == pytest.approx(whole_um2, rel=1e-5)


def test_a_piece_stands_behind_its_parent_and_has_its_place_as_number(pieces: Pieces) -> None:
    assert [piece.number for piece in pieces.pieces] == list(range(len(pieces.pieces)))
    assert all(piece.parent < piece.number for piece in pieces.pieces)
    written = [piece.number for _, branch in pieces.branches() for piece in branch]
    assert written == list(range(len(pieces.pieces)))


def test_a_branch_ends_where_it_forks(pieces: Pieces) -> None:
    parents = [parent for parent, _ in pieces.branches() if parent >= 0]
    assert all(parents.count(parent) > 1 for parent in parents)


def test_a_child_of_the_middle_grows_from_the_piece_that_ends_there(
    model: Model, pieces: Pieces
) -> None:
    sections = model.recipe.morphology.sections
    first = {n: pieces.pieces[pieces.of[n, 0][0]].parent for n in range(len(sections))}
    joined = {n for n, one in enumerate(sections) if one.parent == 0 and one.parent_x == 0.5}
    assert joined
    assert {first[n] for n in joined} == {pieces.middle[0, 0]}
    ended = {n for n, one in enumerate(sections) if one.parent == 0 and one.parent_x == 1.0}
    assert {first[n] for n in ended} <= {pieces.of[0, model.recipe.segment_counts[0] - 1][-1]}


def test_each_mechanism_is_painted_once_in_each_of_its_segments(
    model: Model, pieces: Pieces
) -> None:
    decor = components(model, pieces)["decor"]
    tags = {piece.number: piece.tag for piece in pieces.pieces}
    painted = []
    for where in re.findall(r"\(paint (.*) \(density \(mechanism \"hh\"", decor):
        chosen = {int(tag) for tag in re.findall(r"\(tag (\d)\)", where)}
        painted += [number for number, tag in tags.items() if tag in chosen]
        painted += map(int, re.findall(r"\(segment (\d+)\)", where))
    assert sorted(painted) == list(range(len(pieces.pieces)))
    assert decor.count("(") == decor.count(")")


def test_what_arbor_has_not_is_named_at_once(model: Model) -> None:
    said = list(format_named("arbor").obstacles(model))
    assert [one.partition(":")[0] for one in said] == [
        "placed syn",
        "protocol Clamp",
        "protocol Clamp",
        "protocol Clamp",
        "protocol Driven",
    ]


def test_mechanisms_that_arbor_has_not_are_one_sentence(model: Model) -> None:
    inserted = (*model.recipe.inserted, ("all", "fastpas"), ("all", "extracellular"))
    other = replace(model, recipe=replace(model.recipe, inserted=inserted))
    said = next(iter(format_named("arbor").obstacles(other)))
    assert said.startswith("mechanisms extracellular, fastpas: Arbor comes with pas, hh, Ca")
