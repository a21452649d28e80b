"""What a mechanism needs and nobody gives it, or keeps and nobody can put back: refused by name.

Before anything runs or is compiled: most of it would end the process.
"""

import re
from pathlib import Path

import pytest

from tests.physics.engines.small_studies import read_small_study, small_study
from workbench.api import load_cell, simulate
from workbench.engines.neuron import check
from workbench.errors import EngineError, MechanismError
from workbench.experiments import clamp_family
from workbench.mechanisms import read_mechanisms
from workbench.runs import prepare

CHANNEL = """\
NEURON {{ SUFFIX odd NONSPECIFIC_CURRENT i {declared} RANGE g }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }}
PARAMETER {{ g = 1e-5 (S/cm2) }}
ASSIGNED {{ v (mV) i (mA/cm2) x {assigned} }}
INITIAL {{ {initial} }}
{outside}
BREAKPOINT {{ i = g*{factor}*(v + 60) }}
"""
PLAIN = {"declared": "", "assigned": "", "initial": "x = 1", "outside": "", "factor": "x"}
POINTED = {"declared": "POINTER seen", "assigned": "seen"}
IN_C = "VERBATIM\n{}\nENDVERBATIM"

REFUSED = {
    "a POINTER": ({**POINTED, "factor": "seen"}, "POINTER seen (line 1)"),
    "a POINTER that is written": ({**POINTED, "initial": "seen = 2"}, "POINTER seen (line 1)"),
    "a POINTER that C code follows": (
        {**POINTED, "initial": IN_C.format("x = *_p_seen;")},
        "POINTER seen (line 1)",
    ),
    "a BBCOREPOINTER": (
        {"declared": "BBCOREPOINTER seen", "initial": IN_C.format("x = (long) _p_seen;")},
        "BBCOREPOINTER seen (line 1)",
    ),
    "a FUNCTION_TABLE": (
        {"outside": "FUNCTION_TABLE rate(u (mV))", "factor": "rate(v)"},
        "the table of FUNCTION_TABLE rate (line 6)",
    ),
    "a static of the file": (
        {"outside": IN_C.format("static int runs = 0;"), "initial": IN_C.format("x = runs++;")},
        "runs in VERBATIM (line 9)",
    ),
    "a variable of the file": (
        {
            "outside": IN_C.format("/* no\n static */ double seen[2] = {1,\n2};"),
            "initial": IN_C.format("x = seen [ 1 ] += 1;"),
        },
        "seen in VERBATIM (line 10)",
    ),
    "one of several": (
        {
            "outside": IN_C.format("static double a = f(1, 2), b[2], c;"),
            "initial": IN_C.format("++c;"),
        },
        "c in VERBATIM (line 9)",
    ),
    "what nobody can look into": (
        {"outside": IN_C.format("static FILE* log = 0;")},
        "log in VERBATIM (line 7)",
    ),
    "a static of a block": (
        {"initial": IN_C.format("{ static double at; x = at += 1; }")},
        "at in VERBATIM (line 6)",
    ),
    "a generator of C's": (
        {"initial": IN_C.format("x = rand() % 2;")},
        "the state of rand in VERBATIM (line 6)",
    ),
}
ALLOWED = {
    "a POINTER that is never used": POINTED,
    "C code that asks whether the POINTER is set": {
        **POINTED,
        "initial": IN_C.format("if (_p_seen) { x = *_p_seen; } else { x = 1; }"),
    },
    "a FUNCTION_TABLE that is never asked": {"outside": "FUNCTION_TABLE rate(u (mV))"},
    "functions and constants of C": {
        "outside": IN_C.format(
            '#include <math.h>\n#define KEPT static\nextern "C" double sin(double);\n'
            "static double twice(double y) { const static int two = 2; double z = two; return z; }"
            '\nstatic const char* words = "static int a; /* ";\n// static int b;\n'
            "static double cof[2] = {76.1, -86.5}, eps = 1e-9; static int same = (2 == 2);\n"
            "static int sum() { int j, s; for (j = 0, s = 0; j < 3; j++, s--) {} return (s, j); }\n"
            "typedef struct { int c; } seen;\nstatic double later(double);"
        ),
        "initial": IN_C.format("double d = static_cast<double>(1); x = d;"),
    },
    "what its author accepts": {
        "outside": "\n: lint: accept verbatim-static - counts warnings only\n"
        + IN_C.format("static int warned = 0; void warn() { warned++; }"),
    },
}


def mods(parts: dict[str, str]) -> dict[str, str]:
    return {"odd": CHANNEL.format(**{**PLAIN, **parts})}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_by_name(tmp_path: Path, what: str) -> None:
    parts, named = REFUSED[what]
    study = read_small_study(tmp_path, mods(parts), insert='somatic = ["odd"]')
    said = re.escape(f"{tmp_path}/mods/odd.mod (mechanism odd) ") + ".*" + re.escape(named)
    with pytest.raises(EngineError, match=said):
        prepare(study)
    # The same file is no obstacle where it is not inserted.
    prepare(read_small_study(tmp_path / "other", {}))


@pytest.mark.parametrize("what", ALLOWED)
def test_it_is_let_through(tmp_path: Path, what: str) -> None:
    problem = read_small_study(tmp_path, mods(ALLOWED[what]), insert='somatic = ["odd"]').problem
    check(problem.recipe, problem.protocols, problem.integrator)


def test_a_pointer_that_is_never_used_harms_nobody(tmp_path: Path) -> None:
    folder = small_study(tmp_path, mods(POINTED), insert='somatic = ["odd"]')
    response = simulate(load_cell(str(folder)).with_values({"g_pas.all": 1e-4}), "step")
    assert response["soma.v"].values.max() > -60


def test_the_python_api_refuses_it_too(tmp_path: Path) -> None:
    parts, named = REFUSED["a POINTER"]
    folder = small_study(tmp_path, mods(parts), insert='somatic = ["odd"]')
    cell = load_cell(str(folder)).with_values({"g_pas.all": 1e-4})
    with pytest.raises(EngineError, match=re.escape(named)):
        simulate(cell, "step")


def test_a_clamp_refuses_it_too(tmp_path: Path) -> None:
    parts, named = REFUSED["a POINTER"]
    folder = small_study(tmp_path, mods(parts))
    with pytest.raises(MechanismError, match=re.escape(named)):
        clamp_family(read_mechanisms(folder / "mods"), "odd", celsius_degC=20)
