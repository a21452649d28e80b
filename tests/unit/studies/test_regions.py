"""`[regions]` of cell.toml: named regions stand wherever one of the four does."""

import numpy as np
import pytest

from workbench.cells import MaximalLength
from workbench.errors import InputError
from workbench.morphology import NamedRegion
from workbench.studies import load_study
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from
from workbench.studies.notes import notes_of
from workbench.studies.setting import segments_table

FILES = {
    "shape.toml": """\
source = "made up"
section = [
    { region = "somatic", length_um = 20, diameter_um = 20 },
    { region = "apical", length_um = 100, diameter_um = 4, parent = 0 },
    { region = "apical", length_um = 200, diameter_um = 2, parent = 1 },
    { region = "apical", length_um = 80, diameter_um = 1, parent = 1 },
    { region = "basal", length_um = 90, diameter_um = 1, parent = 0, parent_x = 0.5 },
]
""",
    "cell.toml": """\
[conditions]
celsius_degC = 34
v_init_mV = -65
[conditions.segments]
max_length_um = 40
apical = { max_length_um = 30 }
tuft = { max_length_um = 7 }
[morphology]
file = "shape.toml"
[regions]
somadend = ["somatic", "basal", "apical"]
thick = "path('apical@50um')"
tuft = { where = "apical and distance_um > 150", cut = true }
one = "dend[0]"
[mechanisms]
folders = ["synapses"]
[mechanisms.insert]
somadend = ["pas"]
tuft = ["hh"]
[distributions]
falling = "value * exp(-distance_um / 100)"
by_section = { factors = { "apic[0]" = 1, "apic[1]" = 2, "apic[2]" = 3 } }
[parameters.somadend]
g_pas = [1e-5, 1e-3]
cm = 1
[parameters.apical]
cm = { value = 2, distribution = "by_section" }
[parameters.tuft]
g_pas = 3e-5
gnabar_hh = { bounds = [0.01, 0.2], distribution = "falling" }
[parameters.one]
cm = 4
[place.syn]
mechanism = "ExpSyn"
site = "tuft@200um"
[place.many]
mechanism = "ExpSyn"
sites = { region = "tuft", density_per_um = 0.1 }
""",
    "protocols.toml": """\
[step]
duration_ms = 20
recordings = { soma = "soma(0.5)", far = "tuft@200um", end = "apic[1](1)" }
stimuli = [
    { type = "step", site = "thick@50um", delay_ms = 5, duration_ms = 10, amplitude_nA = 0.3 },
]
""",
    "study.toml": 'title = "regions"\n[integrator]\ndt_ms = 0.025\n',
    "targets.toml": "[step.soma.features]\nvoltage_base = [-65, 1]\n",
}


@pytest.fixture
def study(tmp_path):
    def study(*changes):
        files = dict(FILES)
        for name, old, new in changes:
            assert old in files[name]
            files[name] = files[name].replace(old, new, 1)
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        return load_study(tmp_path)

    return study


def test_they_stand_wherever_one_of_the_four_does(study):
    problem = study().problem
    recipe = problem.recipe
    tree = recipe.morphology
    assert tree.names[1:] == (
        "apic[0]",
        "apic[1.1]",
        "apic[1.2]",
        "apic[2.1]",
        "apic[2.2]",
        "dend[0]",
    )
    assert tree.regions[2] == NamedRegion("tuft", "apical and distance_um > 150", cut=True)
    assert tree.length_um("tuft") == pytest.approx((200 - 40) + (80 - 40))
    assert problem.parameter_names == ("g_pas.somadend", "gnabar_hh.tuft")
    assert recipe.segment_counts == (1, 7, 3, 45, 3, 11, 5)
    whole = recipe.with_values({"g_pas.somadend": 1e-4, "gnabar_hh.tuft": 0.1})
    last = {(one.section, one.variable): one.values for one in whole.painted()}
    cm = [last[index, "cm"] for index in range(len(tree))]
    assert [float(one if isinstance(one, float) else one[0]) for one in cm] == [1, 2, 4, 4, 6, 6, 4]
    assert [last[index, "g_pas"] for index in range(len(tree))] == [
        1e-4, 1e-4, 1e-4, 3e-5, 1e-4, 3e-5, 1e-4,
    ]  # fmt: skip
    assert {index for index, variable in last if variable == "gnabar_hh"} == {3, 5}
    syn, many = recipe.placed
    assert syn.points(tree) == ((3, pytest.approx((200 - 150) / 160)),)
    assert {index for index, _ in many.points(tree)} == {3, 5}
    assert len(many.points(tree)) == 20
    assert notes_of(problem) == ()


def test_an_expression_is_part_of_the_cell(study):
    before = study().problem
    other = study(("cell.toml", "distance_um > 150", "distance_um >= 150")).problem
    assert [part for part in before.parts if before.parts[part] != other.parts[part]] == ["cell"]
    assert other.recipe.morphology.sections[3].length_um == pytest.approx(160)


def test_regions_come_after_the_edits_and_before_one_that_names_them(study):
    longer = '[[morphology.edit]]\ntype = "scale-lengths"\nregion = "{}"\nfactor = 2\n[regions]'
    tree = study(("cell.toml", "[regions]", longer.format("apical"))).problem.recipe.morphology
    assert tree.length_um("apical") == pytest.approx(760)
    assert tree.length_um("tuft") == pytest.approx(760 - 140)
    tree = study(("cell.toml", "[regions]", longer.format("one"))).problem.recipe.morphology
    assert tree.length_um("one") == pytest.approx(180)
    assert tree.length_um("tuft") == pytest.approx(200)


def test_segments_by_region_are_written_as_they_are_read():
    table = SegmentsTable.model_validate(
        {"d_lambda": 0.1, "tuft": {"max_length_um": 5.0}, "axonal": {"max_length_um": 9.0}}
    )
    rule = segments_from(table)
    assert rule.regions == (("axonal", MaximalLength(9.0)), ("tuft", MaximalLength(5.0)))
    assert segments_from(SegmentsTable.model_validate(segments_table(rule))) == rule


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "cut = true",
            "cut = false",
            r"toml: regions: region 'tuft' of 'shape' ends inside",
        ),
        ("cut = true", "cutt = true", r"regions.tuft.cutt: unknown key 'cutt'; did you mean 'cut'"),
        ('"dend[0]"', '"dend[4]"', r"regions: region 'one': cannot use 'dend.4.': unknown section"),
        ('"dend[0]"', "3", r"regions.one: must be a text or a list or a table .given: 3."),
        ('one = "d', 'order = "d', r"regions: a region is called 'order', which means something"),
        ('one = "d', 'syn = "basal"\none = "d', r"place.syn: syn is the name of a region"),
        (
            "parameters.tuft",
            "parameters.tufft",
            r"parameters.tufft: unknown region 'tufft'; did",
        ),
        ("\ntuft = [", "\ntufft = [", r"mechanisms.insert.tufft: unknown region"),
        ("\ntuft = { max", "\ntufft = { max", r"conditions.segments.tufft: unknown region"),
        (
            "tuft = { max_length_um = 7 }",
            "max_um = 3",
            r"conditions.segments: unknown key 'max_um",
        ),
        ("max_length_um = 7 }", "max_um = 5 }", r"conditions.segments.tuft.max_um: unknown key"),
        (
            "[parameters.tuft]",
            "[parameters.apical.gnabar_hh]\nvalue = 1\n[parameters.tuft]",
            r"no mechanism brings gnabar_hh to apic.0., apic.1.1., apic.2.1. of the 5 apical sec",
        ),
        (
            '"tuft@200um"',
            '"tuft@600um"',
            r"no tuft section at 600 um from soma.0.5.; the farthest end of that region is at 310",
        ),
        ("> 150", "> 900", r"parameters.tuft.gnabar_hh: it is free, and the cell has no tuft sect"),
    ],
)
def test_mistakes_are_told_with_their_key(study, old, new, message):
    with pytest.raises(InputError, match=message):
        study(("cell.toml", old, new))


def test_what_is_painted_over_cannot_be_free(study):
    over = "cm = [1, 2]\n[parameters.apical]"
    with pytest.raises(InputError, match=r"thick.cm: it is free, .* later regions .apical. are"):
        study(("cell.toml", "[parameters.apical]", f"[parameters.thick]\n{over}"))


def test_a_region_that_holds_nothing_is_noted(study):
    far = study(
        ("cell.toml", "one = ", 'nowhere = "apical and distance_um > 900"\none = '),
    )
    assert notes_of(far.problem) == ("region nowhere holds no section of the cell",)


def test_a_value_is_tied_to_those_of_other_regions_and_of_what_is_placed(study):
    problem = study(
        ("cell.toml", "g_pas = 3e-5", 'g_pas = "2 * g_pas.somadend"'),
        (
            "cell.toml",
            "[parameters.one]",
            '[parameters."apic[0]"]\nRa = "50 * tau.syn"\n[parameters.one]',
        ),
        ("cell.toml", 'site = "tuft@200um"', 'site = "tuft@200um"\nparameters = { tau = [1, 3] }'),
    ).problem
    assert problem.parameter_names == ("g_pas.somadend", "gnabar_hh.tuft", "tau.syn")
    recipe = problem.cell(np.array([1e-4, 0.1, 2.0]))
    assert (recipe.values["g_pas.tuft"], recipe.values["Ra.apic[0]"]) == (2e-4, 100.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("g_pas = 3e-5", 'g_pas = "2 * g_pas.tuft"', "g_pas.tuft reads g_pas.tuft"),
        ("g_pas = 3e-5", 'g_pas = "2 *"', "cell.toml: parameters.tuft.g_pas: cannot use"),
        ("g_pas = 3e-5", 'g_pas = "g_pas.all"', "unknown parameter 'g_pas.all'"),
        ("[parameters.one]", '[parameters."apic[9]"]', "apic[9]"),
    ],
)
def test_ties_that_cannot_be_are_refused_with_their_names(study, old, new, said):
    with pytest.raises(InputError) as caught:
        study(("cell.toml", old, new))
    assert said in str(caught.value)
    assert "cell.toml" in str(caught.value)


FALLING = 'falling = "value * exp(-distance_um / 100)"'
FREE = FALLING.replace('"value', '{ expression = "value').replace("100)", "far_um)")


def test_a_constant_of_a_distribution_is_free(study):
    table = FREE + ", parameters = { far_um = { bounds = [50, 500], scale = 'log' } } }"
    problem = study(("cell.toml", FALLING, table)).problem
    assert problem.parameter_names == ("far_um.falling", "g_pas.somadend", "gnabar_hh.tuft")
    assert problem.parameters[0].scale == "log"
    assert problem.recipe.unit_of("far_um.falling") == "um"
    free = problem.cell(np.array([100.0, 1e-4, 0.1]))
    fixed = study(("cell.toml", FALLING, FREE + ", parameters = { far_um = 100 } }"))
    fixed = fixed.problem.cell(np.array([1e-4, 0.1]))
    plain = study().problem.cell(np.array([1e-4, 0.1]))
    for one, other, usual in zip(free.painted(), fixed.painted(), plain.painted(), strict=True):
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.values, usual.values)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("parameters = { fra_um = 100 }", "did you mean 'fra_um'?"),
        ("parameters = { far_um = 100, near_um = 2 }", "its expression has no near_um"),
        ("parameters = { far_um = 100, exp = 2 }", "a constant is called 'exp'"),
        ('parameters = { far_um = "far_um.falling" }', "far_um.falling reads far_um.falling"),
    ],
)
def test_constants_that_cannot_be_are_refused(study, more, said):
    with pytest.raises(InputError) as caught:
        study(("cell.toml", FALLING, f"{FREE}, {more} }}"))
    assert said in str(caught.value)
