"""What a named region holds is what brute force finds: its expression, place by place."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.cells import known_cell
from tests.unit.morphology.seeded import shapes
from tests.unit.morphology.shapes import cylinder_trees, forked_trees
from workbench.errors import MorphologyError
from workbench.morphology import (
    REGIONS,
    Cylinder,
    Morphology,
    NamedRegion,
    Section,
    cylinder_tree,
    load_morphology,
    shape_of,
)
from workbench.morphology.regions.asking import cuts_of
from workbench.morphology.regions.branching import branching_of

NEAR_um = 5e-3
NUMBERS = ["distance_um", "x_um", "y_um", "z_um", "radial_um", "local_diameter_um", "length_um"]
NUMBERS += ["diameter_um", "abs(x_um)", "x_um - y_um / 2", "distance_um * local_diameter_um"]

atoms = st.one_of(
    st.sampled_from([*REGIONS, "tips", "soma[0]", "subtree('soma[0]')", "path('soma(1)')"]),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(NUMBERS),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.integers(-20, 80),
    ),
    st.builds("{} < radial_um + 2 < {}".format, st.integers(0, 30), st.integers(20, 90)),
    st.builds("x_um**2 + z_um**2 < {}".format, st.integers(0, 4000)),
)
expressions = st.recursive(
    atoms,
    lambda one: st.one_of(
        st.builds("({} and {})".format, one, one),
        st.builds("({} or {})".format, one, one),
        st.builds("not ({})".format, one),
    ),
    max_leaves=4,
)


def truth(cell, index, x, expression):
    """Return whether an expression holds at a place, as Python has it."""
    section, root = cell.sections[index], cell.sections[0]
    at = x * section.length_um
    here = [np.interp(at, section.arcs_um, column) for column in section.points.T]
    middle = [np.interp(root.length_um / 2, root.arcs_um, column) for column in root.points.T]
    names = dict(zip(("x_um", "y_um", "z_um", "local_diameter_um"), here, strict=True))
    names |= {region: section.region == region for region in REGIONS}
    ends = [child for child in cell.children[index] if cell.sections[child].parent_x == 1]
    names |= {
        "distance_um": float(cell.path_distance_um(index, x)),
        "radial_um": float(np.linalg.norm(np.subtract(here[:3], middle[:3]))),
        "length_um": section.length_um,
        "diameter_um": cell.diameter_um(index),
        "tips": section.region != "somatic" and not ends,
        "soma": [index == 0],
        "subtree": lambda name: True,
        "path": lambda site: False,
    }
    return bool(eval(expression, {"abs": abs}, names))


def truths(cell, index, expression, begin, end):
    # Uneven, since a single place may differ: that at no distance from the middle.
    shares = (np.arange(12) + 0.381966) / 12
    return {truth(cell, index, x, expression) for x in begin + shares * (end - begin)}


def asked(cell, expression):
    """Return a cell with a region `named`, not cut, and where it would be."""
    region = NamedRegion("named", expression, cut=True)
    cell = replace(cell, regions=(region,))
    try:
        return cell, cuts_of(cell, cell.regions, region)
    except MorphologyError as error:
        assume("the root is not cut" not in str(error))
        raise


@settings(max_examples=60, deadline=None)
@given(shapes() | forked_trees(), expressions)
def test_it_holds_the_sections_at_all_of_which_the_expression_is_true(cell, expression):
    named, cuts = asked(cell, expression)
    assume(not cuts)
    held = named.indices("named")
    for index in range(len(cell)):
        margin = NEAR_um / cell.sections[index].length_um
        found = truths(cell, index, expression, margin, 1 - margin)
        assert found == {index in held}, (cell.names[index], expression)


@settings(max_examples=60, deadline=None)
@given(shapes() | forked_trees(), expressions)
def test_it_ends_where_the_truth_changes_and_nowhere_else(cell, expression):
    _, cuts = asked(cell, expression)
    for index, places in cuts.items():
        margin = NEAR_um / cell.sections[index].length_um
        parts = []
        for begin, end in pairwise([0.0, *places, 1.0]):
            assert end - begin > 1e-3 / cell.sections[index].length_um * 0.99
            if end - begin > 4 * margin:
                found = truths(cell, index, expression, begin + margin, end - margin)
                assert len(found) == 1, (cell.names[index], places, expression)
                parts.append(found.pop())
        if len(parts) == len(places) + 1:
            assert all(one != other for one, other in pairwise(parts))


@settings(max_examples=40, deadline=None)
@given(shapes() | forked_trees(), expressions, expressions)
def test_a_cut_keeps_lengths_areas_names_and_other_regions(cell, expression, other):
    try:
        whole = cell.with_regions({"other": other})
        before = [whole.uncut_names[index] for index in whole.indices("other")]
        cut = whole.with_regions({"named": {"where": expression, "cut": True}})
    except MorphologyError:
        assume(False)
    for region in REGIONS:
        assert cut.length_um(region) == pytest.approx(cell.length_um(region), rel=1e-5)
        assert cut.area_um2(region) == pytest.approx(cell.area_um2(region), rel=1e-4)
        kept = [cut.uncut_names[index] for index in cut.indices(region)]
        assert list(dict.fromkeys(kept)) == [cell.names[index] for index in cell.indices(region)]
    assert list(dict.fromkeys(cut.uncut_names[i] for i in cut.indices("other"))) == before
    for index, name in enumerate(cell.names):
        for x in (0.0, 0.3, 1.0):
            at, place = cut.place(name, x)
            away = float(cut.path_distance_um(at, place))
            assert away == pytest.approx(float(cell.path_distance_um(index, x)), abs=0.01)
    inside = cut.with_regions({"all_else": "not named"})
    assert sorted(inside.indices("named") + inside.indices("all_else")) == [*range(len(cut))]
    again = cut.with_regions({})
    assert again.names == cut.names


@given(cylinder_trees())
def test_the_four_are_what_they_were(cell):
    named = cell.with_regions({f"_{region}": region for region in REGIONS})
    for region in REGIONS:
        assert named.indices(f"_{region}") == cell.indices(region) == named.indices(region)
        assert named.length_um(f"_{region}") == cell.length_um(region)
    assert named.sections == cell.sections
    assert named.digest != cell.digest
    assert replace(named, regions=()).digest == cell.digest


@settings(max_examples=25, deadline=None)
@given(forked_trees())
def test_orders_are_those_of_neurom(cell):
    assume(len(cell) > 1)
    found, shape = branching_of(cell), shape_of(cell)
    assert sorted(found.order[1:]) == sorted(shape.values("section_branch_orders"))
    assert sorted(found.strahler[1:]) == sorted(shape.values("section_strahler_orders"))
    assert found.tips.sum() == sum(not children for children in shape.children.values())


TREE = cylinder_tree(
    "tree",
    [
        Cylinder("somatic", 20, 20),
        Cylinder("apical", 90, 3, parent=0),  # 10 to 100 um
        Cylinder("apical", 100, 2, parent=1),  # 100 to 200 um
        Cylinder("apical", 200, 4, parent=1),  # 100 to 300 um
        Cylinder("apical", 80, 2, parent=3, parent_x=0.5),  # 200 to 280 um
        Cylinder("basal", 50, 0.5, parent=0, parent_x=0.5),  # 0 to 50 um
    ],
)


@pytest.mark.parametrize(
    ("where", "held"),
    [
        ("apical and distance_um >= 100", [2, 3, 4]),
        ("apical and distance_um < 200.0001 and diameter_um < 4", [1, 2]),
        ("order == 0", [1, 5]),
        ("order == 1", [2, 3]),
        ("order >= 2", [4]),
        ("strahler == 1", [2, 4, 5]),
        ("strahler == 2", [1, 3]),
        ("strahler == 3", []),
        ("tips", [2, 3, 4, 5]),
        ("path('apic[2](0.9)')", [1, 3]),
        ("path('apical@150um')", [1, 3]),
        ("path('apical@150um last') and not path('apic[1](1)')", [3]),
        ("subtree('apic[2]')", [3, 4]),
        ("dend[0] or soma[0]", [0, 5]),
        (["basal", "length_um > 150"], [3, 5]),
        ("2 * diameter_um - 1 > 4 and length_um**2 > 10_000", [3]),
        ("0 < order <= 1", [2, 3]),
        ("diameter_um / 0 > 1 and not somatic", [1, 2, 3, 4, 5]),
    ],
)
def test_words(where, held):
    assert TREE.with_regions({"named": where}).indices("named") == tuple(held)


def test_a_region_may_name_those_before_it():
    cell = TREE.with_regions({"far": "distance_um >= 100", "tuft": "far and apical and tips"})
    assert cell.indices("tuft") == (2, 3, 4)
    more = cell.with_regions({"way": "path('tuft@250um')", "rest": ["basal", "not tuft"]})
    assert more.indices("way") == (1, 3)
    assert more.indices("rest") == (0, 1, 5)
    other = more.with_regions({"tuft": "apical and tips and diameter_um > 3"})
    assert other.indices("tuft") == (3,)
    assert other.indices("rest") == (0, 1, 2, 4, 5)
    assert "regions: far, tuft, way, rest>" in repr(more)


def test_a_cut_moves_no_name_and_no_site():
    cut = TREE.with_regions({"far": {"where": "apical and distance_um > 150", "cut": True}})
    assert cut.names == (
        "soma[0]", "apic[0]", "apic[1.1]", "apic[1.2]", "apic[2.1]", "apic[2.2]", "apic[3]",
        "dend[0]",
    )  # fmt: skip
    assert [cut.names[i] for i in cut.indices("far")] == ["apic[1.2]", "apic[2.2]", "apic[3]"]
    assert cut.length_um("far") == pytest.approx(50 + 150 + 80)
    assert cut.length_um("apic[2]") == pytest.approx(200)
    assert cut.indices("apic[2]") == (4, 5)
    assert cut.place("apic[2]", 0.25) == (4, pytest.approx(1.0))
    assert cut.place("apic[2]", 0.5) == (5, pytest.approx(1 / 3))
    assert cut.sections[6].parent_x == pytest.approx(1 / 3)
    assert cut.index("apic[2.2]") == 5
    with pytest.raises(MorphologyError, match=r"name one of its pieces: apic.2.1., apic.2.2."):
        cut.index("apic[2]")
    twice = cut.with_regions({"farther": {"where": "apical and distance_um > 180", "cut": True}})
    assert [name for name in twice.names if "2." in name] == ["apic[2.1]", "apic[2.2]", "apic[2.3]"]
    assert twice.length_um("far") == pytest.approx(280)


def test_a_boundary_inside_a_section_is_told():
    with pytest.raises(
        MorphologyError,
        match=r"region 'far' of 'tree' ends inside of apic\[1\], at 0.5, and so in 1 more "
        r"sections: 'apical and distance_um > 150' holds on one side alone. Write cut = true",
    ):
        TREE.with_regions({"far": "apical and distance_um > 150"})
    with pytest.raises(MorphologyError, match=r"ends inside of soma\[0\], at 0.25: the root"):
        TREE.with_regions({"far": {"where": "distance_um > 5", "cut": True}})


def test_what_has_no_place_in_space_is_not_asked_where_it_is():
    with pytest.raises(MorphologyError, match=r"soma\[0\] or the root is a cylinder without a"):
        TREE.with_regions({"up": "y_um > 0"})
    soma = Section("somatic", -1, 0.0, [[0, 0, 0, 10], [10, 0, 0, 10]])
    stub = Section.cylinder("axonal", 0, 1.0, 30, 1)
    up = Section("apical", 0, 0.5, [[5, 5, 0, 1], [5, 50, 0, 1]])
    cell = Morphology("stubbed", (soma, stub, up)).with_regions({"up": "apical and y_um > 0"})
    assert cell.indices("up") == (2,)
    assert cell.with_regions({"far": "radial_um >= 5 and apical"}).indices("far") == (2,)


def test_the_straight_way_may_leave_a_sphere_and_come_back():
    soma = Section("somatic", -1, 0.0, [[-1, 0, 0, 1], [1, 0, 0, 1]])
    chord = Section("apical", 0, 0.5, [[-40, 30, 0, 1], [40, 30, 0, 1]])
    far = {"where": "apical and radial_um > 40", "cut": True}
    cut = Morphology("chord", (soma, chord)).with_regions({"far": far})
    # sqrt(40^2 - 30^2) um to both sides of the middle.
    inner = 2 * np.sqrt(700)
    lengths = [section.length_um for section in cut.sections[1:]]
    assert lengths == pytest.approx([40 - inner / 2, inner, 40 - inner / 2], rel=1e-5)
    assert [cut.names[i] for i in cut.indices("far")] == ["apic[0.1]", "apic[0.3]"]


def test_the_tuft_of_a_real_cell():
    """Hay et al. 2011: what lies beyond 700 um, added up section by section from their ends."""
    cell = load_morphology(known_cell("hay_cell1"))
    tuft = {"where": "apical and distance_um > 700", "cut": True}
    named = cell.with_regions({"trunk": "path('apical@620um')", "tuft": tuft})
    beyond_um = 0.0
    for index in cell.indices("apical"):
        near, far = cell.path_distance_um(index, (0.0, 1.0))
        beyond_um += max(0.0, far - max(near, 700.0))
    assert named.length_um("tuft") == pytest.approx(beyond_um, rel=1e-6)
    assert named.length_um("apical") == pytest.approx(cell.length_um("apical"), rel=1e-9)
    distances = [float(named.path_distance_um(i, 0.0)) for i in named.indices("tuft")]
    assert min(distances) == pytest.approx(700, abs=1e-3)
    for index in named.indices("trunk")[1:]:
        assert named.sections[index].parent in named.indices("trunk")


def test_a_band_as_thin_as_a_micrometre_is_not_missed():
    band = {"where": "apical and 150 < distance_um < 151", "cut": True}
    cut = TREE.with_regions({"band": band})
    assert [cut.names[i] for i in cut.indices("band")] == ["apic[1.2]", "apic[2.2]"]
    assert cut.length_um("band") == pytest.approx(2)
