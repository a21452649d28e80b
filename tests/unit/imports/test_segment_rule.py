"""The rule that is found cuts every section as the file did, where a study has such a rule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cells import DLambda, MaximalLength
from workbench.cells.segments import segment_counts
from workbench.imports.geometry import segment_rule
from workbench.morphology import random_tree
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from

TREE = random_tree(seed=3)
Ra, CM = (100.0,) * len(TREE), (1.0,) * len(TREE)


def counts_of(rule):
    return segment_counts(rule, TREE, Ra, CM)


def again(counts):
    return segments_from(SegmentsTable.model_validate(segment_rule(TREE, counts, Ra, CM)))


@settings(max_examples=30, deadline=None)
@given(st.floats(2, 500))
def test_a_maximal_length(length_um):
    counts = counts_of(MaximalLength(length_um))
    rule = again(counts)
    assert counts_of(rule) == counts


def test_a_usual_length_is_found_as_it_is():
    assert again(counts_of(MaximalLength(40.0))) == MaximalLength(40.0)


def test_d_lambda():
    counts = counts_of(DLambda(0.1, 100.0))
    rule = again(counts)
    assert counts_of(rule) == counts


def test_another_length_in_a_region():
    counts = list(counts_of(MaximalLength(40.0)))
    counts[0] = 21
    rule = again(tuple(counts))
    assert counts_of(rule) == tuple(counts)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=len(TREE), max_size=len(TREE)))
def test_any_numbers(counts):
    assert counts_of(again(counts)) == tuple(counts)


def test_what_most_sections_have_is_said_once():
    counts = list(counts_of(MaximalLength(40.0)))
    counts[5] = 4
    table = segment_rule(TREE, counts, Ra, CM)
    assert table["max_length_um"] == 40
    assert table.keys() == {"max_length_um", TREE.names[5]}
