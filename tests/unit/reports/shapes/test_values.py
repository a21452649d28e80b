"""Values that become colours: of the shape, of the membrane, painted, or in a table."""

import numpy as np
import pandas
import pytest

from tests.unit.reports.shapes.cells import SMALL, passive
from workbench.api import load_cell
from workbench.cells import electrotonic
from workbench.errors import InputError
from workbench.reports.shapes import Look, Subject, values_of


def values(colour, cell=SMALL, **look):
    found = values_of(Subject(cell), Look(colour=colour, **look))
    assert found is not None
    for bounds, numbers in zip(found.bounds, found.values, strict=True):
        assert len(bounds) == len(numbers) + 1
        assert (bounds[0], bounds[-1]) == (0, 1)
    return found


def test_regions_have_no_values():
    assert values_of(Subject(SMALL), Look()) is None


def test_distances_along_the_tree_and_through_space():
    path, radial = values("distance_um"), values("radial_um")
    assert path.label == "path distance from the soma (um)"
    assert path.values[2] == pytest.approx(np.arange(15, 110, 10))
    assert radial.values[2] == pytest.approx(np.arange(15, 110, 10))
    away = np.hypot([5, 15, 25, 35], 60)
    assert radial.values[5] == pytest.approx(away)
    assert path.values[5] == pytest.approx([65, 75, 85, 95])


def test_diameters_and_orders():
    thick = values("diameter_um").values[2]
    assert thick[0] == pytest.approx(3.9)
    assert thick[-1] == pytest.approx(2.1)
    orders = [one[0] for one in values("order").values]
    assert orders[1:] == [0, 0, 2, 2, 1]
    assert np.isnan(orders[0])


def test_attenuations_are_those_of_the_cable():
    cell = passive()
    cable = electrotonic(cell)
    out = values("attenuation", cell, site="apic[1](1)", frequency_Hz=20.0)
    into = values("attenuation", cell, site="apic[1](1)", direction="in")
    inputs = values("input_MOhm", cell)
    assert out.label == "ln attenuation out of apic[1](1), 20 Hz"
    assert into.label == "ln attenuation into apic[1](1)"
    for index, name in enumerate(SMALL.names):
        middles = (out.bounds[index][1:] + out.bounds[index][:-1]) / 2
        for number, x in enumerate(middles):
            here = f"{name}({x:.6f})"
            there = "apic[1](1)"
            assert out.values[index][number] == pytest.approx(
                cable.log_attenuation(there, here, 20.0), abs=1e-9
            )
            assert into.values[index][number] == pytest.approx(
                cable.log_attenuation(here, there), abs=1e-9
            )
            assert inputs.values[index][number] == pytest.approx(cable.input_MOhm(here))


def test_cable_measures_are_taken_as_they_were_made():
    found = values("input_MOhm", electrotonic(passive()))
    assert found.values[0] == pytest.approx(values("input_MOhm", passive()).values[0])


def test_what_is_painted_has_its_unit_and_is_nothing_elsewhere():
    cell = load_cell("l5pc", params="release")
    found = values("gIhbar_Ih", cell.recipe)
    assert found.label == "gIhbar_Ih (S/cm2)"
    recipe = cell.recipe
    somatic, axonal = (recipe.morphology.indices(region)[0] for region in ("somatic", "axonal"))
    [painted] = [p for p in recipe.paint if p.name == "gIhbar_Ih.somatic"]
    assert found.values[somatic] == pytest.approx(painted.value)
    assert np.isnan(found.values[axonal]).all()
    assert [len(one) for one in found.values] == list(recipe.segment_counts)
    bare = values("Ra", passive())
    assert np.concatenate(bare.values) == pytest.approx(150.0)


TABLE = {"section": ["apic[0]", "apic[0]", 3], "x": [0.2, 0.6, 0.5], "delay_ms": [1.0, 2.0, 3.0]}


def check(found):
    assert found.label == "delay (ms)"
    assert found.bounds[2] == pytest.approx([0, 0.4, 1])
    assert found.values[2].tolist() == [1, 2]
    assert found.values[3].tolist() == [3]
    assert np.isnan(found.values[0]).all()
    assert found.at(2, np.array([0.0, 0.39, 0.41, 1.0])).tolist() == [1, 1, 2, 2]


def test_a_table_whatever_it_is(tmp_path):
    check(values(TABLE))
    check(values(pandas.DataFrame(TABLE)))
    table = pandas.DataFrame(TABLE).assign(section=["apic[0]", "apic[0]", "apic[1]"])
    check(values(table.assign(peak_mV=7.0), value="delay_ms"))
    check(values(table.assign(distance_um=0.0, area_um2=1.0)))
    assert values(table.assign(area_um2=7.0), value="area_um2").label == "area (um2)"
    file = tmp_path / "map.csv"
    table.to_csv(file, index=False)
    check(values(file))
    check(values(str(file)))


def test_a_section_that_a_region_cuts_is_known_by_its_name():
    """The stem begins 10 um from the middle of the soma and is cut at 40 um: at 0.3 of 100 um."""
    cut = SMALL.with_regions({"far": {"where": "apical and distance_um > 40", "cut": True}})
    near, far = cut.indices("apic[0]")
    assert cut.sections[near].length_um == pytest.approx(30)
    whole = values({"apic[0]": 5.0}, cut)
    assert (whole.values[near].tolist(), whole.values[far].tolist()) == ([5], [5])
    apart = values({("apic[0]", 0.15): 1.0, ("apic[0]", 0.65): 2.0}, cut)
    assert (apart.values[near].tolist(), apart.values[far].tolist()) == ([1], [2])
    assert values({"apic[0.2]": 3.0}, cut).values[far].tolist() == [3]


def test_a_mapping_of_sections_and_of_places():
    found = values({"soma": 1, ("apic[0]", 0.25): 2, ("apic[0]", 0.75): np.nan})
    assert found.label == "value"
    assert found.values[0].tolist() == [1]
    assert found.values[2][0] == 2
    assert np.isnan(found.values[2][1])
    series = pandas.Series({"soma": 1.0, "axon": 2.0})
    assert values(series).values[1].tolist() == [2]


@pytest.mark.parametrize(
    ("colour", "said"),
    [
        ("distance", "unknown colour 'distance'; did you mean 'distance_um'"),
        (3.0, "colour is 3.0; give a table with columns section, x and a value"),
        ({"section": [0], "x": [0.5]}, "the table has the values none; name one"),
        ({"section": [0], "a": [1], "b": [2]}, "the table has the values a, b; name one of them"),
        (pandas.DataFrame({"a": [1]}), "the table has a; give a table"),
        ({"section": [0], "x": [1.5], "v": [1]}, r"x is 1.5 at 0; a place on a section is 0 to 1"),
        ({"section": [0], "x": [0.5], "v": ["high"]}, "the value is 'high'"),
        ({"section": [0, "soma"], "x": [0.5, 0.5], "v": [1, 2]}, r"two values at soma\[0\]\(0.5\)"),
        ({"apic[9]": 1.0}, r"unknown section 'apic\[9\]' of 'small'"),
        ({None: 1.0}, "None is no section"),
        ({}, "there is no value in it"),
        ("attenuation", "small is a shape alone"),
        ("nowhere.csv", "there is no such file"),
    ],
)
def test_what_gives_no_colours_is_said(colour, said):
    with pytest.raises(InputError, match=said):
        values(colour)


def test_the_words_of_a_cell_name_what_is_painted_on_it():
    with pytest.raises(InputError, match=r"did you mean 'g_pas'\? Allowed: .*cm.*g_pas"):
        values("gpas", passive())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("section,x,v\nsoma,0.5\n", "row 2 has 2 fields, the head has 3"),
        ('section,x,v\n"soma,0.5,1\n', "this is not CSV"),
        ("section,x,v\nsoma,a,1\n", "x = 'a'"),
    ],
)
def test_a_spoilt_file_is_said(tmp_path, text, said):
    file = tmp_path / "map.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        values(file)
