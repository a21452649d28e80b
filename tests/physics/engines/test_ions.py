"""What is said of painted ions is what NEURON does: a value has no effect, or it has.

Every set of mechanisms is run with two values; NEURON itself tells whether it took them.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol
from tests.physics.engines.small_studies import read_small_study
from workbench.cells import CellRecipe, Paint, overruled
from workbench.engines import Job, fixed_step
from workbench.errors import InputError, MechanismError, StudyError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces
from workbench.studies.notes import notes_of

# Suffix: what USEION says, INITIAL and BREAKPOINT.
USES: Mapping[str, tuple[str, str, str]] = {
    "channel": ("READ eca WRITE ica", "", "ica = 0*eca"),
    "seesin": ("READ cai", "", "x = cai"),
    "seesout": ("READ cao", "", "x = cao"),
    "poolin": ("READ ica WRITE cai", "cai = 1e-3", "cai = 1e-3"),
    "lazypool": ("READ ica WRITE cai", "", "x = cai"),
    "poolout": ("WRITE cao", "cao = 4", "cao = 4"),
    "battery": ("WRITE eca", "eca = 77", "eca = 77"),
}
MOD = """\
NEURON {{ SUFFIX {suffix} USEION ca {uses} RANGE x }}
UNITS {{ (mV) = (millivolt) (mA) = (milliamp) (mM) = (milli/liter) }}
ASSIGNED {{ v (mV) x eca (mV) ica (mA/cm2) cai (mM) cao (mM) }}
INITIAL {{ {initial} }}
BREAKPOINT {{ {breakpoint} }}
"""
PAINTED = {"eca": (60.0, 120.0), "cai": (2e-4, 3e-4), "cao": (3.0, 5.0)}


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    folder: Path = tmp_path_factory.mktemp("users")
    for suffix, (uses, initial, breakpoint) in USES.items():
        told = {"suffix": suffix, "uses": uses, "initial": initial, "breakpoint": breakpoint}
        (folder / f"{suffix}.mod").write_text(MOD.format(**told))
    return read_mechanisms(folder)


def cell(users: MechanismSet, suffixes: tuple[str, ...], variable: str, value: float) -> CellRecipe:
    return CellRecipe(
        "one",
        cylinder_tree("one", [Cylinder("somatic", 20, 20)]),
        mechanisms=(users,),
        inserted=(("all", "pas"), *(("somatic", suffix) for suffix in suffixes)),
        paint=(Paint(variable, "somatic", value),),
    )


def test_neuron_agrees(users: MechanismSet) -> None:
    sets = [c for n in (1, 2, 3) for c in combinations(USES, n)]
    asked = [(suffixes, variable) for suffixes in sets for variable in PAINTED]
    jobs = [
        Job(
            cell(users, suffixes, variable, value),
            protocol(0.1, variable=variable),
            fixed_step(0.025),
        )
        for suffixes, variable in asked
        for value in PAINTED[variable]
    ]
    outcomes = run_in_children(jobs)
    said, done = {}, {}
    for number, (suffixes, variable) in enumerate(asked):
        taken = []
        for outcome, value in zip(outcomes[2 * number :], PAINTED[variable], strict=False):
            assert isinstance(outcome, Traces)
            taken.append(outcome[f"soma.{variable}"].values[-1] == pytest.approx(value))
        done[suffixes, variable] = all(taken)
        recipe = cell(users, suffixes, variable, PAINTED[variable][0])
        said[suffixes, variable] = not list(overruled(recipe))
    assert done == said
    assert {True, False} == set(done.values())


def test_what_is_held_is_taken(users: MechanismSet) -> None:
    sets = [c for n in (1, 2) for c in combinations(USES, n)]
    allowed = [c for c in sets if "channel" in c and "battery" not in c]
    jobs = [
        Job(
            replace(cell(users, suffixes, "eca", value), held=("eca",)),
            protocol(0.1, variable="eca"),
            fixed_step(0.025),
        )
        for suffixes in allowed
        for value in PAINTED["eca"]
    ]
    for outcome, job in zip(run_in_children(jobs), jobs, strict=True):
        assert not list(overruled(job.recipe))
        assert isinstance(outcome, Traces)
        assert set(outcome["soma.eca"].values) == {job.recipe.values["eca.somatic"]}


@pytest.mark.parametrize(
    ("held", "said"), [("eka", "Did you mean eca|eca"), ("eca", "eca is written by")]
)
def test_what_cannot_be_held(users: MechanismSet, held: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(cell(users, ("channel", "battery"), "eca", 60), held=(held,))


POOL = MOD.format(
    suffix="pool", uses="READ ica WRITE cai", initial="cai = 1e-3", breakpoint="x = v"
)
CHANNEL = MOD.format(suffix="chan", uses=USES["channel"][0], initial="", breakpoint="ica = v - eca")
BOTH = {"pool": POOL, "chan": CHANNEL}


@pytest.mark.parametrize(
    ("insert", "parameters"),
    [
        ('somatic = ["pool", "chan"]', "[parameters.somatic]\neca = [100, 140]"),
        ('all = ["pas", "chan"]\nsomatic = ["pool"]\nbasal = ["pool"]', "eca = [100, 140]"),
        ('somatic = ["pool", "chan"]', "[parameters.somatic]\ncai = [1e-4, 1e-3]"),
    ],
)
def test_a_free_one_on_which_nothing_depends(tmp_path: Path, insert: str, parameters: str) -> None:
    said = r"cell.toml: parameters.\w+.(eca|cai): it is free, and nothing depends .* mechanism pool"
    inserted = {"insert": insert, "parameters": parameters}
    with pytest.raises(StudyError, match=said):
        read_small_study(tmp_path, BOTH, dendrite=True, **inserted)


def test_a_fixed_one_is_noted(tmp_path: Path) -> None:
    painted = {"parameters": "[parameters.somatic]\neca = 60"}
    study = read_small_study(tmp_path, BOTH, insert='somatic = ["pool", "chan"]', **painted)
    [note] = notes_of(study.problem)
    assert note.startswith("eca.somatic has no effect: mechanism pool makes NEURON compute eca")
    study = read_small_study(tmp_path / "2", BOTH, insert='somatic = ["chan"]', **painted)
    assert notes_of(study.problem) == ()


def test_one_that_acts_in_some_sections_is_noted(tmp_path: Path) -> None:
    inserted = {"insert": 'all = ["pas", "chan"]\nsomatic = ["pool"]'}
    study = read_small_study(
        tmp_path, BOTH, parameters="eca = [90, 130]", dendrite=True, **inserted
    )
    [note] = notes_of(study.problem)
    assert note.startswith("eca.all has no effect in 1 of 2 sections: mechanism pool")


SODIUM = """\
NEURON { SUFFIX sodium USEION na READ ena WRITE ina }
UNITS { (mV) = (millivolt) (mA) = (milliamp) }
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) }
BREAKPOINT { ina = 1e-9*(v - ena) }
"""


def test_an_ion_that_some_section_has_by_whichever_mechanism(tmp_path: Path) -> None:
    painted = {"parameters": "ena = 55", "dendrite": True}
    everywhere = 'somatic = ["hh"]\nbasal = ["sodium"]'
    study = read_small_study(tmp_path, {"sodium": SODIUM}, insert=everywhere, **painted)
    recipe = study.problem.recipe.with_values({"g_pas.all": 1e-4})
    plan = protocol(0.1, sites={"soma": "soma(0.5)", "dend": "dend(0.5)"}, variable="ena")
    [traces] = run_in_children([Job(recipe, plan, fixed_step(0.025))])
    assert [values[-1] for values in traces.recorded.values()] == [55.0, 55.0]
    study = read_small_study(tmp_path / "2", {}, insert='somatic = ["hh"]', **painted)
    recipe = study.problem.recipe.with_values({"g_pas.all": 1e-4})
    plan = protocol(0.1, variable="ena")
    [traces] = run_in_children([Job(recipe, plan, fixed_step(0.025))])
    assert traces["soma.ena"].values[-1] == 55.0
    with pytest.raises(MechanismError, match=r"all.ena: unknown parameter here 'ena'"):
        read_small_study(tmp_path / "3", {}, **painted)
