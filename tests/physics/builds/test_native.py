"""The build for this processor: accepted where it agrees, refused aloud, blind to nothing."""

import math
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.physics.mechanisms import native_process
from workbench.builds import Build, build, build_native, native
from workbench.builds.comparing import TOLERANCE, compare, question, unseen
from workbench.builds.vectorising import refusals
from workbench.engines import Integrator, fixed_step
from workbench.mechanisms import read_mechanisms, shipped_mechanisms
from workbench.questions import ask

POINTS = ("synapses", "pulses")
"""Sets of point processes alone, which are not vectorised."""

IN_CORENEURON = fixed_step(0.025, engine="coreneuron")
LEAK = """\
NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g, i }
UNITS { (S) = (siemens) (mV) = (millivolt) (mA) = (milliamp) }
PARAMETER { g = 0.001 (S/cm2) }
STATE { m }
ASSIGNED { v (mV) i (mA/cm2) }
INITIAL { m = 1 / (1 + exp(-(v + 40) / 7)) }
BREAKPOINT { SOLVE states METHOD cnexp
    i = g * m * (v + 71.3) }
DERIVATIVE states { m' = (1 / (1 + exp(-(v + 40) / 7)) - m) / 3.1 }
"""
WITH_PROCEDURE = """\
NEURON { SUFFIX one NONSPECIFIC_CURRENT i RANGE g, i, half }
UNITS { (S) = (siemens) (mV) = (millivolt) (mA) = (milliamp) }
PARAMETER { g = 0.001 (S/cm2) slope = 7 (mV) <1, 100> }
STATE { m }
ASSIGNED { v (mV) i (mA/cm2) half tau (ms) }
INITIAL { rates(v) m = half }
BREAKPOINT { SOLVE states METHOD cnexp
    i = g * m * (v + 71.3) }
DERIVATIVE states { rates(v) m' = (half - m) / tau }
PROCEDURE rates(v (mV)) {
    half = 1 / (1 + exp(-(v + 40) / slope))
    if (v < -50) { tau = 3 } else { tau = 2 }
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "channels"
    folder.mkdir()
    (folder / "leak.mod").write_text(LEAK)
    return folder


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let NEURON's parser be imported here: it sets this variable, which misleads its programs."""
    monkeypatch.setenv("NMODLHOME", "")


@pytest.fixture(scope="module")
def hay_native(hay_build: Build) -> Build:
    return build_native([read_mechanisms("hay_l5b")], print)


def test_every_shipped_channel_computes_the_same(hay_build: Build, hay_native: Build) -> None:
    compared = compare(hay_build, hay_native, [read_mechanisms("hay_l5b")])
    assert compared.failure == ""
    assert compared.difference < TOLERANCE
    assert "-march=native" in hay_native.flags
    assert hay_native.vectorised
    assert hay_native.key != hay_build.key


def test_the_patches_move_what_they_watch(hay_build: Build) -> None:
    """A family that stands still would agree with anything."""
    mechanisms = read_mechanisms("hay_l5b")
    found = ask("workbench.builds.patching", question(hay_build, [mechanisms]))["families"]
    assert set(found) == {"NEURON", "CoreNEURON", "CVODE"}
    for families in found.values():
        assert {name.rpartition(" ")[2] for name in families} == set(hay_build.suffixes)
        for name, family in families.items():
            spread = [max(patch) - min(patch) for patch in family]
            assert max(spread) > 1e-3 * max(abs(x) for patch in family for x in patch), name


def test_cvode_is_asked_for_the_right_derivatives(folder: Path) -> None:
    """m' = (inf(v) - m)/3.1 with m half of inf(v); then 5 mV on, with a tenth less of m."""
    mechanisms = read_mechanisms(folder)
    one = build([mechanisms], coreneuron=False)
    found = ask("workbench.builds.patching", question(one, [mechanisms]))["families"]["CVODE"]
    halves = [[inf(v) / 2, inf(v + 5)] for v in (-120, -100, -70, -50, -35, -20, 0, 40)]
    expected = [
        [(2 * half - half) / 3.1 for half, _ in halves],
        [(moved - 0.9 * half) / 3.1 for half, moved in halves],
    ]
    rates = found["d(m_leak(0.5))/dt of leak"]
    np.testing.assert_allclose(rates, expected, rtol=1e-12)


def inf(v_mV: float) -> float:
    return 1 / (1 + math.exp(-(v_mV + 40) / 7))


def test_a_wrong_constant_is_seen(folder: Path) -> None:
    """1e-8 of one time constant: three digits above the rounding, one above the tolerance."""
    right = read_mechanisms(folder)
    first = build([right], coreneuron=False)
    (folder / "leak.mod").write_text(LEAK.replace("3.1 }", "3.1000001 }"))
    second = build([read_mechanisms(folder)], coreneuron=False)
    compared = compare(first, second, [right])
    assert TOLERANCE < compared.difference < 1e-7


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("-march=no-such-machine", "cannot be compiled"),
        ("-O2 -fsingle-precision-constant", "i_leak of leak in NEURON|m_leak of leak in NEURON"),
    ],
)
def test_a_bad_native_build_is_refused_aloud_and_once(
    folder: Path, flags: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "native_flags", lambda: flags)
    mechanisms = read_mechanisms(folder)
    said: list[str] = []
    default = build_native([mechanisms], said.append, coreneuron=False)
    assert default == build([mechanisms], coreneuron=False)
    again: list[str] = []
    assert build_native([mechanisms], again.append, coreneuron=False) == default
    assert again == said[-1:]
    [sentence] = again
    assert re.search(why, sentence)
    assert "the slower default" in sentence


MODES = "if (mode == 7) { half = (v + 1e16) - 1e16 }"


@pytest.mark.parametrize(
    ("branch", "hidden"),
    [
        (MODES, "mode == 7 (line 11, in PROCEDURE rates)"),
        ("if (v > 0 && celsius > 37) { half = 0 }", "celsius > 37 (line 11, "),
        ("if (!(t < mode)) { half = 0 }", "t<mode (line 11, "),
        ("while (mode > 1) { mode = mode / 2 }", "mode > 1 (line 11, "),
        ("if (v < slope - mode) { half = 0 }", ""),
        ("if (small(v / slope)) { half = 0 }", ""),
    ],
)
def test_a_branch_that_no_clamp_enters_keeps_the_default_build(
    folder: Path, branch: str, hidden: str
) -> None:
    """With `mode` 7 the build for the processor was 0.72 mV away, and nobody had looked."""
    text = WITH_PROCEDURE.replace("slope = 7 (mV)", "mode = 0 slope = 7 (mV)")
    text = text.replace("    half = 1", f"    {branch}\n    half = 1", 1)
    text += "FUNCTION small(x) { if (fabs(x) < 1e-6) { small = 1 } else { small = 0 } }\n"
    (folder / "leak.mod").unlink()
    (folder / "one.mod").write_text(text)
    mechanisms = read_mechanisms(folder)
    said = unseen([mechanisms])
    assert (f"one.mod: {hidden}".replace(" ", "") in said.replace(" ", "")) == bool(hidden)
    assert bool(said) == bool(hidden)


def test_what_no_comparison_sees_is_not_used(folder: Path) -> None:
    (folder / "one.mod").write_text(
        WITH_PROCEDURE.replace("slope = 7", "mode = 0 slope = 7").replace(
            "    half =", f"    {MODES}\n    half =", 1
        )
    )
    said: list[str] = []
    mechanisms = read_mechanisms(folder)
    found = build_native([mechanisms], said.append, coreneuron=False)
    assert found == build([mechanisms], coreneuron=False)
    assert "one.mod: mode" in said[-1]
    assert "the slower default" in said[-1]


def test_the_verdict_costs_nothing_the_second_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mechanisms = read_mechanisms(folder)
    first = build_native([mechanisms], print, coreneuron=False)
    monkeypatch.setattr(native, "compare", None)
    said: list[str] = []
    assert build_native([mechanisms], said.append, coreneuron=False) == first
    assert said == []


@pytest.mark.parametrize(
    "integrator", [fixed_step(0.025), fixed_step(0.025, 2), IN_CORENEURON, Integrator()], ids=str
)
def test_nan_and_absurd_voltages_are_seen(hay_native: Build, integrator: Integrator) -> None:
    """A compiler that assumed finite numbers could lose them on the way to the trace."""
    painted = {
        "gIhbar_Ih": math.nan,
        "gNaTs2_tbar_NaTs2_t": math.nan,
        "gCa_HVAbar_Ca_HVA": math.inf,
    }
    kinds = alone(native_process.failures, hay_native, integrator, painted, [1e3, -1e6, 0.1])
    assert set(kinds[:3]) <= {"NOT_FINITE", "SIMULATOR"}
    assert set(kinds[3:5]) <= {"NOT_FINITE", "ABSURD"}
    assert kinds[5] == "traces"


def test_the_process_keeps_its_denormals(hay_native: Build) -> None:
    """With gcc's -ffast-math CoreNEURON's library flushed them, for all that ran later."""
    before, after = alone(native_process.smallest_halved, hay_native, IN_CORENEURON)
    assert before == after > 0


@pytest.mark.parametrize(
    ("integrator", "tolerance_mV"), [(fixed_step(0.025), 1e-6), (Integrator(), 0.1)], ids=str
)
def test_a_spiking_cell_is_the_same(
    hay_build: Build, hay_native: Build, integrator: Integrator, tolerance_mV: float
) -> None:
    default, vectorised = (
        alone(native_process.voltages, one, integrator) for one in (hay_build, hay_native)
    )
    assert max(default) > 0 > min(default)
    np.testing.assert_allclose(vectorised, default, rtol=0, atol=tolerance_mV)


def test_of_two_that_come_first_one_does_it(folder: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.map(native_process.build_and_listen, [folder, folder])
    assert first[0] == second[0]
    assert first[0].vectorised
    said = first[1] + second[1]
    assert sum("comparing" in sentence for sentence in said) == 1


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("name", [n for n in shipped_mechanisms() if n not in POINTS])
def test_all_that_ship_are_vectorised_but_pools_and_schemes(name: str) -> None:
    """A scheme of reactions is left to nocmodl's own solver."""
    mechanisms = read_mechanisms(name)
    texts = dict(mechanisms.sources)
    left = [m for m in mechanisms.mechanisms if list(refusals(texts[m.file]))]
    pools = [m for m in left if "KINETIC" not in texts[m.file]]
    assert [ion.writes for m in pools for ion in m.ions if ion.writes[:1] != (f"i{ion.name}",)]
    assert len(pools) == 1


@pytest.mark.usefixtures("parser")
def test_a_plain_channel_is_not_refused() -> None:
    assert list(refusals(LEAK)) == []
    assert list(refusals(WITH_PROCEDURE)) == []


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("SUFFIX", "POINT_PROCESS", "no density"),
        ("RANGE g", "POINTER p RANGE g", "POINTER"),
        ("METHOD cnexp", "METHOD derivimplicit", "METHOD"),
        ("INITIAL {", "INITIAL { VERBATIM\nENDVERBATIM\n", "VERBATIM"),
        ("{ g = 0.001", "{ area g = 0.001", "area"),
        ("RANGE g", "USEION ca READ ica WRITE cai RANGE g", "writes more of an ion than ica"),
        ("NONSPECIFIC_CURRENT i", "USEION ca READ cai", "carries no current"),
        ("INITIAL { m =", "INITIAL { WHILE (m < 0) { m = 1 } m =", "WHILE"),
        ("STATE { m }", "STATE { m", "cannot read"),
    ],
)
def test_what_the_generator_may_get_wrong_is_left_to_nocmodl(old: str, new: str, why: str) -> None:
    text = LEAK.replace(old, new)
    assert text != LEAK
    assert why in " ".join(refusals(text))


def test_channels_of_both_translators_share_a_library(folder: Path) -> None:
    """One with a PROCEDURE is vectorised; that with a GLOBAL that it writes is not."""
    one, other = WITH_PROCEDURE, WITH_PROCEDURE.replace("RANGE g, i,", "RANGE g, i GLOBAL")
    (folder / "one.mod").write_text(one)
    (folder / "other.mod").write_text(other.replace("SUFFIX one", "SUFFIX other"))
    said: list[str] = []
    mechanisms = read_mechanisms(folder)
    found = build_native([mechanisms], said.append, coreneuron=False)
    assert found.vectorised, said
    log = (found.folder.parent / "logs" / f"{found.folder.name}.log").read_text()
    assert "leak.mod: vectorised" in log
    assert "one.mod: vectorised" in log
    assert "other.mod: left to nocmodl" in log


def alone(function: Callable[..., Any], *given: Any) -> Any:
    """Call a function in a new process: that of the tests has loaded the default build."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()
