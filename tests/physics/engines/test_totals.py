"""A conductance given as a total: what leaves a cell through it is the total times the drive.

Where one segment alone leaks, with G uS, a steady current of I nA leaves there: V - E = I / G in
that segment, whatever the shape of the cell and into how many segments it is cut.
"""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, same, step, voltage
from workbench.cells import CellRecipe, MaximalLength, Paint, Tie, Total
from workbench.engines import Integrator, Job, fixed_step
from workbench.errors import InputError
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, Morphology, cylinder_tree, load_morphology, parse_site
from workbench.protocols import Traces

REST_mV, I_nA, G_uS = -70.0, 0.05, 0.01
FIXED = fixed_step(0.025)
SITE = "axonal@65um"
STEP = protocol(100, step(I_nA), sites={"site": SITE, "soma": "soma(0.5)"})
TAPERED = (
    "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 -10 0 0 10 1\n"
    "4 2 20 0 0 2 1\n5 2 60 0 0 0.5 4\n6 2 90 0 0 1.5 5\n7 2 120 0 0 0.4 6\n"
)


@pytest.fixture(scope="module")
def tapered(tmp_path_factory: pytest.TempPathFactory) -> Morphology:
    """A soma and an axon that grows thinner and thicker."""
    file = tmp_path_factory.mktemp("tapered") / "tapered.swc"
    file.write_text(TAPERED)
    return load_morphology(file)


def cell(tree: Morphology, segment_um: float = 20.0, **changes: object) -> CellRecipe:
    """A cell that leaks at one place of its axon."""
    recipe = CellRecipe(
        "leaky",
        tree,
        inserted=(("all", "pas"),),
        paint=(
            Paint("e_pas", "all", REST_mV),
            Paint("g_pas", "all", 0.0),
            Paint("g_pas", "axonal", G_uS, Total(parse_site(SITE))),
        ),
        segments=MaximalLength(segment_um, odd=False),
        v_init_mV=REST_mV,
    )
    return replace(recipe, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "integrator",
    [
        FIXED,
        Integrator(atol=1e-6),
        Integrator(atol=None, step_error_mV=0.01),
        fixed_step(0.025, engine="coreneuron"),
    ],
    ids=str,
)
def test_the_whole_current_leaves_through_it_however_the_axon_is_cut(
    tapered: Morphology, integrator: Integrator
) -> None:
    cells = [cell(tapered, segment_um) for segment_um in (200.0, 40.0, 7.0)]
    assert [one.segment_counts[1] for one in cells] == [1, 3, 15]
    for outcome in run_in_children([Job(one, STEP, integrator) for one in cells]):
        assert voltage(outcome, "site")[-1] - REST_mV == pytest.approx(I_nA / G_uS, rel=1e-5)


def test_without_a_site_all_membrane_of_the_region_has_the_same_density() -> None:
    tree = cylinder_tree(
        "three",
        [Cylinder("somatic", 20, 20), Cylinder("basal", 90, 2, 0), Cylinder("basal", 50, 1, 0)],
    )
    paint = (Paint("e_pas", "basal", REST_mV), Paint("g_pas", "basal", G_uS, Total()))
    recipe = CellRecipe("even", tree, inserted=(("basal", "pas"),), paint=paint, v_init_mV=-60.0)
    begin = protocol(1, sites={"thick": "dend[0](0.9)", "thin": "dend[1](0.5)"}, variable="i_pas")
    [outcome] = run_in_children([Job(recipe, begin, FIXED)])
    assert isinstance(outcome, Traces)
    area_cm2 = math.pi * (90 * 2 + 50 * 1) * 1e-8
    # 0.01 uS at 10 mV are 0.1 nA, over the area of both.
    for name in ("thick.i_pas", "thin.i_pas"):
        assert outcome[name].values[0] == pytest.approx(0.1e-6 / area_cm2, rel=1e-9)


LEAK = """\
NEURON {{ SUFFIX {suffix} NONSPECIFIC_CURRENT i RANGE g }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) (mS) = (millisiemens)
         (pS) = (picosiemens) (um) = (micron) }}
PARAMETER {{ g ({unit}) }}
ASSIGNED {{ v (mV) i (mA/cm2) }}
BREAKPOINT {{ i = {factor}*g*(v + 70) }}
"""


def test_the_unit_is_that_of_the_mod_file(tmp_path: Path) -> None:
    """mA/cm2 are 1e-3 of mS/cm2 times mV, and 1e-4 of pS/um2 times mV."""
    units = {"mho": ("mho/cm2", "1"), "milli": ("mS/cm2", "(0.001)"), "pico": ("pS/um2", "(1e-4)")}
    for suffix, (unit, factor) in units.items():
        text = LEAK.format(suffix=suffix, unit=unit, factor=factor)
        (tmp_path / f"{suffix}.mod").write_text(text)
    leaks = read_mechanisms(tmp_path)
    patch = CellRecipe(
        "patch",
        cylinder_tree("patch", [Cylinder("somatic", 20, 20)]),
        mechanisms=(leaks,),
        v_init_mV=REST_mV,
    )
    cells = [
        replace(patch, inserted=(("all", one),), paint=(Paint(f"g_{one}", "all", G_uS, Total()),))
        for one in units
    ]
    push = protocol(100, step(I_nA))
    for outcome in run_in_children([Job(one, push, FIXED) for one in cells]):
        assert voltage(outcome)[-1] - REST_mV == pytest.approx(I_nA / G_uS, rel=1e-9)


def test_a_free_and_a_tied_total_are_painted_anew_in_a_kept_cell(tapered: Morphology) -> None:
    ties = (Tie("g_pas.axonal", "2 * g_pas.somatic"),)
    paint = (*cell(tapered).paint, Paint("g_pas", "somatic", None, Total()))
    free = cell(tapered, paint=paint, ties=ties)
    assert free.unit_of("g_pas.somatic") == free.unit_of("g_pas.axonal") == "uS"
    values_uS = (0.001, 0.02, 0.001)
    jobs = [Job(free.with_values({"g_pas.somatic": one}), STEP, FIXED) for one in values_uS]
    first, second, third = run_in_children(jobs)
    for outcome, g_uS in ((first, 0.001), (second, 0.02)):
        leaving_nA = [
            g * (voltage(outcome, place)[-1] - REST_mV)
            for place, g in (("soma", g_uS), ("site", 2 * g_uS))
        ]
        assert sum(leaving_nA) == pytest.approx(I_nA, rel=1e-3)
    assert isinstance(first, Traces)
    assert isinstance(third, Traces)
    assert same(first, third)


def test_on_another_tree_it_is_the_same_total_at_the_same_site(tapered: Morphology) -> None:
    longer = cylinder_tree("longer", [Cylinder("somatic", 30, 30), Cylinder("axonal", 200, 3, 0)])
    [outcome] = run_in_children([Job(cell(tapered).with_morphology(longer), STEP, FIXED)])
    assert voltage(outcome, "site")[-1] - REST_mV == pytest.approx(I_nA / G_uS, rel=1e-5)
    short = cylinder_tree("short", [Cylinder("somatic", 30, 30), Cylinder("axonal", 20, 3, 0)])
    with pytest.raises(InputError, match=r"g_pas\.axonal: .* no axonal section at 65 um"):
        cell(tapered).with_morphology(short)
