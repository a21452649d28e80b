"""Shapes made anew with other arguments of their generator and edits; shapes as texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MorphologyError
from workbench.morphology import (
    arguments_of,
    binary_trees,
    edit_morphology,
    generate_morphology,
    load_morphology,
    topology,
    varied,
)

TREE = "binary-tree tips=5,number=2,length_um=900"


@given(st.integers(1, 3), st.floats(10, 5000), st.floats(0.2, 5))
def test_a_shape_made_anew_is_the_one_made_at_once(number, length_um, factor):
    text = "scale-diameters region=basal,factor={}"
    first = edit_morphology(generate_morphology(TREE), text.format(1.5))
    values = {
        "morphology.number": number,
        "morphology.length_um": length_um,
        "edit.scale-diameters.factor": factor,
    }
    made = generate_morphology(f"binary-tree tips=5,number={number},length_um={length_um!r}")
    again = varied(first, values)
    assert again == edit_morphology(made, text.format(factor))
    assert again.edits == (text.format(factor),)
    assert varied(again, {}) == again


def test_edits_of_one_name_have_numbers_and_texts_have_units():
    twice = edit_morphology(
        load_morphology("two_compartments"), "scale-lengths all=2", "scale-lengths apical=1"
    )
    assert {"edit.1.factor", "edit.2.factor"} <= set(arguments_of(twice))
    assert not any(name.startswith("morphology.") for name in arguments_of(twice))
    longer = varied(twice, {"edit.2.factor": 3})
    assert longer.length_um("apical") == pytest.approx(3 * twice.length_um("apical"))
    assert longer.length_um("somatic") == pytest.approx(twice.length_um("somatic"))
    stick = generate_morphology("ball-and-stick soma_um=20,length_um=200,diameter_um=2")
    assert varied(stick, {"morphology.length_um": "1 mm"}).length_um("basal") == 1000


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"morphology.lenght_um": 1}, "unknown argument .*did you mean 'morphology.length_um'"),
        ({"edit.taper.power": 1}, "unknown argument"),
        ({"morphology.number": 9}, "binary-tree: number is 9: .* numbered 1 to 3"),
        ({"morphology.number": 1.5}, "number must be a whole number"),
        ({"morphology.length_um": "1 mV"}, "mV"),
    ],
)
def test_what_cannot_be_is_named(values, said):
    with pytest.raises(MorphologyError, match=said):
        varied(generate_morphology(TREE), values)


@given(st.integers(2, 9), st.data())
def test_the_text_of_a_binary_tree_is_its_bracket_string(tips, data):
    number = data.draw(st.integers(1, len(binary_trees(tips))))
    tree = generate_morphology(f"binary-tree tips={tips},number={number},length_um=500")
    assert topology(tree) == str(binary_trees(tips)[number - 1])


def test_the_text_of_other_trees():
    assert topology(load_morphology("patch")) == ""
    assert topology(generate_morphology("chain count=3,length_um=10,diameter_um=1")) == "1"
    stems = generate_morphology("random-tree seed=1,stems=3,fork=0")
    assert topology(stems) == "1 1 1"
