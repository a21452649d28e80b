"""Which simulations one process can run: it loads one build of the mechanisms."""

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.cells import CellRecipe
from workbench.engines import Failure, FailureKind, Integrator, Job, fixed_step
from workbench.engines.tasks import Simulations, simulate
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Protocol
from workbench.workers.task import Answer

REST = Protocol("rest", 10.0)
NEURON, CORE = fixed_step(0.025), fixed_step(0.025, engine="coreneuron")
MINE = MechanismSet("mine", Path("/here"), (("a.mod", "NEURON { SUFFIX a }"),), ())


def job(integrator=NEURON, *mechanisms):
    tree = cylinder_tree("ball", [Cylinder("somatic", 20.0, 20.0)])
    return Job(CellRecipe("ball", tree, mechanisms), REST, integrator)


@pytest.mark.parametrize(
    ("others", "what"),
    [
        (job(replace(NEURON, native=True)), "native"),
        (job(replace(CORE, native=True)), "native"),
        (job(NEURON, MINE), "their mechanisms"),
    ],
    ids=["native", "native CoreNEURON", "mechanisms"],
)
def test_what_needs_another_build_is_refused(others, what):
    with pytest.raises(EngineError, match=f"2 simulations differ in {what}"):
        Simulations((job(), others))
    assert grouped([job(), others]) == [[0], [1]]


def test_a_gpu_is_for_all_of_coreneuron():
    with pytest.raises(EngineError, match="differ in gpu"):
        Simulations((job(CORE), job(replace(CORE, gpu=True))))


def test_a_build_for_coreneuron_serves_neuron_too():
    mixed = (job(CORE), job(NEURON), job(Integrator()))
    assert Simulations(mixed).jobs == mixed
    assert grouped(mixed) == [[0], [1, 2]]


class Recording:
    """Workers who note what they were given, and answer with its number."""

    def __init__(self, lost=""):
        self.tasks, self.lost = [], lost

    def run(self, task, rows):
        self.tasks.append(task)
        yield Answer(0, "here", 0.0, lost="it fell over", again=True)
        for number, _ in reversed(list(enumerate(rows))):
            yield Answer(number, "here", 0.0, task.jobs[number], lost=self.lost)


def grouped(jobs):
    """Return the numbers of the jobs that were given together."""
    workers = Recording()
    assert all(found is job for found, job in zip(simulate(jobs, workers), jobs, strict=True))
    assert len({task.loads for task in workers.tasks}) == len(workers.tasks)
    return [[jobs.index(one) for one in task.jobs] for task in workers.tasks]


def test_what_no_worker_survived_is_a_failure_that_says_so():
    assert simulate([job()], Recording("signal 9")) == [
        Failure(FailureKind.WORKER_DIED, "signal 9")
    ]
