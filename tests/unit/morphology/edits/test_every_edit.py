"""What every edit owes: a tree, a record that makes it again, and a message where it cannot."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.seeded import shapes
from workbench.errors import InputError
from workbench.morphology import EDITS, edit_morphology, scale_lengths

CASES = [
    "scale-lengths all=1.5",
    "scale-lengths basal=0.5",
    "scale-diameters region=apical,factor=2",
    "prune-order all=1",
    "prune-distance all=40",
    "prune-diameter all=2",
    "prune-terminals all=0.5,seed=3",
    "prune-terminals region=all,share=0.3,seed=3,rounds=2",
    "remove-subtree section=axon[0]",
    "taper region=basal,start_um=2,end_um=0.5",
    "taper region=all,start_um=2,end_um=0.5,law=exponential,over_um=50",
    "rall-diameters region=all,tip_um=0.7",
    "resample all=3",
    "smooth region=all,rounds=2",
    "jitter region=apical,sd_um=0.5,seed=4",
    "rotate axis=z,angle_deg=30",
    "mirror axis=x",
    "undo-shrinkage z=1.5,x=1.1",
    "merge-only-children",
    "split section=dend[0]",
    "swap-subtrees section=dend[0],other=apic[0]",
    "reassemble section=axon[0],tree=1",
    "stub-axon",
    "stub-axon like=hay",
    "stub-axon allen-all-active",
    "taper-axon start_um=2,end_um=1",
    "graft file=two_compartments,subtree_of=apic[0]",
    "add-spines region=apical,x=0.5,neck_um=0.1",
    "add-spines region=all,density_per_um=0.1,seed=5,neck_MOhm=500",
    "add-pipette resistance_MOhm=17,capacitance_pF=2",
    "add-pipette onto=soma[0],x=1,resistance_MOhm=50,capacitance_pF=5,widening=1,cylinders=3",
    "remove-axon",
    "replace-axon",
    "replace-axon length_um=50,diameters_um=1.5:1,soma_x=0.5",
]


def test_every_edit_has_a_case():
    assert {case.partition(" ")[0] for case in CASES} == set(EDITS)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=25, deadline=None)
@given(cell=shapes())
def test_it_is_kept_in_words_that_make_it_again(case, cell):
    before = cell.digest
    after = edit_morphology(cell, case)
    assert cell.digest == before
    [words] = after.edits
    assert words.partition(" ")[0] == case.partition(" ")[0]
    assert edit_morphology(cell, words) == after
    assert after.name == "drawn"
    twice = scale_lengths(after, region="all", factor=1.25)
    assert edit_morphology(cell, *twice.edits) == twice


@pytest.mark.parametrize("case", CASES)
def test_what_it_is_given_has_a_meaning(case):
    edit = EDITS[case.partition(" ")[0]]
    assert re.match(r"(with|without) ", edit.about), edit.about
    assert all(one.meaning for one in edit.arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scale-length apical=2", "unknown edit 'scale-length'; did you mean 'scale-lengths'"),
        ("scale-lengths", "scale-lengths: region, factor is missing"),
        ("scale-lengths apical", "factor is missing"),
        ("scale-lengths apical=two", "factor must be a number .given: 'two'"),
        ("scale-lengths apical=1,fctor=2", "unknown argument 'fctor'; did you mean 'factor'"),
        ("scale-lengths apcal=2", "unknown region 'apcal'; did you mean 'apical'"),
        ("scale-lengths apical=0", "factor is 0, it must lie between 0.001 and 1000"),
        ("scale-lengths apical=nan", "factor is nan, it must be a finite number"),
        ("prune-order apical=1.5", "order must be a whole number"),
        ("prune-terminals apical=2", "share is 2, it must lie between 0 and 1"),
        ("remove-subtree soma[0]", r"soma\[0\] is the root of 'cell'"),
        ("remove-subtree dend[9]", "unknown section 'dend.9.'"),
        ("prune-distance apical=1 s", "cannot be read in um"),
        ("replace-axon diameters_um=1", "diameters_um must be 2 numbers, such as 1:0.5"),
    ],
)
def test_mistakes_are_told(cell, text, message):
    with pytest.raises(InputError, match=message):
        edit_morphology(cell, text)


@settings(deadline=None)
@given(shapes(), st.floats(0.25, 4))
def test_lengths_scaled_and_scaled_back(cell, factor):
    longer = scale_lengths(cell, region="all", factor=factor)
    lengths = [[s.length_um for s in one.sections] for one in (longer, cell)]
    assert lengths[0] == pytest.approx([factor * length for length in lengths[1]], rel=1e-4)
    back = scale_lengths(longer, region="all", factor=1 / factor)
    for old, new in zip(cell.sections, back.sections, strict=True):
        np.testing.assert_allclose(new.points, old.points, atol=1e-3)
        assert (new.region, new.parent, new.parent_x) == (old.region, old.parent, old.parent_x)
