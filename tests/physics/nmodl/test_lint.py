"""Folders, refused files, accepted findings, and the lines of the syntax tree."""

import importlib.util
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MechanismError
from workbench.nmodl import Finding, lint
from workbench.nmodl.source import acceptances, marked_line, number, unmark

CHANNEL = """TITLE m' of a channel: not code
COMMENT
n = 0 : lint: accept v-assigned - not a comment of the code
ENDCOMMENT
NEURON { THREADSAFE SUFFIX chan NONSPECIFIC_CURRENT i RANGE g }
UNITS { (mV) = (millivolt) }
PARAMETER { g = 1 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
STATE { n m }
INITIAL {
    n = 0
    m = 0
}
BREAKPOINT { SOLVE states METHOD cnexp
    i = g*n*m*v }
DERIVATIVE states {
    n' = 1/(1 + exp(v)) - n
    m' = 1/(1 + exp(v)) - m
}
"""


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.mod").write_text(text)
    return folder


def short(findings: tuple[Finding, ...]) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.rule) for one in findings]


def accepting(line: str, comment: str) -> str:
    return CHANNEL.replace(f"    {line}\n", comment)


def test_the_lines_of_a_file_with_everything_that_is_not_code(tmp_path: Path) -> None:
    assert short(lint(write(tmp_path, a=CHANNEL))) == [
        ("a.mod", 11, "initial-not-steady"),
        ("a.mod", 12, "initial-not-steady"),
    ]


def test_neurons_own_mechanisms() -> None:
    """Of NEURON's standard files hh.mod is known to have a TABLE and nothing else."""
    spec = importlib.util.find_spec("neuron")
    assert spec is not None
    assert spec.origin is not None
    findings = lint(Path(spec.origin).parent / ".data" / "share" / "modfile")
    assert [f.rule for f in findings if f.file == "hh.mod"] == ["table-under-cvode"]
    assert not [f for f in findings if f.file in ("exp2syn.mod", "passive.mod")]
    assert not [f for f in findings if f.rule == "syntax"]


def test_a_refused_file_is_a_finding_and_the_others_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        a=CHANNEL,
        b=CHANNEL.replace("m = 0", "m = (0 +"),
        c=CHANNEL.replace("NEURON { THREADSAFE SUFFIX chan", "NEURON { THREADSAFE"),
        d=CHANNEL + 'INCLUDE "elsewhere.inc"\n',
    )
    findings = lint(tmp_path)
    refused = [one for one in findings if one.rule == "syntax"]
    assert short(tuple(refused)) == [
        ("b.mod", 13, "syntax"),
        ("c.mod", 0, "syntax"),
        ("d.mod", 20, "syntax"),
    ]
    assert "syntax error, unexpected }" in refused[0].message
    assert "__line" not in "".join(one.message for one in findings)
    assert Counter(one.file for one in findings) == {"a.mod": 2, "b.mod": 1, "c.mod": 3, "d.mod": 1}


def test_accepted_findings_keep_their_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        beside=accepting("n = 0", "    n = 0 : lint: accept initial-not-steady - as published\n"),
        above=accepting(
            "n = 0",
            "    : lint: accept initial-not-steady - as published\n    : in 1991\n\n    n = 0\n",
        ),
    )
    assert [(f.file, f.line, f.accepted) for f in lint(tmp_path)] == [
        ("above.mod", 14, "as published"),
        ("above.mod", 15, ""),
        ("beside.mod", 11, "as published"),
        ("beside.mod", 12, ""),
    ]


@pytest.mark.parametrize(
    ("comment", "rule"),
    [
        ("    n = 0 : lint: accept initial-not-steady\n", "unreasoned-acceptance"),
        ("    n = 0 : lint: accept initial-not-steady -\n", "unreasoned-acceptance"),
        ("    n = 0 : lint: accept v-assigned - as published\n", "unused-acceptance"),
        ("    n = 0 : lint: accept initial - as published\n", "unused-acceptance"),
    ],
)
def test_a_faulty_acceptance_accepts_nothing(tmp_path: Path, comment: str, rule: str) -> None:
    findings = lint(write(tmp_path, a=accepting("n = 0", comment)))
    assert {(f.line, f.rule) for f in findings} == {
        (11, "initial-not-steady"),
        (11, rule),
        (12, "initial-not-steady"),
    }
    assert not any(f.accepted for f in findings)


def test_an_acceptance_beside_code_says_nothing_of_the_next_line(tmp_path: Path) -> None:
    comment = "    n = n : lint: accept initial-not-steady - this line has none\n    n = 0\n"
    findings = lint(write(tmp_path, a=accepting("n = 0", comment)))
    assert [f.rule for f in findings if f.line == 11] == ["unused-acceptance"]


def test_what_is_no_folder_of_mod_files(tmp_path: Path) -> None:
    with pytest.raises(MechanismError, match=r"holds no \.mod file"):
        lint(tmp_path)
    with pytest.raises(MechanismError, match="unknown mechanism folder"):
        lint("hay_l5a")


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_findings_do_not_depend_on_the_order_of_the_files(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    files = [CHANNEL, CHANNEL.replace("n = 0", "v = 0"), "NEURON {", "FUNCTION f(x) {}"]
    texts = [files[i] for i in order]
    findings = lint(write(tmp_path, **dict(zip("abcd", texts, strict=True))))
    by_text: dict[str, set[tuple[int, str]]] = {text: set() for text in texts}
    for f in findings:
        by_text[texts["abcd".index(f.file[0])]].add((f.line, f.rule))
    assert by_text == {
        CHANNEL: {(11, "initial-not-steady"), (12, "initial-not-steady")},
        CHANNEL.replace("n = 0", "v = 0"): {
            (9, "initial-not-steady"), (11, "v-assigned"), (12, "initial-not-steady")
        },
        "NEURON {": {(1, "syntax")},
        "FUNCTION f(x) {}": {(0, "syntax")},
    }  # fmt: skip


PIECES = st.sampled_from(
    ["m", "m'", "1e3", ".5", "(mV)", "METHOD", "cnexp", "\n", " ", ": a comment\n", "? n\n",
     '"s t"', "COMMENT\nx\nENDCOMMENT\n", "VERBATIM\nint y;\nENDVERBATIM\n", "TITLE t: x\n",
     "if", "{", "}"]
)  # fmt: skip


@given(st.lists(PIECES).map(" ".join))
def test_numbering_changes_names_only(text: str) -> None:
    numbered = number(text)
    assert unmark(numbered) == text
    for line, content in enumerate(numbered.split("\n"), 1):
        assert marked_line(content) in (None, line)
    assert sum(text.count(word) for word in ("int y", "1e3")) == sum(
        numbered.count(word) for word in ("int y", "1e3")
    )


def test_names_that_must_keep_their_spelling() -> None:
    text = "DEFINE N 3\nSOLVE states METHOD cnexp\nx[N] = exp(2e3*x)"
    assert number(text) == (
        "DEFINE N 3\nSOLVE states__line2 METHOD cnexp\nx__line3[N] = exp__line3(2e3*x__line3)"
    )


@given(st.sampled_from(["", "  n = 0 "]), st.integers(0, 3), st.sampled_from([":", "?"]))
def test_of_which_line_an_acceptance_speaks(code: str, blank: int, sign: str) -> None:
    text = f"{code}{sign} lint: accept r - because\n" + "\n" * blank + "m = 1\n"
    (one,) = acceptances(text)
    assert (one.line, one.about) == (1, 1 if code else blank + 2)
    assert (one.rule, one.reason) == ("r", "because")
