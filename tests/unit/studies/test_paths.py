"""A study names files inside its own walls, unless its user opens a door."""

import os
from pathlib import Path

import pytest

from workbench.errors import InputError, StudyError
from workbench.resources import shipped
from workbench.studies import let_read, load_study
from workbench.studies.files import inside


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Return the cell.toml of a study in tmp_path/optimizations; we stand in tmp_path/here."""
    for name in ("optimizations/study", "here", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("WORKBENCH_PATHS", raising=False)
    return tmp_path / "optimizations" / "study" / "cell.toml"


@pytest.mark.parametrize("name", ["cell.swc", "../base/cell.swc", "../../here/cells/cell.swc"])
def test_paths_inside_are_taken(study, name):
    assert inside(study.parent / name, study) == study.parent / name


def test_what_ships_is_taken(study):
    inside(shipped("mechanisms") / "hay_l5b", study)


@pytest.mark.parametrize("name", ["../../elsewhere/x", "../../../etc/passwd", "/etc/passwd"])
def test_paths_outside_are_refused_with_advice(study, name):
    with pytest.raises(StudyError, match=r"lies outside of this study.*WORKBENCH_PATHS="):
        inside(study.parent / name, study)


def test_a_home_is_outside(study):
    with pytest.raises(StudyError, match="lies outside of this study"):
        inside(Path("~/channels"), study)


def test_a_link_does_not_lead_out(study, tmp_path):
    (study.parent / "channels").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StudyError, match=r"elsewhere is neither below"):
        inside(study.parent / "channels", study)


def test_a_door_may_be_opened(study, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_PATHS", os.pathsep.join(["", str(tmp_path / "elsewhere")]))
    inside(tmp_path / "elsewhere" / "cell.swc", study)
    with pytest.raises(StudyError):
        inside(tmp_path / "elsewhere2" / "cell.swc", study)


def test_where_everything_lies_is_no_wall(monkeypatch):
    monkeypatch.chdir("/")
    monkeypatch.delenv("WORKBENCH_PATHS", raising=False)
    study = Path("/study/cell.toml")
    with pytest.raises(StudyError, match="lies outside of this study"):
        inside(Path("/etc/passwd"), study)
    inside(Path("/study/cell.swc"), study)
    monkeypatch.setenv("WORKBENCH_PATHS", "/")
    inside(Path("/etc/passwd"), study)


@pytest.fixture
def patch(study, tmp_path):
    """Return a study that can be read, and a cell and a mechanism that lie outside of it."""
    for file in (shipped("optimizations") / "hodgkin_huxley").iterdir():
        (study.parent / file.name).write_text(file.read_text())
    cell = shipped("morphologies") / "generated" / "patch.toml"
    (tmp_path / "elsewhere" / "cell.toml").write_text(cell.read_text())
    mechanism = shipped("mechanisms") / "hay_l5b" / "Ih.mod"
    (tmp_path / "elsewhere" / "Ih.mod").write_text(mechanism.read_text())
    return study


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def refused(study):
    with pytest.raises(InputError) as caught:
        load_study(study.parent)
    return str(caught.value)


def test_a_name_is_no_path(patch, tmp_path):
    load_study(patch.parent)
    cell = tmp_path / "elsewhere" / "cell"
    for name in (f"{cell}.toml", "../../elsewhere/cell.toml", f"../../../../../../{cell}"):
        change(patch, 'name = "patch"', f'name = "{name}"')
        assert "is a path and not a name" in refused(patch)
        change(patch, f'name = "{name}"', 'name = "patch"')


def test_a_name_does_not_mean_a_file_that_happens_to_lie_here(patch):
    Path("patch").write_text("not a cell")
    load_study(patch.parent)


@pytest.mark.parametrize(
    "link", ["cell.toml", "protocols.toml", "targets.toml", "study.toml", "published.toml"]
)
def test_a_file_of_a_study_is_no_link_out_of_it(patch, tmp_path, link):
    outside = tmp_path / "elsewhere" / "x.toml"
    (patch.parent / link).rename(outside)
    (patch.parent / link).symlink_to(outside)
    assert "elsewhere/x.toml is neither below" in refused(patch)


def test_a_morphology_is_no_link_out_of_its_study(patch, tmp_path):
    (patch.parent / "shape.toml").symlink_to(tmp_path / "elsewhere" / "cell.toml")
    change(patch, 'name = "patch"', 'file = "shape.toml"')
    assert "elsewhere/cell.toml is neither below" in refused(patch)


def test_a_mechanism_is_no_link_out_of_its_study(patch, tmp_path, monkeypatch):
    channels = patch.parent / "channels"
    channels.mkdir()
    (channels / "Ih.mod").symlink_to(tmp_path / "elsewhere" / "Ih.mod")
    change(
        patch, "[mechanisms.insert]", '[mechanisms]\nfolders = ["channels"]\n[mechanisms.insert]'
    )
    assert "elsewhere/Ih.mod is neither below" in refused(patch)
    (channels / "Ih.mod").unlink()
    (channels / "Ih.mod").symlink_to("Ih.mod")
    assert "Ih.mod" in refused(patch)


def test_a_cell_of_a_published_set_lies_inside(patch, tmp_path):
    published = patch.parent / "published.toml"
    change(published, "[published]\n", f'[published]\ncell = "{tmp_path}/elsewhere/cell.toml"\n')
    assert "elsewhere/cell.toml is neither below" in refused(patch)


def test_the_home_of_nobody_is_no_traceback(patch):
    change(
        patch, "[mechanisms.insert]", '[mechanisms]\nfolders = ["~nobody9/x"]\n[mechanisms.insert]'
    )
    assert "unknown mechanism folder '~nobody9/x'" in refused(patch)


def test_what_the_user_let_one_study_read(study, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    let_read(study.parent, [tmp_path / "elsewhere"])
    inside(tmp_path / "elsewhere" / "cell.swc", study)
    with pytest.raises(StudyError):
        inside(tmp_path / "elsewhere2" / "cell.swc", study)
    with pytest.raises(StudyError):
        inside(tmp_path / "elsewhere" / "cell.swc", study.parent.parent / "handed" / "cell.toml")
