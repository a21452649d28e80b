"""Foreign code in .mod files is found, shown, and refused until it is trusted."""

import sys

import pytest

from workbench.builds.trust import foreign_code, require_trust, trust
from workbench.errors import MechanismError
from workbench.mechanisms.judging import Verdict
from workbench.mechanisms.mechanism import MechanismSet
from workbench.resources import shipped

PLAIN = "NEURON { SUFFIX plain }\nASSIGNED { v }\n"
FOREIGN = """NEURON { SUFFIX foreign }
PROCEDURE f() {
VERBATIM
    system("rm -rf ~");\x1b[2J
ENDVERBATIM
}
"""
ROOM = sys.modules[trust.__module__]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(ROOM, "judge", lambda mechanisms: ())


def make(folder, *texts):
    sources = tuple((f"m{number}.mod", text) for number, text in enumerate(texts))
    return MechanismSet(folder.name, folder, sources, ())


def test_plain_mechanisms_need_no_trust(tmp_path):
    require_trust([make(tmp_path, PLAIN)])


def test_foreign_code_is_shown_and_refused(tmp_path):
    with pytest.raises(MechanismError) as refused:
        require_trust([make(tmp_path, PLAIN, FOREIGN)])
    said = str(refused.value)
    assert "m1.mod:3:" in said
    assert 'system("rm -rf ~");' in said
    assert "\x1b" not in said, "a terminal would clear the screen and hide it"
    assert f"workbench mechanisms build {tmp_path} --trust-mechanisms" in said


def test_trust_is_for_this_text_wherever_it_lies(tmp_path):
    trust([make(tmp_path, FOREIGN)])
    require_trust([make(tmp_path, FOREIGN), make(tmp_path / "moved", FOREIGN)])
    with pytest.raises(MechanismError):
        require_trust([make(tmp_path, FOREIGN.replace("~", "/"))])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("VERBATIM\nx();\nENDVERBATIM", 1),
        ("NEURON {}\n  VERBATIM x(); ENDVERBATIM", 2),
        ("NEURON {}\nVERBATIM\nnever closed", 2),
        ("NEURON {}\n\nCOMMENT\n ENDCOMMENT x()\n", 3),
        ("NEURON {}\nREPRESENTS x()\n", 2),
        ('TITLE a"; static int n = system("x"); const char* b = "\nNEURON {}', 1),
        ("TITLE ends in \\\nNEURON {}", 1),
    ],
)
def test_every_way_to_bring_code_is_found(tmp_path, text, line):
    [code] = foreign_code(make(tmp_path, text))
    assert (code.file, code.line) == ("m0.mod", line)


@pytest.mark.parametrize(
    "text",
    [
        ": no VERBATIM here\nNEURON {}",
        "? VERBATIM\n? ENDVERBATIM\nNEURON {}",
        "COMMENT\nwithout VERBATIM\nENDCOMMENT\nNEURON {}",
        "TITLE VERBATIM of nothing\nNEURON {}",
        "NEURON { REPRESENTS NCIT:C17145 }",
    ],
)
def test_what_is_only_said_of_code_is_none(tmp_path, text):
    assert list(foreign_code(make(tmp_path, text))) == []


def test_what_the_judge_finds_is_shown_in_its_line(tmp_path, monkeypatch):
    verdict = Verdict("m1.mod", "x", foreign=(("m1.mod", 2, 'system("ls") calls'),))
    monkeypatch.setattr(ROOM, "judge", lambda mechanisms: (Verdict("m0.mod", "y"), verdict))
    with pytest.raises(MechanismError, match=r'm1\.mod:2:\n *system\("ls"\) calls'):
        require_trust([make(tmp_path, PLAIN, FOREIGN)])


def test_what_ships_is_trusted():
    require_trust([make(shipped("mechanisms") / "hay_l5b", FOREIGN)])


def test_a_long_block_is_cut_with_a_word(tmp_path):
    text = "VERBATIM\n" + "x();\n" * 50 + "ENDVERBATIM"
    with pytest.raises(MechanismError, match="and 40 lines more"):
        require_trust([make(tmp_path, text)])
