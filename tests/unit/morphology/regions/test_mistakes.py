"""What can be wrong with a named region, and what is said then."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.morphology.regions.test_asking import TREE
from workbench.errors import MorphologyError


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("apcal", "unknown name 'apcal'; did you mean 'apical'"),
        ("distnce_um > 3", "unknown name 'distnce_um'; did you mean 'distance_um'"),
        ("named", "unknown name 'named'.*A region may name those before it; named is not"),
        ("later", "unknown name 'later'.*A region may name those before it; later is not"),
        ("path('later@30um')", "unknown region 'later'"),
        ("apical > 3", "'apical' is no number. Allowed: numbers, distance_um"),
        ("distance_um", "'distance_um' is neither a region nor a comparison. Allowed: somatic"),
        ("apical and 3", "'3' is neither a region nor a comparison"),
        ("apical and True", "'True' is neither"),
        ("order > True", "'True' is no number"),
        ("distance_um == 3", "== and != are for order and strahler"),
        ("order is 3", "compares with other signs than < <= > >= == !="),
        ("x_um**0.5 > 3", "a power is a whole number from 0 to 8"),
        ("x_um**99 > 3", "a power is a whole number from 0 to 8"),
        ("path(apical)", r"path takes one text, as in path\('apical@620um'\)"),
        ("subtree('apic[9]')", "unknown section 'apic.9.' of 'tree'; it has apic.0. to apic.3."),
        ("apic[9]", "unknown section 'apic.9.'"),
        ("axon[0]", "unknown section 'axon.0.'"),
        ("soma[x]", "'soma.x.' is neither"),
        ("path('apical@900um')", "no apical section at 900 um from soma.0.5.; the farthest end"),
        ("path('nowhere')", "'nowhere' is not a site"),
        ("__import__('os').system('true')", "is neither a region nor a comparison"),
        ("(lambda: apical)()", "is neither"),
        ("apical if basal else axonal", "is neither"),
        ("order > 1e999 ** 2 - open('f')", "is no number"),
        ("", "it does not parse"),
        ("apical and", "it does not parse"),
        ("apical \0", "it does not parse|null"),
        ("not " * 400 + "apical", "it has more than 1000 characters"),
        ("(" * 300 + "apical" + ")" * 300, "nested"),
        (f"order > {'9' * 900}", "a number is too large"),
        ([], "give an expression, a list of them, or both under where"),
        (3, "give an expression, a list of them"),
        ({"where": "apical", "cut": "yes"}, "give an expression, a list of them"),
        ({"where": "apical", "cuts": True}, "unknown key 'cuts'; did you mean 'cut'"),
        ({"cut": True}, "give an expression, a list of them"),
    ],
)
def test_an_expression_that_cannot_be_used_is_told(where, message):
    with pytest.raises(MorphologyError, match=message) as caught:
        TREE.with_regions({"named": where, "later": "basal"})
    assert "region 'named'" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "all",
        "apical",
        "apic",
        "soma",
        "apic[3]",
        "distance_um",
        "tips",
        "path",
        "not",
        "a b",
        "3d",
    ],
)
def test_a_name_that_means_something_else_is_refused(name):
    with pytest.raises(MorphologyError, match=r"a region is called .*; take letters, digits and _"):
        TREE.with_regions({name: "basal"})


def test_another_region_is_unknown_with_all_that_there_are():
    cell = TREE.with_regions({"tuft": "apical and tips"})
    with pytest.raises(MorphologyError, match=r"unknown region 'tufft'; did you mean 'tuft'"):
        cell.indices("tufft")
    with pytest.raises(MorphologyError, match=r"Allowed: all, apical, axonal, basal, somatic$"):
        TREE.indices("tuft")


@given(st.text(max_size=30))
def test_any_text_is_a_region_or_refused(text):
    with suppress(MorphologyError):
        TREE.with_regions({"named": text})
