"""Cells of NeuroML become studies; what cannot be said is named, and what cannot be right refused.

Numbers are those of the file, converted by the definition of its units.
"""

from math import exp, pi

import pytest

from tests.unit.imports.neuroml_cells import (
    HEAD,
    INSIDE,
    LEAKS,
    MODS,
    MORPHOLOGY,
    NONUNIFORM,
    SLOW,
    UNBRANCHED,
    cell,
    density,
    write_cell,
    write_mechanisms,
)
from workbench.errors import InputError
from workbench.imports import import_study, read_model


@pytest.fixture
def imported(tmp_path):
    """Return what imports the text of a cell, with some of the mechanisms."""

    def imported(text=None, *mechanisms, **given):
        write_cell(tmp_path, text)
        if mechanisms:
            given["mechanisms"] = write_mechanisms(tmp_path / "mods", *mechanisms)
        return import_study("neuroml", tmp_path / "small.cell.nml", out=tmp_path / "out", **given)

    return imported


def painted(study):
    """Return the value of every painted variable by section, as the engine will set it."""
    tree = study.problem.recipe.morphology
    return {
        (tree.names[one.section], one.variable): one.values
        for one in study.problem.recipe.painted()
    }


def unsaid(study):
    return (study.folder / "README.md").read_text().partition("## What could not be said")[2]


def test_sections_are_the_unbranched_groups(imported):
    tree = imported().problem.recipe.morphology
    assert tree.names == ("soma[0]", "apic[0]", "apic[1]", "dend[0]", "axon[0]")
    soma, trunk, oblique, dend, axon = tree.sections
    assert soma.points.tolist() == [[0, 0, 0, 8], [0, 12, 0, 14], [0, 20, 0, 9]]
    # Where a diameter jumps there are two points.
    assert trunk.points[:, 3].tolist() == pytest.approx([3, 2.5, 2, 1.4], rel=1e-7)
    # A quarter of the way along its second segment, where it begins since no proximal end is given.
    first_um, second_um = (100**2 + 3**2 + 4**2) ** 0.5, (180**2 + 24**2) ** 0.5
    along = (first_um + second_um / 4) / (first_um + second_um)
    assert (oblique.parent, oblique.parent_x) == (1, pytest.approx(along, rel=1e-7))
    assert oblique.points[0].tolist() == pytest.approx([3, 165, -2, 1.85], rel=1e-7)
    assert (axon.parent, axon.parent_x, dend.parent, dend.parent_x) == (0, 0, 0, 0)


def test_every_section_is_cut_as_the_file_says(imported):
    assert imported().problem.recipe.segment_counts == (1, 9, 4, 3, 1)


def test_the_geometry_names_the_files_sections(imported):
    geometry = (imported().folder / "geometry.toml").read_text()
    assert "# apic[0]: trunk" in geometry


def test_groups_are_regions(imported):
    tree = imported().problem.recipe.morphology
    assert tree.indices("dendrite_group") == (1, 2, 3)
    assert "way" not in tree.region_names  # one section


def test_units_and_where_values_hold(imported):
    study = imported()
    values = painted(study)
    assert study.problem.recipe.v_init_mV == -68
    for name in ("soma[0]", "axon[0]"):
        assert values[name, "cm"] == pytest.approx(1.0, rel=1e-15)
    for name in ("apic[0]", "apic[1]", "dend[0]"):
        assert values[name, "cm"] == 1.8
    for name in study.problem.recipe.morphology.names:
        assert values[name, "Ra"] == 120
    assert values["axon[0]", "g_pas"] == 1e-4
    assert values["axon[0]", "e_pas"] == -70


def test_two_leaks_are_one_with_the_same_current(imported):
    study = imported()
    values = painted(study)
    assert "it is a leak of k, and pas has a current of no ion" in unsaid(study)
    total = values["soma[0]", "g_pas"]
    assert total == pytest.approx(1.3e-4, rel=1e-12)
    for v_mV in (-90.0, 10.0):
        theirs = 1e-4 * (v_mV + 70) + 3e-5 * (v_mV + 50)
        assert total * (v_mV - values["soma[0]", "e_pas"]) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("specificCapacitance", "1 uF_per_cm2", 1.0),
        ("specificCapacitance", "0.9e-2 F_per_m2", 0.9),
        ("resistivity", "150ohm_cm", 150.0),
        ("resistivity", "1.5 ohm_m", 150.0),
        ("resistivity", "0.15 kohm_cm", 150.0),
    ],
)
def test_units_of_the_cable(imported, kind, given, wanted):
    text = cell(LEAKS, f'<resistivity value="{given if kind == "resistivity" else "1 ohm_m"}"/>')
    if kind != "resistivity":
        text = text.replace(
            'segmentGroup="dendrite_group" value="1.8 uF_per_cm2"', f'value="{given}"'
        )
    variable = "Ra" if kind == "resistivity" else "cm"
    assert painted(imported(text))["axon[0]", variable] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("0.3 mS_per_cm2", 3e-4),
        ("3 S_per_m2", 3e-4),
        ("300 uS_per_cm2", 3e-4),
        ("3E-4S_per_cm2", 3e-4),
    ],
)
def test_units_of_a_conductance(imported, given, wanted):
    values = painted(imported(cell(LEAKS.replace("0.1 mS_per_cm2", given))))
    assert values["axon[0]", "g_pas"] == wanted


def test_a_conductance_by_the_path_length(imported):
    """The file's expression at the centres, with p from the root's beginning, in S/m2."""
    study = imported(cell(NONUNIFORM))
    tree = study.problem.recipe.morphology
    values = painted(study)
    starts_um = {"apic[0]": 20.0, "dend[0]": 0.0}
    starts_um["apic[1]"] = 20 + tree.sections[2].parent_x * tree.sections[1].length_um
    for name, start_um in starts_um.items():
        section = tree.sections[tree.index(name)]
        found = values[name, "g_pas"]
        for n, value in enumerate(found):
            p = start_um + (n + 0.5) / len(found) * section.length_um
            assert value == pytest.approx(1e-4 * (0.5 + 2 * (p >= 100) + exp(-p / 150)), rel=1e-9)
    assert values["soma[0]", "g_pas"] == 2e-4
    assert ("axon[0]", "g_pas") not in values


def test_a_normalised_path_length(imported):
    text = NONUNIFORM.replace("dendrite_group", "apical_dends").replace("p_dendrites", "r_apical")
    text = text.replace("0.5 + 2 * H(p - 100) + exp(-p / 150)", "1 + 3*r^2")
    study = imported(cell(text))
    tree = study.problem.recipe.morphology
    trunk, oblique = tree.sections[1], tree.sections[2]
    most_um = max(trunk.length_um, oblique.parent_x * trunk.length_um + oblique.length_um)
    for n, value in enumerate(painted(study)["apic[0]", "g_pas"]):
        r = (n + 0.5) / 9 * trunk.length_um / most_um
        assert value == pytest.approx(1e-4 * (1 + 3 * r * r), rel=1e-9)


def test_a_study_without_its_channels_says_that_it_is_passive(imported):
    study = imported(cell(LEAKS + SLOW))
    assert "the passive part" in study.title
    assert "None of the cell's channels with gates could be said" in unsaid(study)
    assert "kslow on way, 36 S_per_m2 (slow): there is no mechanism kslow" in unsaid(study)


def test_a_channel_is_the_mechanism_of_its_name(imported):
    study = imported(cell(LEAKS + SLOW), "kslow")
    values = painted(study)
    assert values["apic[0]", "gbar_kslow"] == 3.6e-3
    assert values["apic[0]", "ek"] == -80
    assert ("apic[1]", "gbar_kslow") not in values
    assert "passive" not in study.title
    assert "kslow" not in unsaid(study)
    said = (study.folder / "README.md").read_text()
    assert "whether they are the file's was not looked at: kslow." in said


def test_a_channel_with_a_potential_of_its_own(imported):
    study = imported(cell(density("hcn", "hcn", "apical_dends", "-33 mV")), "hcn")
    values = painted(study)
    assert (values["apic[1]", "eh_hcn"], values["apic[1]", "gbar_hcn"]) == (-33, 1e-3)
    text = density("hcn", "hcn", "apical_dends", more='vShift="4 mV"')
    shifted = read_model(
        "neuroml",
        write_cell(study.folder.parent, cell(text.replace("Density i", "DensityVShift i")))
        / "small.cell.nml",
        mechanisms=study.folder.parent / "mods",
    )
    assert shifted.cell["parameters"]["apical"]["vShift_hcn"] == 4


def test_a_global_potential_is_said_once(imported):
    both = density("shared", "h", "apical_dends", "-33 mV") + density(
        "shared", "h", "dend", "-33 mV"
    )
    recipe = imported(cell(both), "shared").problem.recipe
    assert recipe.global_values == {"eh_shared": -33}


NERNST = density("cal", "ca", "apical_dends").replace("Density i", "DensityNernst i")
POOL = (
    '<species id="ca" ion="ca" concentrationModel="pool" segmentGroup="apical_dends" '
    'initialConcentration="5e-11 mol_per_cm3" initialExtConcentration="2 mM"/>'
)


def test_a_potential_that_neuron_computes(imported):
    recipe = imported(cell(NERNST, INSIDE + POOL), "cal", "pool").problem.recipe
    assert {("apical", "cal"), ("apical", "pool")} == set(recipe.inserted)
    assert "eca" not in {one.variable for one in recipe.paint}


@pytest.mark.parametrize(
    "given", ["2e-6 m_per_s", "2E-4cm_per_s", "2e-3 um_per_ms", "2e-7 cm_per_ms"]
)
def test_a_permeability(imported, given):
    text = density("caghk", "ca", "apical_dends").replace("Density i", "DensityGHK i")
    text = text.replace('condDensity="1 mS_per_cm2"', f'permeability="{given}"')
    study = imported(cell(text, INSIDE + POOL), "caghk", "pool")
    assert painted(study)["apic[0]", "pbar_caghk"] == 2e-4


def test_a_fixed_potential_where_neuron_would_compute_it_is_held(imported):
    fixed = density("cal", "ca", "apical_dends", "80 mV")
    recipe = imported(cell(fixed, INSIDE + POOL), "cal", "pool").problem.recipe
    assert recipe.held == ("eca",)
    assert {one.variable: one.value for one in recipe.paint}["eca"] == 80


def test_concentrations_that_are_written_begin_where_the_file_says(imported):
    other = POOL.replace("2 mM", "3 mol_per_m3").replace("5e-11 mol_per_cm3", "1e-7M")
    study = imported(cell(NERNST, INSIDE + other), "cal", "pool")
    assert study.problem.recipe.global_values == {"cai0_ca_ion": 1e-4, "cao0_ca_ion": 3}


def test_concentrations_that_begin_otherwise_elsewhere(imported):
    both = POOL + POOL.replace("2 mM", "3 mM").replace("apical_dends", "dend")
    said = unsaid(imported(cell(NERNST, INSIDE + both), "cal", "pool"))
    assert "cao0_ca_ion is one for the cell" in said
    assert "2 mM on apical_dends, 3 mM on dend" in said


def test_concentrations_that_nobody_writes_are_painted(imported):
    fixed = density("cal", "ca", "apical_dends", "120 mV")
    study = imported(cell(fixed, INSIDE + POOL), "cal")
    assert painted(study)["apic[1]", "cao"] == 2
    assert painted(study)["apic[1]", "eca"] == 120
    assert "pool, the concentration model of ca on apical_dends: there is no" in unsaid(study)


@pytest.mark.parametrize(
    ("channels", "inside", "why"),
    [
        (density("kslow", "na"), "", "its ion is na, the mechanism's is k"),
        (density("kslow", "k") + density("kother", "k", "dend", "-77 mV"), "", "it asks for ek of"),
        (density("kslow", "k") + SLOW, "", "has the same channel at some of the places"),
        (NERNST, "", "nothing that is known makes NEURON compute eca"),
        (
            density("cal", "ca", "way") + NERNST.replace('"cal"', '"call"'),
            POOL,
            "NEURON computes eca there, since pool reads or writes a concentration and another",
        ),
        (density("shared", "h") + density("shared", "h", "dend", "0 mV"), "", "same channel"),
        (NERNST.replace('"cal"', '"hcn"'), "", "the mechanism of this name has no ion"),
        (NERNST.replace('"cal"', '"leak"'), "", "it has no gates, and pas no reversal potential"),
        (density("pool", "ca"), "", "not one RANGE parameter that is a conductance density"),
        (density("kslow", "k", more='vShift="3 mV"'), "", "has no vShift, which is 3 mV"),
        (
            '<channelPopulation id="few" ionChannel="kslow" segment="10" number="20" erev="0 mV" '
            'ion="k"/>',
            "",
            "kslow on segment 10, 20 channels (few): a channelPopulation cannot be said",
        ),
        (
            NONUNIFORM.replace("inhomogeneousParameter=", "inhomogeneousParam="),
            "",
            "in no stated unit",
        ),
        (
            NONUNIFORM.replace(
                'erev="-65 mV" ion', 'condDensity="1 S_per_m2" erev="-65 mV" ion', 1
            ),
            "",
            "it gives its condDensity several times",
        ),
        (NONUNIFORM.replace('r="condDensity"', 'r="erev"'), "", "its erev varies; only condDens"),
        (density("bare", "h"), "", "its e is ASSIGNED: make it a PARAMETER"),
        ("<reversalPotential/>", "", "<reversalPotential> (line"),
        (NONUNIFORM.replace("exp(-p", "sin(-p"), "", "unknown function 'sin'"),
        (NONUNIFORM.replace("exp(-p", "exp(-q"), "", "its only variable is p"),
    ],
)
def test_what_cannot_be_said_is_listed(imported, channels, inside, why):
    study = imported(cell(channels, INSIDE + inside), *MODS)
    assert why in unsaid(study)


def test_a_potential_inside_of_a_mechanism_is_told(imported):
    study = imported(cell(density("kown", "k")), "kown")
    assert painted(study)["axon[0]", "gbar_kown"] == 1e-3
    assert "look whether it has -80 mV in itself" in unsaid(study)


def test_what_is_lost_takes_along_what_needs_it(imported):
    """A channel that alone reads calcium, and is lost, makes NEURON compute no eca for others."""
    channels = NERNST + density("kslow", "k", "apical_dends")
    channels += density("kca", "k", "apical_dends", "-70 mV")
    said = unsaid(imported(cell(channels), "cal", "kslow", "kca"))
    assert "kca on apical_dends" in said
    assert "cal on apical_dends" in said


def test_segments_are_sections_where_no_group_is_marked(imported):
    tree = imported(cell(morphology=MORPHOLOGY.replace(UNBRANCHED, ""))).problem.recipe.morphology
    assert len(tree) == 7
    assert [one.parent for one in tree.sections] == [-1, 0, 1, 2, 3, 0, 0]
    assert tree.sections[4].parent_x == 0.25


def test_a_sphere_is_a_cylinder_of_its_area(imported):
    ball = '<segment id="0" name="soma"><proximal x="1" y="2" z="3" diameter="7"/>'
    ball += '<distal x="1" y="2" z="3" diameter="7"/></segment>'
    text = cell("", morphology=f'<morphology id="m">{ball}</morphology>')
    text = text.replace(' segmentGroup="dendrite_group"', "")
    [soma] = imported(text).problem.recipe.morphology.sections
    assert soma.area_um2 == pytest.approx(pi * 49, rel=1e-6)


def test_a_region_by_hand(imported):
    text = cell(morphology=MORPHOLOGY.replace('<include segmentGroup="dend"/>', ""))
    text = text.replace('id="dend"', 'id="sidearm"')
    with pytest.raises(InputError, match=r"sidearm is in none of its groups.*--kind"):
        imported(text)
    tree = imported(text, kinds={"sidearm": "axonal"}).problem.recipe.morphology
    assert len(tree.indices("axonal")) == 2


def test_parts_that_stand_elsewhere(imported):
    whole = cell()
    begin, end = whole.index("<morphology"), whole.index("</morphology>") + len("</morphology>")
    text = whole[:begin] + whole[end:]
    text = text.replace('<cell id="small">', '<cell id="small" morphology="shape">')
    text = text.replace("</neuroml>", f"{whole[begin:end]}</neuroml>")
    assert len(imported(text).problem.recipe.morphology) == 5


BOMB = '<!DOCTYPE neuroml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (HEAD, BOMB + HEAD, r"nml:2: a document type \(neuroml\), which may declare entities"),
        ("</cell>", "", "this is not XML: mismatched tag"),
        (HEAD, "<Lems>", "this is not XML"),
        ('id="small"', 'name="small"', "<cell> has no id"),
        ('id="small"', 'id="../small"', "the cell's id is '../small'; take letters"),
        ("channels.nml", "small.cell.nml", "include one another in a circle: small.cell.nml -> sm"),
        ("channels.nml", "gone.nml", r"gone\.nml: there is no such file \(included in"),
        ("channels.nml", "../other.nml", r"lies outside of"),
        ("channels.nml", "https://example.org/c.nml", "nothing is fetched"),
        ('value="-68 mV"', 'value="-68"', r"value is '-68', and must be a voltage \(mV\) with one"),
        ("0.1 mS_per_cm2", "0.1 mS/cm2", "units S_per_cm2, mS_per_cm2, uS_per_cm2, S_per_m2"),
        ("0.12 kohm_cm", "x kohm_cm", "value is 'x kohm_cm', and must be a resistivity"),
        ("0.12 kohm_cm", "1e999 kohm_cm", "no finite number"),
        ('diameter="14"', 'diameter="0"', "diameter is 0 um, and must be above 0"),
        ('diameter="14"', "", "<distal> has no diameter"),
        ('x="90"', 'x="nan"', "x is 'nan', no finite number"),
        ('x="90"', 'x="1e30"', "a number of it is beyond 1e\\+09 um"),
        ('segment id="12"', 'segment id="11"', "a second segment 11"),
        ('segment id="12"', 'segment id="-1"', "id is '-1', and must be a whole number"),
        ('<parent segment="11" f', '<parent segment="99" f', "there is no segment 99"),
        ('<parent segment="1"/>', '<parent segment="12"/>', "segment 10 is its own forefather"),
        ('fractionAlong="0.25"', 'fractionAlong="1.5"', "fractionAlong is 1.5, and must be 0 to 1"),
        ('<member segment="12"/>', '<member segment="11"/>', "segment 11 is in the sections trunk"),
        ('<member segment="12"/>', "", "segment 12 is in no section"),
        ('segment="10"/>', 'segment="10" fractionAlong="0.9"/>', "trunk is marked as unbranched"),
        (
            'x="3" y="120" z="4" diameter="2"',
            'x="3" y="125" z="4" diameter="2"',
            "begins 5 um from",
        ),
        ('<subTree><from segment="10"/>', "<subTree>", "<subTree> without <from> is not read"),
        ('<to segment="11"/>', '<to segment="20"/>', "does not grow from segment 10"),
        ('<include segmentGroup="dend"/>', '<include segmentGroup="den"/>', "did you mean 'dend'"),
        (
            '<include segmentGroup="dend"/>',
            '<include segmentGroup="dendrite_group"/>',
            "in a circle: dendrite_group -> dendrite_group",
        ),
        ('segmentGroup="soma_group" ion', 'segmentGroup="some_group" ion', "mean 'soma_group'"),
        ('segmentGroup="soma"', 'segmentGroup="dend"', "dend is in groups of basal, somatic"),
        ('value="9"', 'value="0"', "numberInternalDivisions is 0"),
        ("<membraneProperties>", "<membrane>", "this is not XML: mismatched tag"),
        ('<resistivity value="0.12 kohm_cm"/>', "<resistivity/>", "<resistivity> has no value"),
    ],
)
def test_what_cannot_be_right_is_refused(imported, tmp_path, old, new, said):
    text = cell()
    assert old in text
    with pytest.raises(InputError, match=said):
        imported(text.replace(old, new, 1))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'{HEAD}<include href="small.cell.nml"/><network id="net"/></neuroml>',
            r"this is a network; give the file of one of its cells: .*small\.cell\.nml",
        ),
        ('<Lems><Target component="sim"/></Lems>', r"is a LEMS file.*FILE\.cell\.nml"),
        ('<neuroml xmlns="http://morphml.org/neuroml/schema"/>', "it is of NeuroML 1"),
        (f'{HEAD}<izhikevichCell id="i"/></neuroml>', "it has izhikevichCell, and what can be"),
        (f'{HEAD}<cell id="a"/><cell id="b"/></neuroml>', "there are the cells a, b; name one"),
        (f'{HEAD}<cell id="a"/></neuroml>', "<cell> has no <biophysicalProperties>|<morphology>"),
        (f"{HEAD}</neuroml>", "there is none, and what can be imported is a <cell>"),
        (HEAD + "<a>" * 40 + "</a>" * 40 + "</neuroml>", "nested 32 levels deep"),
        ("", "this is not XML: no element found"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, text, said):
    write_cell(tmp_path)
    (tmp_path / "other.nml").write_text(text)
    with pytest.raises(InputError, match=said):
        import_study("neuroml", tmp_path / "other.nml", out=tmp_path / "out")


def test_a_cell_by_name_of_several(imported):
    text = cell()
    two = text.replace("</neuroml>", text[text.index("<cell") :].replace('"small"', '"twin"'))
    assert imported(two, model="twin").title == "twin, a cell of NeuroML"
