"""The judge on small files: what outlives a run, and what only looks like it."""

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.mechanisms import Verdict, judge, judging, read_mechanisms, shipped_mechanisms

TEXT = """\
NEURON {{ SUFFIX one {neuron} RANGE g }}
PARAMETER {{ g = 1 (S/cm2) half = -40 (mV) {parameter} }}
ASSIGNED {{ v (mV) i (mA/cm2) x y a[3] {assigned} }}
STATE {{ m }}
{more}
INITIAL {{ {initial} }}
BREAKPOINT {{ {breakpoint} }}
DERIVATIVE gates {{ {gates} }}
PROCEDURE rates(v) {{ {rates} }}
"""
PLAIN = {
    "neuron": "NONSPECIFIC_CURRENT i",
    "parameter": "",
    "assigned": "",
    "more": "",
    "initial": "rates(v) m = x",
    "breakpoint": "SOLVE gates METHOD cnexp\n i = g*m*v",
    "gates": "rates(v) m' = (x - m)/y",
    "rates": "x = v + half y = 3",
}


def judged(folder: Path, **parts: str) -> Verdict:
    folder.mkdir(exist_ok=True)
    (folder / "one.mod").write_text(TEXT.format(**{**PLAIN, **parts}))
    [verdict] = judge(read_mechanisms(folder))
    return verdict


REMEMBERS = {
    "a PARAMETER": {"initial": "g = 2 m = 0"},
    "read before": {"initial": "x = x + 1 m = 0"},
    "read by a routine": {"initial": "rates(v) m = 0", "rates": "x = y y = 3"},
    "assigned in one way only": {"initial": "if (v > 0) { x = 1 } m = x"},
    "assigned in some ways": {"initial": "if (v > 0) { x = 1 } else if (v > 1) { x = 2 } m = x"},
    "assigned in a loop": {"initial": "while (v > 0) { x = 1 } m = x"},
    "an element": {"initial": "a[0] = 1 m = a[1]"},
    "only solved": {"initial": "m = 0", "breakpoint": "SOLVE gates METHOD cnexp\n i = g*m*x"},
    "the last event": {
        "initial": "m = 0",
        "breakpoint": "SOLVE gates METHOD cnexp\n if (v > 0) { x = 1 } i = g*m*x",
    },
    "recorded": {"neuron": "NONSPECIFIC_CURRENT i RANGE y", "initial": "m = 0"},
    "the current of the last run": {
        "neuron": "NONSPECIFIC_CURRENT i USEION ca READ ica",
        "assigned": "ica (mA/cm2)",
        "initial": "m = ica",
    },
    "the reversal potential": {
        "neuron": "NONSPECIFIC_CURRENT i USEION ca WRITE eca",
        "assigned": "eca (mV)",
        "initial": "eca = 130 m = 0",
    },
    "VERBATIM": {"initial": "VERBATIM\n;\nENDVERBATIM\n m = 0"},
    "a POINTER": {"neuron": "NONSPECIFIC_CURRENT i POINTER p", "assigned": "p"},
}
FORGETS = {
    "plain": {},
    "assigned in each way": {"initial": "if (v > 0) { x = 1 } else { x = 2 } m = x"},
    "a LOCAL of that name": {"initial": "LOCAL x\n x = 1 m = x"},
    "an argument of that name": {"rates": "x = v y = x", "initial": "m = v"},
    "a TABLE": {
        "initial": "rates(v) m = x",
        "rates": "TABLE x, y DEPEND half FROM -100 TO 100 WITH 200\n x = v + half y = 3",
    },
    "computed for the current first": {
        "initial": "m = 0",
        "breakpoint": "SOLVE gates METHOD cnexp\n x = v i = g*m*x",
        "gates": "m' = x - m",
    },
    "a hint": {
        "breakpoint": "CONDUCTANCE a_g\n SOLVE gates METHOD cnexp\n a_g = g*m i = a_g*v",
        "assigned": "a_g (S/cm2)",
    },
    "a pool": {
        "neuron": "USEION ca READ ica, cai WRITE cai",
        "assigned": "ica (mA/cm2) cai (mM)",
        "initial": "cai = 1e-4 m = 0",
        "breakpoint": "SOLVE gates METHOD cnexp\n cai = m",
        "gates": "m' = -ica - m",
    },
}


@pytest.mark.parametrize("what", REMEMBERS)
def test_what_a_segment_would_carry_on(tmp_path: Path, what: str) -> None:
    verdict = judged(tmp_path / "mod", **REMEMBERS[what])
    assert verdict.remembers
    assert verdict.put_back == ()
    assert verdict.kept_by_process == ()


@pytest.mark.parametrize("what", FORGETS)
def test_what_is_computed_afresh(tmp_path: Path, what: str) -> None:
    verdict = judged(tmp_path / "mod", **FORGETS[what])
    assert replace(verdict, coreneuron=()) == Verdict("one.mod", "one")


def test_streams_are_begun_anew_and_so_not_remembered(tmp_path: Path) -> None:
    drawing = {"neuron": "NONSPECIFIC_CURRENT i RANDOM r, s", "initial": "m = random_uniform(r)"}
    verdict = judged(tmp_path / "mod", **drawing)
    assert verdict.random == ("r", "s")
    assert verdict.remembers == ()


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"initial": "half = half + 1 m = 0"}, (("half_one", -40.0),)),
        ({"initial": "half = 1 m = 0"}, (("half_one", -40.0),)),
        (
            {"neuron": "NONSPECIFIC_CURRENT i GLOBAL x", "initial": "m = x rates(v)"},
            (("x_one", 0.0),),
        ),
        ({"neuron": "NONSPECIFIC_CURRENT i GLOBAL x, y"}, ()),
    ],
)
def test_globals_are_put_back_where_a_run_could_tell(
    tmp_path: Path, parts: dict[str, str], expected: tuple[tuple[str, float], ...]
) -> None:
    verdict = judged(tmp_path / "mod", **parts)
    assert verdict.put_back == expected
    assert verdict.remembers == ()


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"more": "LOCAL k", "initial": "k = k + 1 m = k"}, "k, a LOCAL of the whole file"),
        ({"initial": "m = scop_random()"}, "the state of scop_random"),
    ],
)
def test_what_nobody_can_put_back(tmp_path: Path, parts: dict[str, str], what: str) -> None:
    [said] = judged(tmp_path / "mod", **parts).kept_by_process
    assert said.startswith(what)


@pytest.mark.parametrize(
    "parts",
    [
        {"more": "LOCAL k", "initial": "k = 1 m = k"},
        {"more": "LOCAL k[2]", "initial": "k[0] = 1 k[1] = 2 m = k[0]"},
        {"initial": "set_seed(1) m = scop_random()"},
    ],
)
def test_what_each_run_begins_anew(tmp_path: Path, parts: dict[str, str]) -> None:
    assert judged(tmp_path / "mod", **parts).kept_by_process == ()


@pytest.mark.parametrize(
    ("parts", "moved"),
    [
        ({"breakpoint": "rates(v) i = g*m*v", "rates": "m = m + (v - m)/10"}, True),
        ({"breakpoint": "SOLVE gates METHOD cnexp\n if (m > 1) { m = 1 } i = g*m*v"}, True),
        ({"breakpoint": "SOLVE gates METHOD cnexp\n m = 1 i = g*m*v"}, True),
        ({"breakpoint": "m = 1/(1 + exp(v)) i = g*m*v", "gates": ""}, False),
        ({}, False),
    ],
)
def test_states_moved_by_hand(tmp_path: Path, parts: dict[str, str], moved: bool) -> None:
    assert bool(judged(tmp_path / "mod", **parts).by_hand) == moved


def test_what_a_step_leaves_outside_of_states(tmp_path: Path) -> None:
    late = {"breakpoint": "SOLVE gates METHOD cnexp\n i = g*x*v"}
    [said] = judged(tmp_path / "mod", **late).beyond_states
    assert said.startswith("x, which may be read (line 8, in BREAKPOINT)")


PULSE = "if (t >= 30 && t < 31) { i = 1 } else { i = 0 }"


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ({"breakpoint": PULSE, "gates": "m' = -m"}, "line 7, in BREAKPOINT"),
        ({"breakpoint": "x = t + 1 i = g*x"}, "line 7, in BREAKPOINT"),
        ({"breakpoint": "SOLVE gates METHOD cnexp\n rates(t) i = g*x"}, "line 8, in BREAKPOINT"),
        ({"gates": "m' = (sin(t) - m)/10"}, "line 9, in DERIVATIVE gates"),
        ({"gates": "if (t > 30) { y = 2 } m' = (x - m)/y"}, "line 9, in DERIVATIVE gates"),
        ({"rates": "x = v + half y = 3 + t"}, "line 10, in PROCEDURE rates"),
    ],
)
def test_what_depends_on_the_time_itself(tmp_path: Path, parts: dict[str, str], where: str) -> None:
    verdict = judged(tmp_path / "mod", **parts)
    assert verdict.depends_on_t == (f"t ({where})",)
    assert not verdict.announces_corners


@pytest.mark.parametrize(
    "parts",
    [
        {"initial": "rates(t) m = x"},
        {"breakpoint": "SOLVE gates METHOD cnexp\n i = g*m*v a[0] = t"},
        {"rates": "LOCAL t\n t = 3 x = v + half y = t"},
    ],
)
def test_t_beside_currents_and_equations(tmp_path: Path, parts: dict[str, str]) -> None:
    assert judged(tmp_path / "mod", **parts).depends_on_t == ()


def test_corners_that_are_announced(tmp_path: Path) -> None:
    verdict = judged(tmp_path / "mod", breakpoint=f"at_time(30) at_time(31) {PULSE}", gates="")
    assert verdict.depends_on_t == ("t (line 7, in BREAKPOINT)",)
    assert verdict.announces_corners


TABLE = "TABLE x, y {} FROM -100 TO 100 WITH 200\n x = v + half y = 3"


@pytest.mark.parametrize(
    ("table", "parts", "names"),
    [
        ("", {"neuron": "NONSPECIFIC_CURRENT i RANGE half"}, "half"),
        ("DEPEND half", {"neuron": "NONSPECIFIC_CURRENT i RANGE half"}, "half"),
        ("", {"rates": f"{TABLE} + celsius", "assigned": "celsius (degC)"}, "half, celsius"),
        ("DEPEND half", {"rates": f"{TABLE} + dt"}, "dt"),
        ("DEPEND half", {"rates": f"{TABLE} + f(v)", "more": "FUNCTION f(u) { f = g*u }"}, "g"),
        ("DEPEND half", {"rates": f"{TABLE} + q", "assigned": "q", "initial": "q = g m = x"}, "q"),
        ("DEPEND half, q", {"rates": f"{TABLE} + q", "assigned": "q"}, "q"),
        ("", {"initial": "half = 3 rates(v) m = x"}, "half"),
        ("DEPEND half", {"rates": f"{TABLE} + m"}, "m"),
        ("DEPEND half", {"rates": f"{TABLE}\nVERBATIM\n;\nENDVERBATIM\n"}, "VERBATIM"),
    ],
)
def test_tables_that_do_not_follow(
    tmp_path: Path, table: str, parts: dict[str, str], names: str
) -> None:
    rates = parts.get("rates", TABLE).format(table)
    verdict = judged(tmp_path / "mod", **{**parts, "rates": rates})
    [said] = verdict.stale_tables
    assert said.startswith(f"TABLE of {names} (line ")
    assert verdict.switch == "usetable_one"


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        # A GLOBAL that nobody can set here is a constant.
        ("", {}),
        ("DEPEND half", {}),
        ("DEPEND half, celsius, dt", {"rates": f"{TABLE} + celsius + dt", "assigned": "celsius"}),
        ("DEPEND half", {"rates": f"{TABLE} q = 2 y = q", "assigned": "q"}),
        ("DEPEND half", {"rates": f"{TABLE} + f(v)", "more": "FUNCTION f(g) { f = g }"}),
        (
            "DEPEND half, q",
            {
                "rates": f"{TABLE} + q",
                "assigned": "q celsius (degC)",
                "initial": "q = 3^(celsius/10) rates(v) m = x",
            },
        ),
    ],
)
def test_tables_that_follow(tmp_path: Path, table: str, parts: dict[str, str]) -> None:
    rates = parts.get("rates", TABLE).format(table)
    verdict = judged(tmp_path / "mod", **{**parts, "rates": rates})
    assert verdict.stale_tables == ()
    assert verdict.switch == ""


@pytest.mark.parametrize("name", shipped_mechanisms())
def test_the_shipped_sets_keep_nothing(name: str) -> None:
    for verdict in judge(read_mechanisms(name)):
        expected = Verdict(
            verdict.file,
            verdict.suffix,
            beyond_states=verdict.beyond_states,
            hidden_branches=verdict.hidden_branches,
        )
        if verdict.suffix == "NMDASaturating":
            # Its two equations are coupled, and each is solved as if the other stood still.
            expected = replace(expected, first_order=("SOLVE states METHOD cnexp (line 52)",))
        if verdict.suffix == "NaV":
            # Its twelve states are solved together, by a backward step.
            expected = replace(expected, first_order=("SOLVE gating METHOD sparse (line 52)",))
        if verdict.suffix == "EPSPCurrent":
            # A function of t alone, with an event at its onset.
            assert verdict.announces_corners
            expected = replace(expected, depends_on_t=verdict.depends_on_t, announces_corners=True)
            assert verdict.own_events == ("net_send (line 39)",)
            expected = replace(expected, own_events=verdict.own_events)
        if verdict.suffix == "ConductancePulse":
            # Each pulse tells itself when it ends.
            expected = replace(expected, own_events=("net_send (line 44)",))
        assert verdict == expected


def test_a_verdict_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    first = judged(tmp_path / "mod", initial="half = 1 g = 2 m = 0", more="LOCAL k")
    judging.judge.cache_clear()

    def no_child(*_: object) -> object:
        raise AssertionError("a child was started")

    monkeypatch.setattr(judging, "parse", no_child)
    [again] = judge(read_mechanisms(tmp_path / "mod"))
    assert again == first
    assert again.coreneuron
