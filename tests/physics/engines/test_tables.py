"""TABLEs that do not follow what they depend on are not used: each cell is as if it were alone.

A channel with such a TABLE is compared with the same channel without one, bit for bit.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, same, step, voltage
from workbench.cells import CellRecipe, Distribution, MaximalLength, Paint
from workbench.engines import Integrator, Job, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.engines.neuron.conduct import conduct_of
from workbench.experiments import Clamp, clamp_family
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces

CHANNEL = """\
NEURON {{ {safe} SUFFIX {suffix} USEION k READ ek WRITE ik RANGE gbar, shift{ranges} {globals} }}
UNITS {{ (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }}
PARAMETER {{ gbar = 0.01 (S/cm2) shift = 0 (mV) half = -40 (mV) }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) celsius (degC) dt (ms) }}
STATE {{ n }}
INITIAL {{ rates(v) n = ninf }}
BREAKPOINT {{ SOLVE states METHOD cnexp ik = gbar*n^4*(v - ek) }}
DERIVATIVE states {{ rates(v) n' = (ninf - n)/ntau }}
PROCEDURE rates(u (mV)) {{
    {table}
    ninf = 1/(1 + exp(-(u - middle())/9))
    ntau = 2 + 6/(1 + exp((u + 50)/10))*{faster}
}}
FUNCTION middle() (mV) {{ middle = half + {moved} }}
"""
RANGES = {"safe": "THREADSAFE", "ranges": ", ninf, ntau", "globals": ""}
GLOBALS = {"safe": "", "ranges": "", "globals": "GLOBAL ninf, ntau"}
TABLE = "TABLE ninf, ntau {} FROM -120 TO 80 WITH 200"
# Suffix: what is declared, what DEPEND lists, and on what the rates depend beside the voltage.
TABLED = {
    "krange": (RANGES, "", "shift", "1"),
    "kglobal": (GLOBALS, "", "shift", "1"),
    "klisted": (RANGES, "DEPEND shift", "shift", "1"),
    "kwarm": (RANGES, "DEPEND half", "0", "3^((celsius - 20)/10)"),
    "kstep": (RANGES, "DEPEND half", "40*dt", "1"),
}
FOLLOWS = "kfollows"
STEP, IN_CORE = fixed_step(0.025), fixed_step(0.025, engine="coreneuron")
PLAN = protocol(40, step(0.3, 5, 30), sites={"soma": "soma(0.5)", "tip": "dend(1)"})


def written(folder: Path, suffixes: Sequence[str]) -> MechanismSet:
    """Write channels with a TABLE and their twins without one, and one whose TABLE follows."""
    for suffix in suffixes:
        declared, depend, moved, faster = TABLED[suffix]
        for name, table in ((suffix, TABLE.format(depend)), (f"{suffix}_plain", "")):
            told = {**declared, "suffix": name, "table": table, "moved": moved, "faster": faster}
            (folder / f"{name}.mod").write_text(CHANNEL.format(**told))
    told = {**RANGES, "suffix": FOLLOWS, "table": TABLE.format("DEPEND half, celsius")}
    told |= {"moved": "0", "faster": "3^((celsius - 20)/10)"}
    (folder / f"{FOLLOWS}.mod").write_text(CHANNEL.format(**told))
    return read_mechanisms(folder)


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    return written(tmp_path_factory.mktemp("channels"), list(TABLED))


def cell(
    channels: MechanismSet,
    suffix: str,
    shift_mV: float = 0.0,
    celsius_degC: float = 22.0,
    spread: Distribution | None = None,
) -> CellRecipe:
    return CellRecipe(
        suffix,
        cylinder_tree(
            "ball and stick", [Cylinder("somatic", 20, 20), Cylinder("basal", 100, 2, parent=0)]
        ),
        mechanisms=(channels,),
        inserted=(("all", "pas"), ("all", suffix)),
        paint=(
            Paint("g_pas", "all", 1e-4),
            Paint("e_pas", "all", -65.0),
            Paint(f"gbar_{suffix}", "all", 0.02),
            Paint(f"shift_{suffix}", "all", shift_mV, spread),
        ),
        segments=MaximalLength(20.0),
        celsius_degC=celsius_degC,
    )


def cells(channels: MechanismSet, suffix: str) -> list[CellRecipe]:
    """Two that differ in what the TABLE does not follow, and one whose segments do."""
    far = Distribution("far", "value*(1 + distance_um/50)")
    return [
        cell(channels, suffix, -20.0, 22.0),
        cell(channels, suffix, 20.0, 32.0),
        cell(channels, suffix, 10.0, 22.0, far),
    ]


def jobs(recipes: Sequence[CellRecipe], integrators: Sequence[Integrator]) -> list[Job]:
    return [Job(recipe, PLAN, one) for one in integrators for recipe in recipes]


@pytest.mark.parametrize("suffix", TABLED)
def test_each_cell_is_as_without_a_table(channels: MechanismSet, suffix: str) -> None:
    steps = [STEP, fixed_step(0.1)]
    tabled = run_in_children(jobs(cells(channels, suffix), steps))
    plain = run_in_children(jobs(cells(channels, f"{suffix}_plain"), steps))
    for one, other in zip(tabled, plain, strict=True):
        assert isinstance(one, Traces)
        assert isinstance(other, Traces)
        assert same(one, other)
    if suffix != "kstep":
        assert abs(voltage(tabled[0]) - voltage(tabled[1])).max() > 1


def test_in_coreneuron_too(tmp_path: Path) -> None:
    """The switch is handed on; else all would have the table of the first."""
    suffixes = ("krange", "klisted", "kwarm")
    channels = written(tmp_path, suffixes)
    for suffix in suffixes:
        [*tabled] = run_in_children(jobs(cells(channels, suffix), [IN_CORE]))
        [*plain] = run_in_children(jobs(cells(channels, f"{suffix}_plain"), [IN_CORE]))
        for one, other in zip(tabled, plain, strict=True):
            assert same(one, other), suffix
        assert abs(voltage(tabled[0]) - voltage(tabled[1])).max() > 1


def test_who_came_first_and_how_many_there_were(channels: MechanismSet) -> None:
    first, second, _ = jobs(cells(channels, "krange"), [STEP])
    for order in ([first, second], [second, first]):
        together = run_in_children(order)
        for job, outcome in zip(order, together, strict=True):
            [alone] = run_in_children([job])
            assert same(outcome, alone)


def test_tables_that_follow_are_used(channels: MechanismSet) -> None:
    """As they are in NEURON's own hh; nothing of theirs is turned off."""
    assert f"usetable_{FOLLOWS}" not in conduct_of(cell(channels, FOLLOWS)).switches
    warm, cold = (replace(cell(channels, FOLLOWS), celsius_degC=c) for c in (32.0, 22.0))
    [first, second, third] = run_in_children(jobs([cold, warm, cold], [STEP]))
    assert same(first, third)
    assert not same(first, second)
    exact = run_in_children(jobs([replace(cell(channels, "kwarm_plain"), name="x")], [STEP]))
    apart = abs(voltage(exact[0]) - voltage(first)).max()
    assert 0 < apart < 0.1, "interpolated rates are near the exact ones, and not they"


def test_the_switch_is_put_back(
    channels: MechanismSet, engine: NeuronEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown on NEURON's own table: what somebody else set is theirs."""
    from workbench.engines.neuron import door

    h = engine._h
    for before in (1.0, 0.0):
        h.usetable_hh = before
        with door.conditions(h, STEP, 6.3, -65.0, during={"usetable_hh": 0}):
            assert h.usetable_hh == 0
        assert h.usetable_hh == before
    h.usetable_hh = 1.0


def test_a_clamped_patch_is_its_own_too(channels: MechanismSet) -> None:
    clamp = Clamp(sweep_mV=(-60.3, -40.7, -20.1), steps_mV=(-40.0,), step_ms=5.0, tail_ms=1.0)
    found = [
        clamp_family(
            channels, suffix, celsius_degC=22.0, settings={f"shift_{suffix}": 15.0}, clamp=clamp
        )
        for suffix in ("klisted", "klisted_plain")
    ]
    assert found[0].steady.tobytes() == found[1].steady.tobytes()
    assert found[0].tau_ms.tobytes() == found[1].tau_ms.tobytes()
