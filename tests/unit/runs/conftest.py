"""Studies to be fitted, and run folders made by hand."""

import pytest

from tests.made_runs import full_run, new_run
from tests.unit.studies.conftest import change, l5pc, quick, quick_morphologies
from workbench.studies import load_study, plan_of

__all__ = ["change", "full_run", "l5pc", "new_run", "quick", "quick_morphologies"]


@pytest.fixture
def study(quick):
    return load_study(quick)


@pytest.fixture
def plan(study):
    return plan_of(study, algorithm="random", population=4, generations=3, seed=5)


@pytest.fixture
def folder(folder_in_memory):
    return folder_in_memory / "runs" / "a"
