"""Each rule on a channel with one fault, and on its twin that does the same without it.

`FAULT` marks the line that must be named. All files are linted in one go.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.nmodl import RULES, Finding, lint

CHANNEL = """
NEURON {
    THREADSAFE
    SUFFIX chan
    USEION k READ ek WRITE ik
    RANGE gbar, ninf
    :NEURON
}
UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    FARADAY = (faraday) (coulomb)
}
PARAMETER {
    gbar = 1e-3 (S/cm2)
    :PARAMETER
}
:TOP
STATE {
    n
    :STATE
}
ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    celsius (degC)
    ninf
    tau (ms)
    q
    :ASSIGNED
}
INITIAL {
    :INITIAL
    q = 3^((celsius - 20)/10)
    rates(v)
    n = ninf
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    :BREAKPOINT
    ik = gbar*n*(v - ek)
}
DERIVATIVE states {
    rates(v)
    n' = (ninf - n)/tau
}
PROCEDURE rates(v (mV)) {
    LOCAL a, b, x
    :RATES
    a = rise(v)
    b = 0.1*exp(-v/20)
    ninf = a/(a + b)
    tau = 1/(a + b)/q
}
FUNCTION rise(v (mV)) {
    rise = 0.1*exp(v/20)
}
:END
"""
SYNAPSE = """
NEURON {
    THREADSAFE
    POINT_PROCESS Syn
    NONSPECIFIC_CURRENT i
    RANGE tau, e, i
}
UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}
PARAMETER { tau = 3 (ms) <1e-9, 1e9> e = 0 (mV) }
ASSIGNED { v (mV) i (nA) }
STATE { g (uS) }
INITIAL { g = 0 }
BREAKPOINT { SOLVE states METHOD cnexp i = g*(v - e) }
DERIVATIVE states { g' = -g/tau }
NET_RECEIVE(weight (uS)) {
    :NET_RECEIVE
    g = g + weight
}
"""
THREADED = ("    THREADSAFE\n", "")
UNTHREADED = ("NEURON {\n    THREADSAFE\n", "NEURON { : FAULT\n")

Edits = list[tuple[str, str]]
Case = tuple[str, str, Edits, Edits]
"""A rule, a text, what gives it the fault, and what gives the same without it."""

SHARING: list[Case] = [
    (
        "assigned-global",
        CHANNEL,
        [("RANGE gbar, ninf", "RANGE gbar\n GLOBAL ninf"), ("ninf = a", "ninf = : FAULT\n  a")],
        [],
    ),
    (
        "assigned-global",
        CHANNEL,
        [(":PARAMETER", "p = 3"), (":INITIAL", "LOCAL z\n\n z = 2\n IF (z > 1) { p = 4 } : FAULT")],
        [(":PARAMETER", "p = 3"), (":INITIAL", "LOCAL p\n p = 4"), ("gbar, n", "gbar, p, n")],
    ),
    (
        "assigned-global",
        CHANNEL,
        [
            (":NEURON", "GLOBAL z"),
            (":ASSIGNED", "z[3]"),
            ("a = rise", "z[1] = 2 : FAULT\n a = rise"),
        ],
        [(":NEURON", "RANGE z"), (":ASSIGNED", "z[3]"), ("a = rise", "z[1] = 2\n a = rise")],
    ),
    (
        "file-level-local",
        CHANNEL,
        [(":TOP", "LOCAL q10"), (":INITIAL", "q10 = 3 : FAULT")],
        [(":TOP", "LOCAL q10"), (":INITIAL", "LOCAL q10\n q10 = 3")],
    ),
    (
        "verbatim-static",
        CHANNEL,
        [
            (
                ":TOP",
                "VERBATIM : FAULT\n static int runs; int next() { return ++runs; }\nENDVERBATIM",
            )
        ],
        [],
    ),
    ("verbatim", CHANNEL, [(":INITIAL", "\n VERBATIM : FAULT\n int i = 0;\n ENDVERBATIM")], []),
    (
        "pointer",
        CHANNEL,
        [(":NEURON", "POINTER other : FAULT"), (":ASSIGNED", "other")],
        [(":NEURON", "BBCOREPOINTER other"), (":ASSIGNED", "other")],
    ),
    (
        "shared-random",
        CHANNEL,
        [(":INITIAL", "ninf = normrand(0, 1) : FAULT")],
        [(":INITIAL", "ninf = random_normal(r)"), (":NEURON", "RANDOM r")],
    ),
]
INTEGRATION: list[Case] = [
    *(
        (
            "cnexp-not-linear",
            CHANNEL,
            [("n' = (ninf - n)/tau", f"n' = {fault} : FAULT")],
            [("n' = (ninf - n)/tau", f"n' = {clean}")],
        )
        for fault, clean in [
            ("(ninf - n*n)/tau", "(ninf - n*ninf)/tau"),
            ("ninf - n/(n + tau)", "ninf - n/(ninf + tau)"),
            ("-(n^4)/tau", "-(ninf^4)*n/tau"),
            ("(ninf - rise(n))/tau", "(ninf - rise(ninf) - (-n))/tau"),
        ]
    ),
    (
        "state-outside-derivative",
        CHANNEL,
        [
            ("METHOD cnexp", ""),
            ("DERIVATIVE states", "PROCEDURE states()"),
            ("n' = (ninf - n)/tau", "n = n + (1 - exp(-dt/tau))*(ninf - n) : FAULT"),
        ],
        [("    n' =", "    IF (n > 1) { n = 1 }\n    n' =")],
    ),
    (
        "state-outside-derivative",
        CHANNEL,
        [
            (":BREAKPOINT", "clip()"),
            (":END", "PROCEDURE clip() {\n IF (n > 1) { n = 1 } : FAULT\n}"),
        ],
        [(":INITIAL", "clip()"), (":END", "PROCEDURE clip() {\n IF (n > 1) { n = 1 }\n}")],
    ),
    (
        "euler-method",
        CHANNEL,
        [("METHOD cnexp", "METHOD euler : FAULT")],
        [("METHOD cnexp", "METHOD derivimplicit")],
    ),
    ("euler-method", CHANNEL, [("METHOD cnexp", "METHOD runge : FAULT")], []),
    (
        "missing-method",
        CHANNEL,
        [("METHOD cnexp", ": FAULT")],
        [(":BREAKPOINT", "SOLVE other"), (":END", "PROCEDURE other() { q = q }")],
    ),
    (
        "table-under-cvode",
        CHANNEL,
        [(":RATES", "TABLE ninf DEPEND q FROM -100 TO 100 WITH 200 : FAULT")],
        [(":RATES", ": TABLE ninf DEPEND celsius FROM -100 TO 100 WITH 200")],
    ),
    (
        "table-under-cvode",
        CHANNEL,
        [("    rise = 0.1*", "\n TABLE FROM -100 TO 100 WITH 200 : FAULT\n rise = 0.1*")],
        [],
    ),
    (
        "table-without-depend",
        CHANNEL,
        [(":RATES", "TABLE ninf, tau FROM -100 TO 100 WITH 200 : FAULT")],
        [(":RATES", ": TABLE ninf, tau FROM -100 TO 100 WITH 200")],
    ),
    (
        "table-without-depend",
        CHANNEL,
        [
            (":RATES", "TABLE ninf, tau DEPEND q, half FROM -100 TO 100 WITH 200 : FAULT"),
            ("ninf = a/", "ninf = half*a/"),
            (":PARAMETER", "half = 1"),
            ("RANGE ", "RANGE half, "),
        ],
        [],
    ),
    (
        "random-in-current",
        CHANNEL,
        [
            (":NEURON", "RANDOM r"),
            ("ik = gbar*n*(v - ek)", "ik = gbar*n*(v - ek)*kick"),
            (":BREAKPOINT", "kick = random_normal(r) : FAULT"),
            (":ASSIGNED", "kick"),
        ],
        [
            (":NEURON", "RANDOM r"),
            ("ik = gbar*n*(v - ek)", "ik = gbar*n*(v - ek)*kick"),
            (":END", "BEFORE STEP { kick = random_normal(r) }"),
            (":ASSIGNED", "kick"),
        ],
    ),
    (
        "v-assigned",
        CHANNEL,
        [(":BREAKPOINT", "IF (v > 100) {\n v = 100 : FAULT\n }")],
        [(":RATES", "IF (v > 100) {\n v = 100\n }")],
    ),
    (
        "q10-each-step",
        CHANNEL,
        [(":RATES", "a = 3^((celsius - 20)/10) : FAULT")],
        [(":RATES", "a = exp(v*96485/8.3/(celsius + 273))")],
    ),
    (
        "q10-each-step",
        CHANNEL,
        [
            (":BREAKPOINT", "ik = phi(celsius)"),
            (":END", "FUNCTION phi(degrees (degC)) {\n phi = exp(0.1*(degrees - 20)) : FAULT\n}"),
        ],
        [
            (":INITIAL", "ik = phi(celsius)"),
            (":END", "FUNCTION phi(degrees (degC)) {\n phi = exp(0.1*(degrees - 20))\n}"),
        ],
    ),
]
GATES: list[Case] = [
    ("initial-not-steady", CHANNEL, [("n = ninf", "n = 0 : FAULT")], []),
    ("initial-not-steady", CHANNEL, [(" n = ninf", ""), ("    n\n", "    n : FAULT\n")], []),
    (
        "initial-not-steady",
        CHANNEL,
        [
            ("n' = (ninf - n)/tau", "n' = q*(ninf*(1 - n) - 0.3*n)"),
            (":PARAMETER", "n_start = 0.2"),
            ("n = ninf", "n = n_start : FAULT"),
        ],
        # Recovery to 1 with a rate that depends on voltage: 1 is the steady state.
        [("n' = (ninf - n)/tau", "n' = (1 - n)/tau"), ("n = ninf", "n = 1")],
    ),
    (
        "initial-not-steady",
        CHANNEL,
        [("n' = (ninf - n)/tau", "n' = rise(v) - (rise(v) + 1)*n"), ("n = ninf", "n = 0 : FAULT")],
        # A pool of calcium without a unit: the current drives it.
        [("n' = (ninf - n)/tau", "n' = -ik*q - n/tau"), ("n = ninf", "n = 0")],
    ),
    (
        "initial-not-steady",
        CHANNEL,
        [(" n = ninf", ""), (":INITIAL", "start() "),
         (":END", "PROCEDURE start() {\n n = 0 : FAULT\n}")],
        [(" n = ninf", ""), (":INITIAL", "start() "),
         (":END", "PROCEDURE start() {\n LOCAL a\n a = rise(v)\n n = a\n}")],
    ),
]  # fmt: skip
NAMES: list[Case] = [
    ("reserved-name", CHANNEL, [(":PARAMETER", "new = 3 : FAULT")], [(":PARAMETER", "new_ = 3")]),
    (
        "reserved-name",
        CHANNEL,
        [(":END", "FUNCTION f(class) { : FAULT\n f = 2*class\n}")],
        [(":END", "FUNCTION f(classes) {\n f = 2*classes\n}")],
    ),
    (
        "variable-and-function",
        CHANNEL,
        [(":ASSIGNED", "rise : FAULT"), ("gbar, ninf", "gbar, rise")],
        [(":ASSIGNED", "risen"), ("gbar, ninf", "gbar, risen")],
    ),
    (
        "ion-in-constant",
        CHANNEL,
        [("    ek (mV)\n", ""), (":TOP", "CONSTANT {\n ek = -80 (mV) : FAULT\n}")],
        [(":TOP", "CONSTANT {\n other = -80 (mV)\n}")],
    ),
    (
        "constant-assigned",
        CHANNEL,
        [(":INITIAL", "FARADAY = 96485 : FAULT")],
        [(":INITIAL", "LOCAL FARADAY\n FARADAY = 96485")],
    ),
    (
        "state-name-clash",
        CHANNEL,
        [(":STATE", "i1\n i10 : FAULT"), (":INITIAL", "i1 = 1 i10 = 1")],
        [(":STATE", "i1 i2"), (":PARAMETER", "i10 = 3"), (":INITIAL", "i1 = i10 i2 = 1")],
    ),
]
UNITS: list[Case] = [
    ("missing-units", CHANNEL, [("v (mV)\n", "v : FAULT\n")], []),
    ("missing-units", CHANNEL, [("ek (mV)", "ek : FAULT")], []),
    ("missing-units", CHANNEL, [("ik (mA/cm2)", "ik : FAULT")], []),
    ("missing-units", CHANNEL, [("1e-3 (S/cm2)", "1e-3 : FAULT")], []),
    ("missing-units", CHANNEL, [("tau (ms)", "tau : FAULT")], []),
    (
        "missing-units",
        CHANNEL,
        [(":PARAMETER", "half = -30 : FAULT"), (":RATES", "x = exp(v - half)")],
        [(":PARAMETER", "half = -30 (mV) shape = 2"), (":RATES", "x = shape*exp(v - half)")],
    ),
    (
        "missing-units",
        SYNAPSE,
        [
            ("UNITS {", "COMMENT"),
            ("(microsiemens)\n}", "ENDCOMMENT"),
            ("NEURON {", "NEURON { : FAULT"),
        ],
        [],
    ),
    (
        "ignored-default",
        CHANNEL,
        [("    celsius (degC)\n", ""), (":PARAMETER", "celsius = 34 (degC) : FAULT")],
        [("    celsius (degC)\n", ""), (":PARAMETER", "celsius (degC)")],
    ),
    (
        "ignored-default",
        CHANNEL,
        [("    ek (mV)\n", ""), (":PARAMETER", "ek = -80 (mV) : FAULT")],
        [("    ek (mV)\n", ""), (":PARAMETER", "ek (mV)")],
    ),
]  # fmt: skip
EVENTS: list[Case] = [
    (
        "net-send-zero",
        SYNAPSE,
        [(":NET_RECEIVE", "IF (flag == 1) {\n net_send(0, 2) : FAULT\n }")],
        [(":NET_RECEIVE", "IF (flag == 1) {\n net_send(0.1, 2)\n }")],
    ),
    (
        "net-send-zero",
        SYNAPSE,
        [(":NET_RECEIVE", "IF (flag == 0) { g = 0 } ELSE { net_send(0, 2) } : FAULT")],
        [(":NET_RECEIVE", "IF (flag == 0) { IF (g > 1) { net_send(0, 2) } }")],
    ),
]


def changed(text: str, edits: Edits) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def fault(text: str) -> tuple[int, ...]:
    lines = text.splitlines()
    return tuple(n for n, line in enumerate(lines, 1) if line.rstrip().endswith("FAULT"))


TIMING: list[Case] = [
    (
        "depends-on-t",
        CHANNEL,
        [
            (":BREAKPOINT", "IF (t > 30) { :FAULT\n gbar2 = 0 }"),
            ("*n*(v", "*gbar2*n*(v"),
            (":ASSIGNED", "gbar2"),
            (":INITIAL", "gbar2 = 1"),
        ],
        [
            (":BREAKPOINT", "IF (v > 30) {\n gbar2 = 0 }"),
            ("*n*(v", "*gbar2*n*(v"),
            (":ASSIGNED", "gbar2"),
            (":INITIAL", "gbar2 = 1"),
        ],
    ),
    (
        "depends-on-t",
        SYNAPSE,
        [("i = g*(v - e)", "i = g*(v - e)*sin(t) : FAULT\n")],
        [
            ("i = g*(v - e)", "i = g*(v - e)*since(t)"),
            ("g = g + w", "net_send(3, 1) g = g + w"),
            ("NET_RECEIVE(", "FUNCTION since(s (ms)) { since = sin(s) }\nNET_RECEIVE("),
        ],
    ),
]


CASES = [*SHARING, *INTEGRATION, *GATES, *NAMES, *UNITS, *EVENTS, *TIMING]
FAULTY = [(rule, changed(text, edits)) for rule, text, edits, _ in CASES]
FAULTY += [
    ("not-threadsafe", changed(CHANNEL, [UNTHREADED, *edits]))
    for edits in (
        [(":TOP", "LOCAL z"), (":INITIAL", "z = 3")],
        [(":INITIAL", "VERBATIM\n ENDVERBATIM")],
        [(":NEURON", "POINTER other"), (":ASSIGNED", "other")],
        [("RANGE gbar, ninf", "GLOBAL ninf")],
    )
]
CLEAN = [changed(text, edits) for _, text, _, edits in CASES]
CLEAN += [changed(CHANNEL, [THREADED])]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    folder = tmp_path_factory.mktemp("channels")
    texts = {f"faulty{n}.mod": text for n, (_, text) in enumerate(FAULTY)}
    texts |= {f"clean{n}.mod": text for n, text in enumerate(CLEAN)}
    for name, text in texts.items():
        (folder / name).write_text(text)
    findings = lint(folder)
    return {name: [one for one in findings if one.file == name] for name in texts}


@pytest.mark.parametrize("number", range(len(FAULTY)), ids=lambda n: f"{n}-{FAULTY[n][0]}")
def test_a_fault_is_found_in_its_line(found: dict[str, list[Finding]], number: int) -> None:
    rule, text = FAULTY[number]
    findings = found[f"faulty{number}.mod"]
    # What makes THREADSAFE necessary is a fault of its own, and so are every TABLE and VERBATIM.
    alone = rule not in ("not-threadsafe", "table-without-depend", "verbatim-static")
    about = [f for f in findings if alone or f.rule == rule]
    assert [(f.rule, (f.line,)) for f in about] == [(rule, fault(text))], findings
    assert all(f.message and f.advice and f.affects and not f.accepted for f in findings)


@pytest.mark.parametrize("number", range(len(CLEAN)))
def test_the_twin_has_no_findings(found: dict[str, list[Finding]], number: int) -> None:
    assert found[f"clean{number}.mod"] == []


def test_every_rule_has_a_faulty_file() -> None:
    elsewhere = {"foreign-code", "unguarded-singularity"}
    assert {rule for rule, _ in FAULTY} == set(RULES) - elsewhere
    assert all(one.summary.startswith("Find ") for one in RULES.values())


@pytest.mark.parametrize("rule", ["assigned-global", "variable-and-function", "ion-in-constant"])
def test_the_translator_of_coreneuron_agrees(rule: str, tmp_path: Path) -> None:
    """NEURON's own `nmodl` refuses the faulty files of these rules and takes their twins."""
    for faulty, text in [(True, t) for r, t in FAULTY if r == rule] + [
        (False, changed(text, edits)) for r, text, _, edits in CASES if r == rule
    ]:
        (tmp_path / "chan.mod").write_text(text)
        command = [str(Path(sys.executable).parent / "nmodl"), "--coreneuron", "chan.mod"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert (ended.returncode != 0) == faulty, (text, ended.stderr)
