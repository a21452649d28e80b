"""Examples in the docstrings of the Python interface do as they say."""

import doctest
from pathlib import Path

import pytest

from workbench.api import cells, fits, plots, simulations


@pytest.mark.parametrize("module", [cells, fits, plots, simulations], ids=lambda one: one.__name__)
def test_examples(module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed
