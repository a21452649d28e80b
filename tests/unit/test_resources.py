from pathlib import Path

import pytest

from workbench import resources
from workbench.errors import InputError
from workbench.resources import cache_folder, shipped


@pytest.mark.parametrize("name", ["mechanisms", "morphologies", "optimizations"])
def test_in_a_clone_the_folders_lie_at_its_top(name):
    assert shipped(name) == Path(__file__).parents[2] / name
    assert shipped(name).is_dir()


def test_in_a_wheel_they_lie_inside_the_package(monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "workbench"
    (package / "_shipped" / "optimizations").mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))
    assert shipped("optimizations") == package / "_shipped" / "optimizations"


def test_the_cache_may_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_CACHE", "~/there")
    assert cache_folder() == tmp_path / "there"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", "relative")
    assert cache_folder() == tmp_path / "relative"


def test_a_cache_that_neuron_cannot_read_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "müller"))
    with pytest.raises(InputError, match=r"müller.*set WORKBENCH_CACHE"):
        cache_folder()


@pytest.mark.parametrize("named", [None, ""])
def test_otherwise_it_is_the_users(monkeypatch, named):
    if named is None:
        monkeypatch.delenv("WORKBENCH_CACHE", raising=False)
    else:
        monkeypatch.setenv("WORKBENCH_CACHE", named)
    assert cache_folder().name == "neuron-workbench"
    assert cache_folder().is_absolute()
