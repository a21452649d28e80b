"""A rule of NetPyNE's becomes a study, or is refused by name; nothing of it is run."""

import pytest

from tests.unit.imports.netpyne_rules import rule, write_rules
from workbench.errors import InputError
from workbench.imports import import_study


@pytest.fixture
def imported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def imported(tables=None, **given):
        return import_study("netpyne", write_rules(tmp_path / "m", tables) / "net.json", **given)

    return imported


def readme(study):
    return (study.folder / "README.md").read_text()


def test_network_parameters_as_they_are_saved(imported):
    study = imported()
    recipe = study.problem.recipe
    assert study.folder.name == "PYR"
    assert recipe.morphology.names == ("soma[0]", "apic[0]", "apic[1]", "dend[0]")
    assert recipe.segment_counts == (1, 3, 3, 5)
    assert (recipe.celsius_degC, recipe.v_init_mV) == (20, -66)
    assert recipe.morphology.indices("tuft") == (2,)
    assert recipe.morphology.indices("alldend") == (1, 2, 3)
    [protocol] = study.protocols
    assert protocol.name == "step"
    said = readme(study)
    for sentence in (
        "Section lists that are no named regions: all.",
        "Spikes are sent to other cells at -10 mV",
        "The rule is for cells with cellType = PYR.",
        "Stimuli and connections of the network are not imported.",
    ):
        assert sentence in said


def test_one_rule_alone_with_names_of_its_own(imported):
    one = rule(soma={"vinit": -70}, Adend1={"geom": {"L": 50, "diam": 2}})
    one["secs"]["Adend1"]["topol"] = {"parentSec": "dend"}
    one["secs"]["soma"]["pointps"] = {"syn": {"mod": "ExpSyn", "loc": 0.5}}
    one["globals"] = {"celsius": 34.0, "clamp_resist": 1.0, "nai0_na_ion": 12.0}
    study = imported(one, kinds={"Adend1": "apical"})
    recipe = study.problem.recipe
    assert len(recipe.morphology.indices("apical")) == 3
    assert (recipe.celsius_degC, recipe.v_init_mV) == (34, -70)
    assert recipe.global_values == {"nai0_na_ion": 12}
    said = readme(study)
    assert "34 degC is the rule's" in said
    assert "Sections begin at -70 to -65 mV in the file" in said
    assert "1 ExpSyn: point processes" in said
    assert "Variables of hoc that no mechanism here has: clamp_resist." in said


def test_several_cells(imported, tmp_path):
    tables = {"cellParams": {"PYR": rule(), "PV": rule(dend={"mechs": {"kv": {}}})}}
    with pytest.raises(InputError, match="holds several cells; name one: --model PYR or PV"):
        imported(tables)
    with pytest.raises(InputError, match="unknown model 'PYP'; did you mean 'PYR'"):
        import_study("netpyne", tmp_path / "m", model="PYP")
    with pytest.raises(InputError, match=r"dend: unknown mechanism 'kv'.*--mechanisms FOLDER"):
        import_study("netpyne", tmp_path / "m" / "net.json", model="PV")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"geom": {"L": "uniform(10, 20)"}}, r"geom\.L.*uniform\(10, 20\).*is not run"),
        ({"mechs": {"pas": {"g": "1e-4*dist_path"}}}, r"g.*1e-4\*dist_path.*is not run"),
        ({"mechs": {"pas": {"g": [1e-4, "rand"]}}}, "rand.*is not run"),
        ({"ions": {"na": {"e": "50"}}}, "50.*is not run"),
        ({"geom": {"length": 3}}, r"geom\.length"),
        ({"geom": {"nseg": 0}}, r"nseg.*greater than 0"),
        ({"topol": {"parentSec": "som"}}, "unknown parentSec 'som'; did you mean 'soma'"),
        ({"mechs": {"pas": {"gbar": 1}}}, "unknown parameter of pas 'gbar'"),
        ({"mechs": {"pas": {"g": [1, 2]}}}, "g_pas has 2 values for 5 segments"),
        ({"pointps": {"iz": {"mod": "Izhi2007b", "vref": "V"}}}, r"point neuron \(Izhi2007b\)"),
    ],
)
def test_what_cannot_be_said_is_named(imported, tmp_path, changed, said):
    with pytest.raises(InputError, match=said):
        imported(rule(dend=changed), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_trees_are_told(imported):
    with pytest.raises(InputError, match="Bdend1 are of no known region"):
        imported(rule(Bdend1={"geom": {"L": 1, "diam": 1}, "topol": {"parentSec": "soma"}}))


@pytest.mark.parametrize("tables", [[1], {"net": {"params": {}}}, {"cellParams": {"a": {}}}])
def test_files_without_cells(imported, tables):
    with pytest.raises(InputError, match="no rule for a cell with sections"):
        imported(tables)


def test_a_file_of_python_is_none(tmp_path):
    (tmp_path / "netParams.py").write_text("from netpyne import specs\n")
    with pytest.raises(InputError, match="is not JSON"):
        import_study("netpyne", tmp_path / "netParams.py")
