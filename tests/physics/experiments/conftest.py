"""An experiment by name, done once for the tests of its file, which say `EXPERIMENT = "name"`."""

import pytest

from workbench.experiments import Described, described, do, find_experiment, prepare, table
from workbench.runs import with_params
from workbench.workers import ProcessWorkers


@pytest.fixture(scope="module")
def named(request: pytest.FixtureRequest) -> Described:
    return described(find_experiment(request.module.EXPERIMENT), with_params)


@pytest.fixture(scope="module")
def rows(named):
    """Return the table of the experiment."""
    with ProcessWorkers(2) as pool:
        made_with = prepare(named.experiment)
        return table(named.experiment, do(named.experiment, pool, made_with=made_with))


@pytest.fixture(scope="module")
def tables(named, rows):
    """Return what its analysis makes of the table."""
    return named.analysis.tables(rows)
