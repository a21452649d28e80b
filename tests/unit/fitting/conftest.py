"""A small problem and workers that compute in no time what a cell would."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from workbench.cells import CellRecipe, Paint
from workbench.engines import fixed_step
from workbench.evaluations import Evaluation
from workbench.features import Missing, Window
from workbench.fitting import Objective, Parameter, Problem
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording, Step
from workbench.workers.task import Answer

SOMA = parse_site("soma(0.5)")


def make_problem() -> Problem:
    """Return a ball and stick with two free parameters, two protocols and three objectives."""
    recipe = CellRecipe(
        "ball",
        cylinder_tree("ball", [Cylinder("somatic", 20, 20), Cylinder("apical", 200, 2, parent=0)]),
        inserted=(("all", "pas"), ("somatic", "hh")),
        paint=(
            Paint("Ra", "all", 100.0),
            Paint("g_pas", "all", None),
            Paint("gnabar_hh", "somatic", None),
        ),
    )
    step = Protocol(
        "Step",
        100.0,
        (Step(SOMA, 20.0, 50.0, "amplitude_nA"),),
        (Recording("soma", SOMA), Recording("dend", parse_site("apical@100um"))),
        {"amplitude_nA": 0.5, "unused": 1.0},
    )
    rest = Protocol("Rest", 50.0, (), (Recording("soma", SOMA),))
    window = Window(20.0, 70.0, -20.0, {"interp_step": 0.05, "DerivativeThreshold": 12.0})
    return Problem(
        "ball",
        recipe,
        (Parameter("g_pas.all", 1e-5, 1e-3, "log"), Parameter("gnabar_hh.somatic", 0.0, 0.5)),
        (step, rest),
        (
            Objective("Step", "soma", "Spikecount", window, mean=5.0, std=0.5),
            Objective("Step", "dend", "AP_height", window, mean=20.0, std=4.0),
            Objective("Rest", "soma", "voltage_base", Window(10.0, 50.0), mean=-70.0, std=2.0),
        ),
        fixed_step(0.025),
    )


def evaluate(row) -> Evaluation:
    """Return what a row of the small problem gives: some values, sometimes none."""
    g_pas, gna = row
    height = Missing("no spike: nothing to measure") if gna < 0.1 else np.array([40 * gna, gna])
    return Evaluation((np.array([np.floor(20 * gna)]), height, np.array([-80 + 1e4 * g_pas])))


@dataclass
class FakeWorkers:
    """Answers with `evaluate`; `rows` counts how often each row was simulated."""

    order: int = 1
    rows: list[bytes] = field(default_factory=list)

    def run(self, task, rows) -> Iterator[Answer]:
        for number in range(len(rows))[:: self.order]:
            self.rows.append(rows[number].tobytes())
            yield Answer(number, "fake", 0.5, evaluate(rows[number]))


@pytest.fixture
def problem() -> Problem:
    return make_problem()


@pytest.fixture
def fake_workers() -> type[FakeWorkers]:
    return FakeWorkers


@pytest.fixture
def evaluate_row():
    return evaluate
