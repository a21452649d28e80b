"""Digests stand in ledgers and calibrations: they stay what they are while values grow."""

from dataclasses import field, fields, replace

import numpy as np
import pytest

from tests.grown import everywhere, grown
from workbench.cells import CellRecipe, DLambda, Paint
from workbench.digests import digest
from workbench.engines import Integrator, fixed_step
from workbench.features import Window
from workbench.fitting import BlockCheck, Objective, Parameter, Penalty, Problem
from workbench.morphology import Morphology, Section, parse_site
from workbench.protocols import Protocol, Recording, Step

DIGESTS = {
    "section": "11e69b4ad65405de84f366b5c17485b4bbfb9c1a47cbf7e5b09cee52483d273b",
    "recipe": "9bba015aa4759d502a14b4aee6707eb0c0c08f35f4848425d84145d62be6333e",
    "protocol": "f4a38f09dc414ad7c80a2e29faf90bf118462738b305a6b48ad09504555b3cf7",
    "integrator": "cb0b07cc15d2974c52132a2b906a75c0d6a36634e079d2cc061cf20be639d666",
    "problem": "c19111df65cf6bb17c72531d57d2aaa77a1c229589194cdaafa65ec33ee9f3f8",
}
"""Computed without this package: sha256 of the canonical JSON, put together by hand."""

SOMA = parse_site("soma(0.5)")
SECTION = Section("apical", 0, 1.0, np.array([[0, 0, 0, 2], [0, 0, 100, 1]]))
RECIPE = CellRecipe(
    "ball",
    Morphology("ball", (Section.cylinder("somatic", -1, 0.0, 20.0, 20.0), SECTION)),
    inserted=(("all", "pas"),),
    paint=(Paint("Ra", "all", 100.0), Paint("g_pas", "all", None)),
    segments=DLambda(),
    celsius_degC=34.0,
)
PROTOCOL = Protocol(
    "Step",
    300.0,
    (Step(SOMA, 50.0, 200.0, "amplitude_nA"),),
    (Recording("soma", SOMA),),
    {"amplitude_nA": 0.5},
)
INTEGRATOR = fixed_step(0.025)
PROBLEM = Problem(
    "ball",
    RECIPE,
    (Parameter("g_pas.all", 1e-5, 1e-3, "log"),),
    (PROTOCOL,),
    (Objective("Step", "soma", "Spikecount", Window(50.0, 250.0), mean=5.0, std=0.5),),
    INTEGRATOR,
)
VALUES = {
    "section": SECTION,
    "recipe": RECIPE,
    "protocol": PROTOCOL,
    "integrator": INTEGRATOR,
    "problem": PROBLEM,
}


def of(value):
    return value.digest if isinstance(value, Problem) else digest(value)


@pytest.mark.parametrize("name", VALUES)
def test_a_digest_is_what_it_always_was(name):
    """Where this fails, every run and every calibration of before would be refused."""
    assert of(VALUES[name]) == DIGESTS[name]


NEW = [
    ("places", tuple, ()),
    ("tau_ms", float, 0.5),
    ("site", object, SOMA),
    ("weights", dict, field(default_factory=dict)),
    ("drawn", object, field(default_factory=lambda: np.arange(3.0))),
]


@pytest.mark.parametrize("added", NEW, ids=lambda added: added[0])
@pytest.mark.parametrize("name", VALUES)
def test_a_new_field_with_a_default_changes_no_digest(name, added):
    assert of(grown(VALUES[name], added)) == DIGESTS[name]


@pytest.mark.parametrize("name", VALUES)
def test_nor_do_new_fields_everywhere_in_it(name):
    larger = everywhere(VALUES[name], ("tau_ms", float, 0.5))
    assert larger.tau_ms == 0.5
    assert of(larger) == DIGESTS[name]


@pytest.mark.parametrize("name", ["section", "recipe", "protocol", "integrator"])
def test_a_new_field_with_another_value_counts(name):
    larger = grown(VALUES[name], ("tau_ms", float, 0.5))
    assert of(replace(larger, tau_ms=0.25)) != DIGESTS[name]


def test_every_field_of_a_problem_is_in_one_of_its_parts():
    """But its name: a part that forgot a field would let the problem change unseen."""
    others = {
        "recipe": replace(RECIPE, celsius_degC=35.0),
        "parameters": (Parameter("g_pas.all", 1e-5, 1e-2, "log"),),
        "protocols": (replace(PROTOCOL, duration_ms=301.0),),
        "objectives": (replace(PROBLEM.objectives[0], mean=6.0),),
        "integrator": Integrator(),
        "rule": replace(PROBLEM.rule, cap=None),
        "own_integrators": (("Step", fixed_step(0.05)),),
        "penalties": (Penalty("Step", "soma", 20.0, 70.0, fewer_spikes_than=2),),
        "block": BlockCheck(replace(PROTOCOL, name="Block"), "soma", 20.0, 220.0),
        "morphologies": (("other", RECIPE.morphology),),
    }
    assert {f.name for f in fields(Problem)} == {"name", *others}
    for name, other in others.items():
        assert replace(PROBLEM, **{name: other}).digest != PROBLEM.digest, name
