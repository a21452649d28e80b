"""A study names files inside its own walls, unless its user opens a door."""

import os
from pathlib import Path

import pytest

from workbench.errors import StudyError
from workbench.resources import shipped
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
