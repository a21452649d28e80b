import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from workbench.morphology import load_morphology
from workbench.resources import shipped
from workbench.studies import cells


@cache
def _loaded(path, soma, unit, kinds):
    return load_morphology(path, soma, unit=unit, kinds=dict(kinds))


def load_once(path, soma="neuron", *, unit="um", kinds):
    return _loaded(path, soma, unit, tuple(kinds.items()))


@pytest.fixture(autouse=True)
def quick_morphologies(monkeypatch):
    """Read a reconstruction once for all studies of this folder."""
    monkeypatch.setattr(cells, "load_morphology", load_once)


@pytest.fixture
def l5pc(tmp_path) -> Path:
    """Return the folder of a copy of the shipped study that says how it is simulated."""
    shutil.copytree(shipped("optimizations") / "l5pc", tmp_path / "l5pc")
    with (tmp_path / "l5pc" / "study.toml").open("a") as file:
        file.write("\n[integrator]\ncvode_atol = 1e-3\n")
    return tmp_path / "l5pc"


@pytest.fixture
def quick(l5pc) -> Path:
    """Return the folder of a copy of l5pc_quick, beside that of its base."""
    shutil.copytree(shipped("optimizations") / "l5pc_quick", l5pc.parent / "l5pc_quick")
    return l5pc.parent / "l5pc_quick"


@pytest.fixture
def change() -> Callable[..., None]:
    """Return a function that replaces a text in a file of a study."""

    def change(file: Path, old: str, new: str, *more: str) -> None:
        text = file.read_text(encoding="utf-8")
        for before, after in zip([old, *more[::2]], [new, *more[1::2]], strict=True):
            assert before in text, f"{before!r} is not in {file.name}"
            text = text.replace(before, after, 1)
        file.write_text(text, encoding="utf-8")

    return change
