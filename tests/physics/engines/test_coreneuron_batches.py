"""Jobs of one individual are cells of one CoreNEURON run, and who else runs changes no bit."""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.physics.engines.small_cells import ball_and_stick, protocol, run, same, step
from workbench.engines import Failure, Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.engines.neuron.batch import companies
from workbench.evaluations import Evaluation
from workbench.features import Window
from workbench.fitting import FitTask, Objective, Problem
from workbench.mechanisms import MechanismSet
from workbench.protocols import Protocol
from workbench.studies import Study
from workbench.workers import ProcessWorkers

Floats = NDArray[np.float64]

IN_CORE = fixed_step(0.05, 2, "coreneuron")
AMPLITUDES_nA = (0.458, 0.562, 0.95)


def grouped(*jobs: Job) -> list[list[int]]:
    return companies(jobs, [job.protocol.bound() for job in jobs])


def test_what_coreneuron_has_once_is_shared(hay: MechanismSet) -> None:
    cell, plan = ball_and_stick(hay), protocol(30, step(0.3))
    job = Job(cell, plan, IN_CORE)
    others = [
        replace(job, protocol=replace(plan, duration_ms=31)),
        replace(job, integrator=fixed_step(0.025, 2, "coreneuron")),
        replace(job, integrator=fixed_step(0.05, 1, "coreneuron")),
        replace(job, recipe=replace(cell, celsius_degC=30)),
        replace(job, protocol=replace(plan, v_init_mV=-80.0)),
        replace(job, recipe=ball_and_stick(hay)),
        replace(job, integrator=fixed_step(0.05, 2)),
        replace(job, integrator=fixed_step(0.05, 2)),
    ]
    assert grouped(job, *others) == [[n] for n in range(9)]
    stronger = replace(job, protocol=protocol(30, step(0.4), sites={"tip": "dend(1)"}))
    at_rest = replace(job, protocol=replace(plan, stimuli=(), v_init_mV=cell.v_init_mV))
    assert grouped(job, others[0], stronger, at_rest) == [[0, 2, 3], [1]]


def test_a_cell_in_company_is_a_cell_alone(engine: NeuronEngine, l5pc: Study) -> None:
    """With default flags, bit for bit: of any company, at any place, after any other."""
    jobs = steps(l5pc, IN_CORE)
    alone = [run(engine, job.recipe, job.protocol, IN_CORE) for job in jobs]
    assert alone[2]["soma.v"].values.max() > 0, "there was no spike"
    for order in ([0, 1, 2], [2, 0], [1, 2, 0, 1], [0]):
        together = engine([jobs[n] for n in order])
        sections = len(jobs[0].recipe.morphology.names) * len(order)
        assert len(list(engine._h.allsec())) == sections, "they were not one run"
        for number, outcome in zip(order, together, strict=True):
            assert same(outcome, alone[number])


def test_a_failed_cell_spoils_no_other(engine: NeuronEngine, hay: MechanismSet) -> None:
    cell = ball_and_stick(hay)
    jobs = [Job(cell, protocol(30, step(a, 5, 20)), IN_CORE) for a in (0.3, 1e6, 0.1)]
    alone = [run(engine, cell, jobs[n].protocol, IN_CORE) for n in (0, 2)]
    first, failed, last = engine(jobs)
    assert isinstance(failed, Failure)
    assert same(first, alone[0])
    assert same(last, alone[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("integrator", "together"),
    [
        (IN_CORE, [1, 3]),
        (replace(IN_CORE, native=True), [1, 3]),
        (adaptive_step(0.005, native=True), [1, 1, 1, 1]),
    ],
    ids=str,
)
def test_an_evaluation_is_a_function_of_its_row_alone(
    l5pc: Study, integrator: Integrator, together: list[int]
) -> None:
    """Whatever the order, the number of workers, what a worker did before and whether it died."""
    problem = short_problem(l5pc, integrator)
    assert sorted(map(len, grouped(*problem.jobs(rows_of(l5pc)[0])))) == together
    rows = rows_of(l5pc)
    reference = evaluated(problem, rows, workers=1)
    assert len({values for values, _ in reference}) == len(rows), "all rows gave the same"
    assert evaluated(problem, rows[::-1], workers=1)[::-1] == reference
    assert evaluated(problem, np.tile(rows, (2, 1)), workers=2) == reference * 2
    assert [evaluated(problem, row[None, :], workers=1)[0] for row in rows] == reference
    assert evaluated(problem, rows, workers=2, kill=True) == reference


def evaluated(
    problem: Problem, rows: Floats, workers: int, kill: bool = False
) -> list[tuple[bytes, str]]:
    """Return each row's values and status; with `kill`, all workers die at the first answer."""
    found: dict[int, Evaluation] = {}
    lost = 0
    with ProcessWorkers(workers) as pool:
        for answer in pool.run(FitTask(problem), rows):
            if answer.again:
                lost += 1
                continue
            found[answer.row] = answer.value
            if kill and len(found) == 1:
                for child in children():
                    os.kill(child, signal.SIGKILL)
    assert bool(lost) == kill, f"{lost} attempts were lost"
    return [
        (b"".join(np.asarray(m).tobytes() for m in one.measured), one.status)
        for _, one in sorted(found.items())
    ]


def children() -> Iterator[int]:
    """Yield the process numbers of this process's children that are workers."""
    for task in Path("/proc/self/task").iterdir():
        for number in (task / "children").read_text().split():
            if b"workbench.workers.child" in Path(f"/proc/{number}/cmdline").read_bytes():
                yield int(number)


def rows_of(l5pc: Study) -> Floats:
    release = l5pc.problem.row(l5pc.values("release"))
    return np.array([factor * release for factor in (1.0, 0.9, 1.1, 0.97)])


def short_problem(l5pc: Study, integrator: Integrator) -> Problem:
    """Return the bAP and three steps of l5pc in 60 and 80 ms, measured to the last digit."""
    [pulse] = l5pc.protocol("bAP").stimuli
    bAP = Protocol("bAP", 60.0, (replace(pulse, delay_ms=20.0),), l5pc.protocol("bAP").recordings)
    protocols = (bAP, *(job.protocol for job in steps(l5pc, integrator)))
    window = Window(20.0, 60.0)
    objectives = tuple(
        Objective(protocol.name, "soma", feature, window, mean=0.0, std=1.0)
        for protocol in protocols
        for feature in ("maximum_voltage", "minimum_voltage", "steady_state_voltage_stimend")
    )
    return replace(l5pc.problem, protocols=protocols, objectives=objectives, integrator=integrator)


def steps(l5pc: Study, integrator: Integrator) -> Sequence[Job]:
    """Return three steps of one cell, which fires in the strongest."""
    cell = l5pc.problem.recipe.with_values(l5pc.values("release"))
    soma = l5pc.protocol("Step1").recordings
    return [
        Job(cell, Protocol(f"step{n}", 80.0, (step(amplitude, 20, 50),), soma), integrator)
        for n, amplitude in enumerate(AMPLITUDES_nA)
    ]
