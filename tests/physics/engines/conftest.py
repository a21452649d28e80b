"""The engine in this process, with the shipped L5b mechanisms, and in processes of its own."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from workbench.engines import Job, Outcome
from workbench.engines.neuron import NeuronEngine
from workbench.engines.tasks import Simulations
from workbench.mechanisms import Build, MechanismSet, read_mechanisms
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
    task = Simulations(tuple(jobs))
    rows = np.arange(len(jobs), dtype=float)[:, None]
    with ProcessWorkers(workers) as pool:
        answers = {answer.row: answer for answer in pool.run(task, rows) if not answer.again}
    assert not any(answer.lost for answer in answers.values()), answers
    return [answers[row].value for row in range(len(jobs))]
