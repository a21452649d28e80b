"""INCLUDE: what it names is read, digested, linted and compiled, and comes from no other folder."""

import os
from pathlib import Path

import pytest

from workbench.builds import build, trust
from workbench.builds.trust import foreign_code
from workbench.errors import BuildError, MechanismError
from workbench.mechanisms import judge, read_mechanisms
from workbench.nmodl import lint
from workbench.nmodl.including import place, placed

CHANNEL = """\
NEURON { SUFFIX kinc USEION k READ ek WRITE ik RANGE gbar, ninf, ntau }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0.01 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) }
STATE { n }
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar*n^4*(v-ek) }
DERIVATIVE states { rates(v) n' = (ninf-n)/ntau }
INCLUDE "rates.inc"
"""
RATES = """\
PROCEDURE rates(u (mV)) {
    ninf = 1/(1+exp(-(u+40(mV))/9(mV)))
    ntau = 2(ms) + 6(ms)/(1+exp((u+50(mV))/10(mV)))
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "channels"
    made.mkdir()
    (made / "kinc.mod").write_text(CHANNEL)
    (made / "rates.inc").write_text(RATES)
    return made


def test_it_is_as_if_the_text_stood_there(folder: Path) -> None:
    first = read_mechanisms(folder)
    assert first.mechanisms[0].states == ("n",)
    assert lint(folder) == ()
    assert build([first], coreneuron=False).suffixes == ("kinc",)
    (folder / "rates.inc").write_text(RATES.replace("+40", "+41"))
    assert read_mechanisms(folder).digest != first.digest


def test_a_finding_bears_the_included_files_name_and_line(folder: Path) -> None:
    changed = RATES.replace("    ntau =", "    v = u\n    ntau =")
    (folder / "rates.inc").write_text(changed)
    mod = CHANNEL.replace('INCLUDE "rates.inc"\n', "") + ": the last\n"
    (folder / "kinc.mod").write_text(mod.replace("STATE {", 'INCLUDE "rates.inc"\nSTATE {'))
    assert ("rates.inc", 3, "v-assigned") in {(f.file, f.line, f.rule) for f in lint(folder)}
    (folder / "rates.inc").write_text(changed.replace("v = u", "if (celsius > 37) { ntau = 1 }"))
    [verdict] = judge(read_mechanisms(folder))
    assert "(line 3 of rates.inc, in PROCEDURE rates)" in verdict.hidden_branches[0]


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (RATES.replace("ninf =", "ninf = ("), r"rates\.inc:3: syntax error"),
        (RATES + 'INCLUDE "gone.inc"\n', r"rates\.inc:5: INCLUDE \"gone\.inc\": there is no file"),
        (RATES + 'INCLUDE "rates.inc"\n', r"rates\.inc:5: .*includes itself"),
        (RATES + "INCLUDE rates\n", r"rates\.inc:5: INCLUDE needs the name"),
        (RATES + 'INCLUDE "../other.inc"\n', r"rates\.inc:5: .*outside of the mechanisms' folder"),
        (RATES + 'INCLUDE "/etc/passwd"\n', r"rates\.inc:5: .*outside of the mechanisms' folder"),
        (RATES + 'INCLUDE "link.inc"\n', r"rates\.inc:5: .*outside of the mechanisms' folder"),
        (RATES + ":::end INCLUDE\n", r"rates\.inc:5: .*own mark"),
        (RATES + ": \x1a\n", r"rates\.inc:5: .*control character"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(folder: Path, rates: str, said: str) -> None:
    (folder.parent / "other.inc").write_text(": other\n")
    os.symlink(folder.parent / "other.inc", folder / "link.inc")
    (folder / "rates.inc").write_text(rates)
    with pytest.raises(MechanismError, match=said):
        read_mechanisms(folder)


def test_included_code_asks_for_trust_and_the_compiler_names_its_line(folder: Path) -> None:
    (folder / "rates.inc").write_text(RATES.replace("    ntau", "    abort(1, 2)\n    ntau"))
    mechanisms = read_mechanisms(folder)
    [code] = foreign_code(mechanisms)
    assert (code.file, code.line) == ("rates.inc", 3)
    with pytest.raises(MechanismError, match=r"rates\.inc:3:"):
        build([mechanisms], coreneuron=False)
    trust([mechanisms])
    with pytest.raises(BuildError, match="abort"):
        build([mechanisms], coreneuron=False)
    (folder / "rates.inc").write_text(RATES + "? µm\n")
    with pytest.raises(MechanismError, match=r"rates\.inc:5: µ"):
        build([read_mechanisms(folder)], coreneuron=False)


def test_one_may_include_another_from_a_folder_below(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "rates.inc").write_text(RATES)
    (folder / "parts" / "all.inc").write_text(': first\nINCLUDE "rates.inc" : the rates\n: last\n')
    (folder / "kinc.mod").write_text(CHANNEL.replace("rates.inc", "parts/all.inc"))
    [(_, text)] = read_mechanisms(folder).sources
    lines = text.split("\n")
    where = {content: place(text, number) for number, content in enumerate(lines, 1)}
    assert where["STATE { n }"] == ("", 5)
    assert where[": first"] == ("parts/all.inc", 1)
    assert where["PROCEDURE rates(u (mV)) {"] == ("parts/rates.inc", 1)
    assert where[" : the rates"] == ("parts/all.inc", 2)
    assert where[": last"] == ("parts/all.inc", 3)
    at = lines.index(": last") + 1
    assert placed(text, f"m (line {at}, in X) of line 5") == (
        "m (line 3 of parts/all.inc, in X) of line 5"
    )
