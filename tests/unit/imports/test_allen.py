"""A model of the Allen Cell Types Database becomes a study, or is refused with what to do."""

import json
import shutil

import pytest

from tests.unit.imports.allen_model import ACTIVE, GENES, fit, write_model
from workbench.errors import InputError, StudyError
from workbench.imports import import_study
from workbench.studies import load_study


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_PATHS", raising=False)
    return write_model(tmp_path / "123")


def painted(study):
    return {paint.name: paint.value for paint in study.problem.recipe.paint}


def change(model, old, new):
    path = model / "123_fit.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_perisomatic_model(model):
    study = import_study("allen", model)
    recipe = study.problem.recipe
    assert study.folder.name == "123"
    assert study.folder.parent.name == "optimizations"
    assert (recipe.celsius_degC, recipe.v_init_mV) == (34, -80.5)
    assert set(recipe.inserted) == {
        ("all", "pas"), ("somatic", "NaTs2_t"), ("somatic", "SKv3_1")
    }  # fmt: skip
    assert painted(study) == {
        "Ra.all": 120, "e_pas.all": -80.5,
        "cm.somatic": 1.0, "cm.axonal": 1.1, "cm.basal": 1.2, "cm.apical": 2.0,
        "gNaTs2_tbar_NaTs2_t.somatic": 1.2, "gSKv3_1bar_SKv3_1.somatic": 0.4,
        "g_pas.somatic": 1e-4, "g_pas.axonal": 2e-4, "g_pas.basal": 3e-5, "g_pas.apical": 4e-5,
        "ena.somatic": 53, "ek.somatic": -107,
    }  # fmt: skip
    axon = [recipe.morphology.sections[index] for index in recipe.morphology.indices("axonal")]
    assert [(one.length_um, one.parent_x) for one in axon] == [(30, 0.5), (30, 1.0)]
    assert [float(one.points[0, 3]) for one in axon] == [1, 1]
    assert recipe.free == ()


def test_an_all_active_model(model):
    (model / "123_fit.json").write_text(json.dumps(fit([*GENES, *ACTIVE])))
    study = import_study("allen", model, out="active")
    values = painted(study)
    # The genome comes after `passive`, and reversal potentials go where their ions are.
    assert values["cm.apical"] == 1.5
    assert values["ena.axonal"] == 53
    assert "ena.apical" not in values
    tree = study.problem.recipe.morphology
    axon = [tree.sections[index] for index in tree.indices("axonal")]
    assert [(one.length_um, one.parent_x) for one in axon] == [(30, 1.0), (30, 1.0)]
    # Mean diameters by area of the first and the last section of the axon in the file.
    assert 1.0 < axon[0].points[0, 3] < 1.4
    assert 0.4 < axon[1].points[0, 3] < 1.0
    assert "all-active" in study.title


def test_a_global_of_the_genome(model):
    mod = model / "modfiles" / "Ih.mod"
    text = mod.read_text()
    assert "PARAMETER {\n" in text
    mod.write_text(text.replace("PARAMETER {\n", "PARAMETER {\n    shift = 3 (mV)\n", 1))
    genes = [*GENES, *ACTIVE, ("glob", "shift_Ih", "5", "")]
    (model / "123_fit.json").write_text(json.dumps(fit(genes)))
    study = import_study("allen", model, out="shifted")
    assert dict(study.problem.recipe.global_values) == {"shift_Ih": 5}
    said = (study.folder / "README.md").read_text()
    assert "The genome sets shift_Ih, as AllenSDK does" in said
    assert "cm and e_pas of `passive` are painted" in said


def test_the_manifest_decides(model):
    shutil.rmtree(model)
    write_model(model, kind="Biophysical - all active")
    (model / "other.swc").write_text("")
    assert "all-active" in import_study("allen", model).title


def test_files_as_they_are_downloaded_today(model):
    (model / "123_fit.json").rename(model / "fit_parameters.json")
    assert import_study("allen", model).folder.name == "123"


def test_the_readme_says_what_is_left_out(model):
    study = import_study("allen", model)
    said = (study.folder / "README.md").read_text()
    assert "junction potential of -14 mV" in said
    assert str(model / "modfiles") in said


def test_the_study_reads_its_files_from_anywhere(model, tmp_path, monkeypatch):
    study = import_study("allen", model, out=tmp_path / "far" / "away")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    again = load_study(study.folder)
    assert again.problem.digest == study.problem.digest
    # Whoever is handed the study has named nothing.
    shutil.copytree(study.folder, tmp_path / "handed" / "on")
    with pytest.raises(StudyError, match="WORKBENCH_PATHS"):
        load_study(tmp_path / "handed" / "on")


def test_a_study_beside_its_model_moves_with_it(model, tmp_path, monkeypatch):
    study = import_study("allen", model, out=tmp_path / "study")
    (tmp_path / "elsewhere").mkdir()
    for folder in (model, study.folder):
        folder.rename(tmp_path / "elsewhere" / folder.name)
    assert load_study(tmp_path / "elsewhere" / "study").problem.digest == study.problem.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"genome"', '"genomes"', r"123_fit\.json: genome: this key is missing"),
        ('"dend"', '"den"', "unknown section 'den'; did you mean 'dend'"),
        ('"celsius": 34', '"celsius": "warm"', "conditions.0.celsius: must be a valid number"),
        ('"mechanism": "NaTs2_t"', '"mechanism": "NaTs"', "modfiles has no mechanism NaTs"),
        ('"name": "g_pas"', '"name": "g_pass"', "g_pass"),
        (
            '"section": "soma", "name": "g_pas"',
            '"section": "glob", "name": "x"',
            "unknown GLOBAL 'x'",
        ),
    ],
)
def test_what_is_wrong_is_named(model, tmp_path, old, new, said):
    change(model, old, new)
    with pytest.raises(InputError, match=said):
        import_study("allen", model, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_choice_is_left_to_the_user(model, tmp_path):
    shutil.copy(model / "cell.swc", model / "again.swc")
    with pytest.raises(
        InputError, match=r"more than one morphology: again\.swc, cell\.swc; .*--mor"
    ):
        import_study("allen", model)
    study = import_study("allen", model / "123_fit.json", morphology=model / "again.swc")
    assert study.problem.recipe.morphology.source == "again.swc"
    (model / "cell.swc").unlink()
    (model / "again.swc").unlink()
    with pytest.raises(InputError, match="there is no morphology in it"):
        import_study("allen", model, out="other")


def test_a_manifest_does_not_lead_out(model):
    shutil.rmtree(model)
    write_model(model, kind="Biophysical - perisomatic")
    path = model / "manifest.json"
    path.write_text(path.read_text().replace("cell.swc", "../../cell.swc"))
    with pytest.raises(InputError, match="lies outside of the model's folder"):
        import_study("allen", model)


def test_an_all_active_model_needs_its_axon(model):
    (model / "123_fit.json").write_text(json.dumps(fit([*GENES, *ACTIVE])))
    lines = (model / "cell.swc").read_text().splitlines()
    (model / "cell.swc").write_text("\n".join(line for line in lines if line.split()[1] != "2"))
    with pytest.raises(InputError, match="diameters of its axon's stub"):
        import_study("allen", model)


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("alen", {}, "unknown tool 'alen'; did you mean 'allen'"),
        ("allen", {"morphology": "no.swc"}, "morphology: no.swc: there is no such file"),
        ("allen", {"mechanisms": "no"}, "mechanisms: no: there is no such folder"),
        ("allen", {"out": "123"}, "is there already"),
        (
            "allen",
            {"trust_hoc": True},
            "trust_hoc: an import of allen takes mechanisms, morphology",
        ),
    ],
)
def test_words_that_are_none(model, tool, given, said):
    with pytest.raises(InputError, match=said):
        import_study(tool, model, **given)


def test_a_path_that_is_none(model):
    with pytest.raises(InputError, match="there is no such file or folder"):
        import_study("allen", "nowhere")
