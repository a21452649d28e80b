"""The engine in this process, with the shipped L5b mechanisms, and in processes of its own."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from workbench.builds import Build
from workbench.engines import Failure, FailureKind, Job, Outcome
from workbench.engines.neuron import NeuronEngine
from workbench.engines.tasks import simulate
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.studies import Study, load_study
from workbench.workers import ProcessWorkers

RunInChildren = Callable[[Sequence[Job]], list[Outcome]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


@pytest.fixture(scope="session")
def hay() -> MechanismSet:
    return read_mechanisms("hay_l5b")


@pytest.fixture(scope="session")
def engine(hay_build: Build) -> NeuronEngine:
    return NeuronEngine(hay_build)


@pytest.fixture(autouse=True)
def _no_cell_left(engine: NeuronEngine) -> Iterator[None]:
    engine.close()
    # The traceback of a failed test keeps what it made.
    for section in list(engine._h.allsec()):
        engine._h.delete_section(sec=section)
    yield
    engine.close()


@pytest.fixture(scope="session")
def l5pc() -> Study:
    return load_study("l5pc")


@pytest.fixture
def in_children() -> RunInChildren:
    return run_in_children


def run_in_children(jobs: Sequence[Job], workers: int = 1) -> list[Outcome]:
    """Run jobs in new processes, one after the other in each."""
    with ProcessWorkers(workers) as pool:
        outcomes = simulate(jobs, pool)
    died = [o for o in outcomes if isinstance(o, Failure) and o.kind is FailureKind.WORKER_DIED]
    assert not died
    return outcomes
