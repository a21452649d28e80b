"""What reaches the C++ compiler without being NMODL's or the file's needs somebody's trust."""

from pathlib import Path

import pytest

from workbench.builds import build
from workbench.builds.trust import foreign_code
from workbench.errors import MechanismError
from workbench.mechanisms import read_mechanisms
from workbench.nmodl import lint

LEAK = """\
TITLE a leak
NEURON {{ SUFFIX leaky NONSPECIFIC_CURRENT i RANGE g, e {header} }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }}
PARAMETER {{ g = 1e-4 (S/cm2) e = -70 (mV) {parameters} }}
ASSIGNED {{ v (mV) i (mA/cm2) x }}
STATE {{ m FROM 0 TO 1 }}
INITIAL {{ m = m0 {start} }}
BREAKPOINT {{ SOLVE states METHOD cnexp
    i = g*m*(v - e) {current} }}
DERIVATIVE states {{ m' = (1 - m)/3 }}
{more}
"""
TABLE = "FUNCTION_TABLE looked(v (mV)) (1)"
HALF = "FUNCTION half(u (mV)) (1) { LOCAL y y = exp(u) half = y/2 }"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "channels"
    made.mkdir()
    return made


def write(folder: Path, **parts: str) -> Path:
    empty = dict.fromkeys(("header", "parameters", "start", "current", "more"), "")
    (folder / "leaky.mod").write_text(LEAK.format(**{**empty, **parts}))
    return folder


@pytest.mark.parametrize(
    ("parts", "line", "said"),
    [
        ({"start": 'x = system("touch was_here")'}, 7, r'system\("touch was_here"\) calls'),
        ({"start": "abort()"}, 7, r"abort\(\) calls"),
        ({"current": "\n x = fork(1)"}, 10, r"fork\(1\) calls"),
        ({"more": "PROCEDURE f() { LOCAL kill kill = 1 }", "start": "x = kill(9)"}, 7, "kill"),
        ({"more": "PROCEDURE f() { { LOCAL errno } errno = 1 }"}, 11, "declares errno"),
        ({"start": "environ = 0"}, 7, "declares environ"),
        ({"start": "x = system"}, 7, "declares system"),
        ({"start": 'x = half("b")', "more": HALF}, 7, '"b" is a text'),
        ({"start": 'printf("%n", x)'}, 7, "printf"),
        ({"start": 'printf("%s", "x")'}, 7, "printf"),
        ({"start": 'printf("\\\\", x)'}, 7, "printf"),
        ({"start": "printf(x)"}, 7, "printf"),
        ({"header": "EXTERNAL stdout"}, 2, "EXTERNAL stdout"),
        ({"parameters": 'k = 1 (mV"};int y;char*z={")'}, 4, "is no unit"),
        ({"current": '+ 3 (mV"x)'}, 9, "is no unit"),
    ],
)
def test_code_beyond_the_file_asks_for_trust(
    folder: Path, parts: dict[str, str], line: int, said: str
) -> None:
    mechanisms = read_mechanisms(write(folder, **parts))
    with pytest.raises(MechanismError, match=rf"leaky\.mod:{line}:\n[^:]*{said}"):
        build([mechanisms], coreneuron=False)
    assert any(one.rule == "foreign-code" and one.line == line for one in lint(folder))
    assert not (folder.parent / "cache" / "builds").exists()


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"start": 'printf("at %g ms: %6.3f\\n", t, x)'},
        {"start": 'printf("begin\\t100 %%\\n")'},
        {"start": "x = half(v) + fabs(celsius) + pow(diam, 2)", "more": HALF},
        {"start": "x = looked(v)", "more": TABLE},
        {"parameters": "k = 1 (10-3 mol/cm2-s) l = 2 (/ms) n = 3 (1)"},
        {"start": "FROM j = 0 TO 3 { x = x + j }"},
        {"current": "+ 3 (mA/cm2)*exp(-v/12(mV))"},
        {"more": ": system(x)\nCOMMENT\nsystem(x)\nENDCOMMENT"},
        {"header": "RANDOM r", "start": "x = random_normal(r, 0, 1)"},
    ],
)
def test_what_nmodl_or_the_file_has_asks_for_none(folder: Path, parts: dict[str, str]) -> None:
    assert list(foreign_code(read_mechanisms(write(folder, **parts)))) == []


def test_an_accepted_finding_is_not_yet_trusted(folder: Path) -> None:
    accepting = "x = getpid()\n : lint: accept foreign-code - the process's number"
    mechanisms = read_mechanisms(write(folder, start=f"\n {accepting}\n"))
    with pytest.raises(MechanismError, match=r"getpid\(\)"):
        build([mechanisms], coreneuron=False)
