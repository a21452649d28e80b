import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MorphologyError
from workbench.morphology import (
    Cylinder,
    DistanceSite,
    SectionSite,
    cylinder_tree,
    load_morphology,
    locate,
    parse_site,
)

# Three apical sections reach over 150 um from the middle of the soma; the second is the thickest.
TREE = cylinder_tree(
    "tree",
    [
        Cylinder("somatic", 20, 20),
        Cylinder("apical", 90, 3, parent=0),  # 10 to 100 um
        Cylinder("apical", 100, 1, parent=1),  # 100 to 200 um
        Cylinder("apical", 200, 4, parent=1),  # 100 to 300 um
        Cylinder("apical", 80, 2, parent=1),  # 100 to 180 um
        Cylinder("basal", 50, 9, parent=0, parent_x=0.5),  # 0 to 50 um
    ],
)


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("soma(0.5)", SectionSite("soma[0]", 0.5)),
        ("apic[36](0.9)", SectionSite("apic[36]", 0.9)),
        (" dend[0]( 1 ) ", SectionSite("dend[0]", 1.0)),
        ("axon(0)", SectionSite("axon[0]", 0.0)),
        ("soma(.5)", SectionSite("soma[0]", 0.5)),
        ("apical@620um", DistanceSite("apical", 620.0, "thickest")),
        ("apical@620um thickest", DistanceSite("apical", 620.0, "thickest")),
        ("apical@660.5 um last", DistanceSite("apical", 660.5, "last")),
    ],
)
def test_a_site_is_written_as_the_field_writes_it(text, site):
    assert parse_site(text) == site


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soma",
        "soma(0.5",
        "soma(1.5)",
        "soma(-0.1)",
        "soma(0.5.1)",
        "soma(.)",
        "soma(x)",
        "soma[x](0.5)",
        "apical@620",
        "apical@-620um",
        "apical@6.2.0um",
        "apical@.um",
        "apical@620um first",
        "apical@620 mm",
    ],
)
def test_another_text_is_refused_with_examples(text):
    with pytest.raises(MorphologyError) as caught:
        parse_site(text)
    assert repr(text) in str(caught.value)
    assert "soma(0.5)" in str(caught.value)


@given(
    st.builds(
        SectionSite,
        st.sampled_from(["soma[0]", "apic[12]"]),
        st.floats(0, 1).map(abs),
    )
    | st.builds(
        DistanceSite,
        st.sampled_from(["apical", "basal"]),
        st.floats(0, 1e4).map(abs),
        st.sampled_from(["thickest", "last"]),
    )
)
def test_a_site_as_text_is_the_same_site(site):
    """The text stands in provenance.json: it must name exactly this place."""
    assert parse_site(str(site)) == site


def test_a_round_number_is_written_as_the_field_writes_it():
    assert str(parse_site("apical@620um")) == "apical@620um thickest"
    assert str(parse_site("soma(0.5)")) == "soma[0](0.5)"


def test_a_named_section():
    assert locate(SectionSite("apic[2]", 0.25), TREE) == (3, 0.25)
    with pytest.raises(MorphologyError, match=r"apic\[9\].*apic\[0\] to apic\[3\]"):
        locate(SectionSite("apic[9]", 0.5), TREE)


def test_the_thickest_and_the_last_section_at_a_distance():
    assert locate(parse_site("apical@150um"), TREE) == (3, pytest.approx(0.25))
    assert locate(parse_site("apical@150um last"), TREE) == (4, pytest.approx(0.625))
    assert locate(parse_site("apical@190um last"), TREE) == (3, pytest.approx(0.45))


def test_only_sections_of_the_region_count():
    assert locate(parse_site("basal@30um"), TREE) == (5, pytest.approx(0.6))
    assert locate(parse_site("apical@30um"), TREE) == (1, pytest.approx(20 / 90))
    assert locate(parse_site("all@30um"), TREE) == (5, pytest.approx(0.6))


def test_the_ends_belong_to_a_section():
    assert locate(parse_site("apical@300um"), TREE) == (3, 1.0)
    assert locate(parse_site("apical@100um last"), TREE) == (4, 0.0)


def test_out_of_reach_says_how_far_the_region_goes():
    with pytest.raises(MorphologyError, match=r"no apical section at 301 um.*is at 300\.0 um"):
        locate(parse_site("apical@301um"), TREE)
    with pytest.raises(MorphologyError, match="no axonal section at 5 um"):
        locate(parse_site("axonal@5um"), TREE)


def test_an_unknown_region_names_the_nearest():
    with pytest.raises(MorphologyError, match="'apcal'; did you mean 'apical'"):
        locate(parse_site("apcal@150um"), TREE)


@pytest.mark.parametrize(
    ("text", "section", "x"),
    [("apical@660um last", "apic[46]", 0.759365), ("apical@800um last", "apic[48]", 0.857304)],
)
def test_the_dendritic_sites_of_the_l5pc_example(text, section, x):
    """Where BluePyOpt 1.14.26 places dend1 and dend2 on C060114A7."""
    morphology = load_morphology("C060114A7")
    index, found = locate(parse_site(text), morphology)
    assert morphology.names[index] == section
    assert found == pytest.approx(x, abs=5e-7)
