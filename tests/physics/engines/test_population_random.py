"""Mechanisms by themselves and at random, on random trees: NEURON's numbers but for the integrator.

`python -m tests.physics.engines.test_population_random FIRST LAST` tries more of them by hand.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.random_mechanisms import Mechanism, cylinders, pool
from tests.physics.engines.small_cells import protocol, step
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Integrator, Job
from workbench.engines.population import PopulationEngine, check
from workbench.engines.population.differences import compare
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Protocol, Traces

PRECISE = Integrator(atol=1e-7, steps_per_ms=20000)
LANES = Integrator("population", atol=None, step_error_mV=1e-5, steps_per_ms=20000)
_KINDS = ("leak", "k", "na", "ca", "sk")
_AMOUNTS = {"S/cm2": 1e-3, "mho/cm2": 1e-3, "cm/s": 1e-5}


def different(recipe: CellRecipe, plan: Protocol) -> list[str]:
    """Return what differs between the engines, recording by recording."""
    [true] = run_in_children([Job(recipe, plan, PRECISE)])
    [found] = PopulationEngine()([Job(recipe, plan, LANES)])
    assert isinstance(true, Traces), true
    assert isinstance(found, Traces), found
    return [
        f"{name}: {one!r}"
        for name, one in compare(true, found).items()
        if one.mV > 2e-3 or one.ms > 2e-3 or not one.is_within()
    ]


def each_alone(
    sets: Sequence[MechanismSet], members: Sequence[Sequence[str]], paint: Sequence[Paint] = ()
) -> tuple[CellRecipe, Protocol]:
    """Return a cell with a soma of its own for each group of mechanisms, and currents into each.

    No current flows from one to the other, so a kernel and a run serve all.
    """
    places = [f"dend[{n}]" for n in range(len(members))]
    rows = [Cylinder("basal", 20, 20, 0, 0.5) for _ in members]
    tree = cylinder_tree("each alone", [Cylinder("somatic", 20, 20), *rows])
    tree = tree.with_regions({f"m{n}": place for n, place in enumerate(places)})
    passive = {"g_pas": 2e-4, "e_pas": -70.0, "Ra": 1e9}
    recipe = CellRecipe(
        "each alone",
        tree,
        tuple(sets),
        inserted=(
            ("all", "pas"),
            *((f"m{n}", s) for n, those in enumerate(members) for s in those),
        ),
        paint=(*(Paint(name, "all", value) for name, value in passive.items()), *paint),
        segments=MaximalLength(100),
        celsius_degC=25.0,
        v_init_mV=-70.0,
    )
    currents = [(0.12, 10, 30), (-0.08, 50, 20), (1.0, 80, 1), (0.3, 95, 20)]
    stimuli = [step(nA, at, d, f"{place}(0.5)") for place in places for nA, at, d in currents]
    sites = {"_".join(those): f"{p}(0.5)" for those, p in zip(members, places, strict=True)}
    return recipe, protocol(120, *stimuli, sites=sites)


@pytest.mark.parametrize(
    "name", ["hay_l5b", "halnes_in", "mainen_sejnowski", "pinsky_rinzel", "traub_ca3"]
)
def test_every_shipped_mechanism_by_itself(name: str) -> None:
    one = read_mechanisms(name)
    density = [m for m in one.mechanisms if m.kind == "density"]
    members = [[m.suffix, *_company(m, density)] for m in density]
    paint = [
        Paint(variable, f"m{n}", _AMOUNTS[parameter.unit])
        for n, m in enumerate(density)
        for variable, parameter in m.parameters.items()
        if parameter.unit in _AMOUNTS
    ]
    assert different(*each_alone([one], members, paint)) == []


def _company(mechanism, others):
    """Return channels that carry the ion of a pool."""
    pools = {i.name for i in mechanism.ions if {f"{i.name}i", f"{i.name}o"} & {*i.writes}}
    carry = [
        m.suffix for m in others for i in m.ions if i.name in pools and f"i{i.name}" in i.writes
    ]
    return [suffix for suffix in carry if suffix != mechanism.suffix][:1]


def drawn(random: Random, folder: Path, each: int) -> tuple[list[Mechanism], MechanismSet]:
    """Return so many random mechanisms of each kind, and their folder with two pools."""
    mechanisms = [Mechanism(random, f"m{n}{kind}", kind) for n, kind in enumerate(_KINDS * each)]
    for one in mechanisms:
        (folder / f"{one.suffix}.mod").write_text(one.text)
    for n in range(2):
        (folder / f"pool{n}.mod").write_text(pool(random, f"pool{n}"))
    return mechanisms, read_mechanisms(folder)


def random_alone(random: Random, mechanisms: Sequence[Mechanism], sets: MechanismSet):
    """Return a cell in which each random mechanism is alone, or with a pool where it takes one."""
    calcium = [one.suffix for one in mechanisms if one.writes == ("ica",)]
    members = []
    for one in mechanisms:
        if "cai" in one.text:
            members.append([one.suffix, f"pool{random.randrange(2)}"])
            if one.suffix not in calcium:
                members[-1].append(random.choice(calcium))
        else:
            members.append([one.suffix])
    members += [[one.suffix] for one in mechanisms if "cai" in one.text]
    paint = [Paint("ek", "all", -85.0), Paint("ena", "all", 50.0)]
    recipe, plan = each_alone([sets], members, paint)
    return recipe, plan


def random_tree(random: Random, mechanisms: Sequence[Mechanism], sets: MechanismSet):
    """Return a random tree with random mechanisms in its regions."""
    tree = cylinder_tree("random", cylinders(random, random.randint(3, 9)))
    regions = [region for region in ("somatic", "basal", "apical") if tree.indices(region)]
    inserted, paint = [("all", "pas")], []
    painted = {"g_pas": 1e-4, "e_pas": -70.0, "Ra": float(random.randint(50, 200)), "ek": -85.0}
    for region in regions:
        several = random.sample(list(mechanisms), random.randint(1, min(4, len(mechanisms))))
        inserted += [(region, one.suffix) for one in several]
        if any("cai" in one.text for one in several):
            inserted.append((region, f"pool{random.randrange(2)}"))
        paint += [Paint(n, region, x) for one in several for n, x in one.painted.items()]
    used = {suffix for _, suffix in inserted}
    set_ = [one.global_values for one in mechanisms if one.suffix in used]
    ions = {f"e{name}": x for name, x in (("k", -85.0), ("na", 50.0))}
    carried = {w for one in mechanisms if one.suffix in used for w in one.text.split()}
    recipe = CellRecipe(
        "random",
        tree,
        (sets,),
        inserted=tuple(inserted),
        paint=(
            *(Paint(n, "all", x) for n, x in painted.items() if n != "ek"),
            *(Paint(n, "all", x) for n, x in ions.items() if n in carried),
            *paint,
        ),
        segments=MaximalLength(random.choice([20, 50, 500])),
        celsius_degC=float(random.randint(6, 37)),
        v_init_mV=float(random.randint(-80, -55)),
        global_values={name: x for each in set_ for name, x in each.items()},
    )
    stimuli = [step(random.randint(1, 40) / 100, 5, 40), step(-0.05, 60, 10)]
    ends = {f"s{n}": f"{name}(1)" for n, name in enumerate(tree.names)}
    return recipe, protocol(80, *stimuli, sites=ends)


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=1,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
def test_random_mechanisms_on_random_trees(random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mechanisms, sets = drawn(random, Path(folder), 1)
        assert different(*random_alone(random, mechanisms, sets)) == []
        assert different(*random_tree(random, mechanisms, sets)) == []


if __name__ == "__main__":
    for seed in range(*map(int, sys.argv[1:3])):
        chance = Random(seed)
        with tempfile.TemporaryDirectory() as name:
            made, group = drawn(chance, Path(name), 2)
            cells = [random_alone(chance, made, group)]
            cells += [random_tree(chance, made, group) for _ in range(3)]
            for number, (cell, plan) in enumerate(cells):
                try:
                    check(cell, [plan], LANES)
                    said = different(cell, plan)
                except (EngineError, AssertionError) as error:
                    said = [str(error)]
                print(seed, number, said or "equal", flush=True)
