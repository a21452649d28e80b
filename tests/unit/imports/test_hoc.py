"""Cells of hoc code become studies with the geometry and the values that NEURON had."""

from math import exp

import pytest

from tests.unit.imports.hoc_cells import FSCAN, LOOPS, TEMPLATE
from workbench.errors import InputError
from workbench.imports import import_study
from workbench.questions import ask


def by_neuron(text):
    """Return the sections as NEURON has them, by name."""
    question = {"text": text, "name": "a.hoc", "files": {}, "library": None} | {
        "globals": [],
        "not_run": {},
        "as_nrngui": False,
    }
    answer = ask("workbench.imports.hoc.child", question)
    return {one["name"].rpartition(".")[2]: one for one in answer["sections"]}


def painted(study):
    """Return the value of every painted variable by section, as the engine will set it."""
    recipe = study.problem.recipe
    values = {}
    for one in recipe.painted():
        found = one.values if isinstance(one.values, float) else set(one.values.tolist())
        [value] = [found] if isinstance(found, float) else found
        values[recipe.morphology.names[one.section], one.variable] = value
    return values


@pytest.fixture
def imported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def imported(text, **given):
        (tmp_path / "cell.hoc").write_text(text)
        return import_study("hoc", tmp_path / "cell.hoc", out="out", **{"trust_hoc": True, **given})

    return imported


@pytest.mark.parametrize(
    "text",
    [LOOPS, TEMPLATE, FSCAN, f"{LOOPS}dend[1] uninsert pas\ndend[2] insert hh\ndend[2] ek = -80\n"],
    ids=["loops", "template", "fscan", "some sections"],
)
def test_geometry_and_values_are_neurons(imported, text):
    recipe = (study := imported(text)).problem.recipe
    theirs = by_neuron(text)
    ours = painted(study)
    tree = recipe.morphology
    defaults = {"cm": 1.0, "g_pas": 1e-3, "e_pas": -70.0, "gnabar_hh": 0.12, "ek": -77.0}
    assert len(theirs) == len(tree)
    for name, section, count in zip(tree.names, tree.sections, recipe.segment_counts, strict=True):
        one = theirs.get(name) or theirs[name.removesuffix("[0]")]
        assert section.length_um == pytest.approx(one["length_um"], rel=1e-9)
        assert section.area_um2 == pytest.approx(one["area_um2"], rel=1e-9)
        assert section.parent < 0 or section.parent_x == pytest.approx(one["parent_x"], rel=1e-9)
        assert count == one["segments"]
        said = {"cm": one["cm"][0], "Ra": one["Ra"]}
        for suffix, variables in one["carries"].items():
            said |= {f"{key}_{suffix}": values[0] for key, values in variables.items()}
        said |= {key: values[0] for ion in one["ions"].values() for key, values in ion.items()}
        for variable in ("cm", "Ra", "g_pas", "e_pas", "gnabar_hh", "ek"):
            if variable in said:
                value = ours.get((name, variable), defaults.get(variable, 35.4))
                assert value == pytest.approx(said[variable], rel=1e-9)
        carried = {s for region, s in recipe.inserted if tree.index(name) in tree.indices(region)}
        assert carried == set(one["carries"])


def test_conditions_clamps_and_what_is_left_out(imported):
    study = imported(LOOPS)
    recipe = study.problem.recipe
    assert (recipe.celsius_degC, recipe.v_init_mV) == (20, -70)
    [protocol] = study.protocols
    [stimulus] = protocol.stimuli
    assert (protocol.name, protocol.duration_ms) == ("clamps", 200)
    assert (stimulus.delay_ms, stimulus.duration_ms, stimulus.amplitude_nA) == (50, 100, 0.4)
    assert str(stimulus.site) == "soma[0](0.5)"


def test_values_that_vary_within_a_section(imported):
    more = "apic[1] { nseg = 5 for (x) if (x > 0 && x < 1) g_pas(x) = 1e-4*(1 + x) }\n"
    recipe = imported(LOOPS + more).problem.recipe
    tree = recipe.morphology
    [values] = [
        one.values
        for one in recipe.painted()
        if one.variable == "g_pas" and tree.names[one.section] == "apic[1]"
    ]
    assert values == pytest.approx([1e-4 * (1 + x) for x in (0.1, 0.3, 0.5, 0.7, 0.9)], rel=1e-9)


def test_a_clamp_that_never_ends(imported):
    study = imported(f"{TEMPLATE}objref hold\ncell.soma hold = new IClamp(0.5)\nhold.dur = 1e9\n")
    [protocol] = study.protocols
    assert protocol.duration_ms == protocol.stimuli[0].duration_ms == 700


def test_nothing_runs_unless_it_is_trusted(imported, tmp_path):
    with pytest.raises(InputError, match=r"would run with your rights.*--trust-hoc"):
        imported('system("touch ran")', trust_hoc=False)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("forall insert extracellular", "it inserts extracellular, of which"),
        ("forall nosuch()", "NEURON says"),
        ("create tuft\nconnect tuft(0), apic[1](1)", "--kind|kinds"),
    ],
)
def test_what_cannot_be_said_is_named(imported, tmp_path, more, said):
    with pytest.raises(InputError, match=said):
        imported(f"{LOOPS}{more}\n")
    assert not (tmp_path / "out").exists()


def test_files_beside_it_are_loaded(imported, tmp_path):
    (tmp_path / "shape").mkdir()
    (tmp_path / "shape" / "cell.hoc").write_text(LOOPS)
    (tmp_path / "shape" / "more.hoc").write_text("soma g_pas = 7e-5\n")
    main = 'load_file("shape/cell.hoc")\nxopen("shape/more.hoc")\nsystem("touch shape/ran")\n'
    study = imported(main)
    assert painted(study)["soma[0]", "g_pas"] == 7e-5
    # It ran on a copy.
    assert not (tmp_path / "shape" / "ran").exists()


def test_a_file_that_is_not_there(imported, tmp_path):
    (tmp_path / "more.hoc").write_text('create soma\nload_file("gone.hoc")\n')
    with pytest.raises(InputError, match=r"more\.hoc:2: it loads gone\.hoc.*not in the folder"):
        imported('load_file("more.hoc")\n')


def test_other_names_are_told(imported):
    more = "create tuft\nconnect tuft(0), apic[1](1)\ntuft { insert pas nseg = 3 }\n"
    tree = imported(LOOPS + more, kinds={"tuft": "apical"}).problem.recipe.morphology
    assert len(tree.indices("apical")) == 3


def test_segments_by_no_rule(imported):
    recipe = imported(f"{LOOPS}dend[0] nseg = 4\n").problem.recipe
    assert recipe.segment_counts[recipe.morphology.index("dend[0]")] == 4


PUBLISHED = """\
load_file("nrngui.hoc")
Vrest = -68
xopen("cell.hoc")
objref figure, shape, places
places = new SectionList()
forsec "apic" places.append()
forsec places { g_pas = 5e-5 }
ifsec "soma" { g_pas = 2e-4 }
proc init() {
    forall e_pas = -75
    finitialize(Vrest)
    fcurrent()
    soma e_pas(0.5) = v(0.5) + (ina(0.5) + ik(0.5) + il_hh(0.5))/g_pas(0.5)
}
load_file("cell.ses")
figure = new Graph()
figure.addvar("soma.v(0.5)")
shape = new PlotShape()
shape.exec_menu("Shape Plot")
nrnmainmenu()
nrncontrolmenu()
newPlotV()
xpanel("Figure 1")
xbutton("Go", "run()")
xpanel(10, 10)
cvode_active(1)
{{ {last} }}
"""
SESSION = """\
{load_file("nrngui.hoc")}
objectvar window
{
window = new Graph(0)
window.size(0, 100, -80, 40)
window.view(0, -80, 100, 120, 0, 0, 300, 200)
graphList[0].append(window)
}
"""


@pytest.mark.parametrize("last", ["", "run()"])
def test_a_file_made_for_a_screen(imported, tmp_path, last):
    """Its init() is what the button "Init & Run" calls: it sets the leak and where runs begin."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "cell.hoc").write_text(LOOPS)
    (tmp_path / "model" / "cell.ses").write_text(SESSION)
    (tmp_path / "model" / "mosinit.hoc").write_text(PUBLISHED.replace("{{ {last} }}", last))
    study = import_study("hoc", tmp_path / "model" / "mosinit.hoc", out="out", trust_hoc=True)
    values = painted(study)
    assert study.problem.recipe.v_init_mV == -68
    assert values["dend[0]", "e_pas"] == -75
    assert values["apic[1]", "g_pas"] == 5e-5
    assert values["soma[0]", "e_pas"] == pytest.approx(-68 + current(-68) / 2e-4, rel=1e-6)


def current(v):
    """Return what flows in LOOPS' soma at rest, in mA/cm2, by Hodgkin and Huxley 1952."""
    m = 0.1 * (v + 40) / (1 - exp(-(v + 40) / 10)), 4 * exp(-(v + 65) / 18)
    h = 0.07 * exp(-(v + 65) / 20), 1 / (1 + exp(-(v + 35) / 10))
    n = 0.01 * (v + 55) / (1 - exp(-(v + 55) / 10)), 0.125 * exp(-(v + 65) / 80)
    m, h, n = (opens / (opens + closes) for opens, closes in (m, h, n))
    return 0.25 * m**3 * h * (v - 50) + 0.036 * n**4 * (v + 85) + 3e-4 * (v + 54.3)


def test_a_beginning_that_differs_from_section_to_section(imported):
    study = imported(f"{LOOPS}proc init() {{ finitialize(-70) soma.v(0.5) = -60 }}\n")
    assert study.problem.recipe.v_init_mV == -70
    assert "voltages from -70 to -60 mV" in (study.folder / "README.md").read_text()


def test_a_file_that_is_opened_with_nrngui(imported):
    """It may take the standard library for granted, whose own tstop of 5 ms says nothing."""
    text = LOOPS.replace('load_file("stdrun.hoc")\n', "").replace("tstop = 200\n", "")
    more = 'load_file("wingroup.hoc")\nproc init() { finitialize(-66) }\n'
    study = imported(text + more)
    assert study.problem.recipe.v_init_mV == -66
    assert study.protocols[0].duration_ms == pytest.approx(1.2 * 150)


def test_a_file_that_takes_a_name_of_the_standard_library(imported):
    study = imported(LOOPS.replace('load_file("stdrun.hoc")', "objref graphList"))
    assert study.problem.recipe.v_init_mV == -70
