"""Totals of conductances in cell.toml: what they come to, and what is refused."""

import math

import pytest

from tests.unit.studies.test_places import FILES
from workbench.api import Cell
from workbench.cells import Spines, told
from workbench.cells.totals import per_S_per_cm2
from workbench.errors import InputError
from workbench.mechanisms import Mechanism, MechanismSet, Parameter
from workbench.studies import load_study

SHAPE = """\
source = "made up"
section = [
    { region = "somatic", length_um = 20, diameter_um = 20 },
    { region = "apical", length_um = 90, diameter_um = 2, parent = 0 },
    { region = "axonal", length_um = 30, diameter_um = 1, parent = 0 },
]
"""
CELL = """\
[conditions]
celsius_degC = 6.3
v_init_mV = -65
segments = { max_length_um = 50 }
[morphology]
file = "shape.toml"
[mechanisms]
folders = []
insert = { all = ["hh"] }
[parameters.all]
gl_hh = [1e-5, 1e-3]
"""
FREE = """\
[parameters.axonal]
gnabar_hh = { total_uS = [1e-3, 1], scale = "log", at = "axon(0.2)" }
[parameters.apical]
gnabar_hh = { total_uS = "2 * gnabar_hh.axonal" }
[parameters.somatic]
gnabar_hh = { total_uS = 0.5, at = "soma(1)" }
"""


@pytest.fixture
def load(tmp_path):
    def load(tables):
        (tmp_path / "shape.toml").write_text(SHAPE)
        (tmp_path / "cell.toml").write_text(CELL + tables)
        for name in ("targets.toml", "study.toml"):
            (tmp_path / name).write_text(FILES[name])
        (tmp_path / "protocols.toml").write_text(
            '[train]\nduration_ms = 10\nrecordings = { soma = "soma(0.5)" }\n'
        )
        return load_study(tmp_path)

    return load


def painted(recipe):
    found = recipe.painted()
    return {one.section: list(one.values) for one in found if one.variable == "gnabar_hh"}


def test_a_total_is_free_tied_or_fixed_and_comes_to_densities(load):
    problem = load(FREE).problem
    assert problem.parameter_names == ("gl_hh.all", "gnabar_hh.axonal")
    assert problem.parameters[1].scale == "log"
    assert problem.recipe.unit_of("gnabar_hh.axonal") == "uS"
    assert problem.recipe.unit_of("gl_hh.all") == "S/cm2"
    recipe = problem.recipe.with_values({"gl_hh.all": 1e-4, "gnabar_hh.axonal": 0.1})
    assert recipe.values["gnabar_hh.apical"] == 0.2
    # uS over um2 are 100 S/cm2; the dendrite has three segments.
    assert painted(recipe)[0] == pytest.approx([100 * 0.5 / (math.pi * 20 * 20)])
    assert painted(recipe)[1] == pytest.approx([100 * 0.2 / (math.pi * 2 * 90)] * 3)
    assert painted(recipe)[2] == pytest.approx([100 * 0.1 / (math.pi * 1 * 30)])


def test_the_segment_at_the_site_has_all_of_it(load):
    said = '[parameters.apical]\ngnabar_hh = { total_uS = 0.1, at = "apical@60um" }\n'
    recipe = load(said).problem.recipe.with_values({"gl_hh.all": 1e-4})
    # soma(0.5) is 10 um before the dendrite, so that 60 um lie in the middle one of three.
    assert painted(recipe)[1] == pytest.approx([0, 100 * 0.1 / (math.pi * 2 * 30), 0])


def test_it_is_told_in_words(load):
    problem = load(FREE).problem
    assert list(told(problem.recipe))[1:] == [
        "gnabar_hh.axonal is the total of axon[0](0.2): free",
        "gnabar_hh.apical is the total of all membrane of apical: tied",
        "gnabar_hh.somatic is the total of soma[0](1): 0.5 uS",
    ]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("gnabar_hh = { total_uS = 1, at = 'soma(0.5)' }", "soma[0](0.5) lies in soma[0], which"),
        ("gnabar_hh = { total_uS = 1, at = 'axonal@90um' }", "gnabar_hh.axonal: "),
        ("gnabar_hh = { total_uS = 1, at = 'here' }", "gnabar_hh: 'here' is not a site"),
        ("gnabar_hh = { total_uS = 1, value = 3 }", "total_uS stands in place of value"),
        ("gnabar_hh = { total_uS = 1, balance_mV = 3 }", "give either balance_mV or total_uS"),
        ("gnabar_hh = { value = 1, at = 'axon(0.5)' }", "at goes with total_uS alone"),
        ("cm = { total_uS = 1 }", "cm.axonal: total_uS is for conductances per area, and cm is"),
        ("el_hh = { total_uS = 1 }", "it is in mV by NEURON"),
        (
            "gnabar_hh = { total_uS = 1 }\n[parameters.'axon[0]']\ngnabar_hh = 0.1",
            "gnabar_hh.axonal: gnabar_hh.axon[0] is painted over it in axon[0]",
        ),
        (
            "gl_hh = { total_uS = 1 }\n[[spines]]\nregion = 'axonal'\ndensity_per_um = 1\n"
            "area_um2 = 1\nscaled = ['gl_hh']",
            "gl_hh.axonal: spines of axonal scale it in axon[0]",
        ),
        ("[parameters.global]\nx_hh = { total_uS = 1 }", "balance_mV, total_uS and at are for"),
    ],
)
def test_what_would_be_another_total_is_refused_by_name(load, said, why):
    with pytest.raises(InputError) as caught:
        load(f"[parameters.axonal]\n{said}\n")
    assert why in str(caught.value)
    assert "cell.toml: " in str(caught.value)


@pytest.mark.parametrize(
    ("unit", "many"),
    [
        ("S/cm2", 1),
        ("mho/cm2", 1),
        ("siemens / cm2", 1),
        ("mS/cm2", 1e3),
        ("mmho/cm2", 1e3),
        ("millimho/cm2", 1e3),
        ("umho/cm2", 1e6),
        ("microsiemens/cm2", 1e6),
        ("pS/um2", 1e4),
        ("nS/um2", 10),
        ("S/m2", 1e4),
        ("S/cm^2", 1),
    ],
)
def test_units_of_densities(tmp_path, unit, many):
    """1 S/cm2 is 1e12 pS on 1e8 um2."""
    leak = Mechanism("leak", "density", "leak.mod", (Parameter("g", 0.0, unit),))
    assert per_S_per_cm2("g_leak", (MechanismSet("mods", tmp_path, (), (leak,)),)) == many


@pytest.mark.parametrize("unit", ["", "cm/s", "S", "uS", "mA/cm2", "S/cm", "S cm2"])
def test_what_is_no_density_of_conductance(tmp_path, unit):
    leak = Mechanism("leak", "density", "leak.mod", (Parameter("g", 0.0, unit),))
    with pytest.raises(InputError, match=r"leak\.mod"):
        per_S_per_cm2("g_leak", (MechanismSet("mods", tmp_path, (), (leak,)),))


def test_python_says_it_too(load):
    study = load(FREE)
    cell = Cell(study.problem.recipe.with_values({"gl_hh.all": 1e-4}), study)
    other = cell.with_total("gnabar_hh.apical", 0.1, at="apical@60um")
    assert painted(other.with_values({"gnabar_hh.axonal": 1.0}).recipe)[1][0] == 0
    assert other.recipe.ties == ()
    more = cell.with_total("gkbar_hh.somatic", 0.1)
    assert more.recipe.values["gkbar_hh.somatic"] == 0.1
    spiny = Spines("apical", 1.0, 1.0, scaled=("gnabar_hh",))
    with pytest.raises(InputError, match="spines of apical scale it"):
        cell.with_spines(spiny)
    for wrong in ("gkbar_hh", "gkbar_hh.tuft", "el_hh.axonal"):
        with pytest.raises(InputError):
            cell.with_total(wrong, 0.1)
