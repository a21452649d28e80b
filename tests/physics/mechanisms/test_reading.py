"""Reading .mod files; the child process that asks NEURON's parser is a real one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import MechanismError
from workbench.mechanisms import Ion, Parameter, read_mechanisms, shipped_mechanisms
from workbench.nmodl import linting

CHANNEL = """
NEURON {
    SUFFIX kca
    USEION k READ ek WRITE ik
    USEION ca READ cai
    NONSPECIFIC_CURRENT i
    RANGE gbar, ik, g
    GLOBAL half
}
DEFINE COUNT 3
PARAMETER {
    gbar = 1e-5 (S/cm2) <0, 1e9>
    half = -4.5e-4 (mM)
    loose
    many = COUNT
    celsius (degC)
    ek = -80 (mV)
}
STATE { n (1) o }
ASSIGNED { v (mV) cai (mM) ik (mA/cm2) i (mA/cm2) g (S/cm2) hidden }
BREAKPOINT { ik = gbar*n*(v - ek) }
"""
SYNAPSE = """
NEURON { POINT_PROCESS Syn  NONSPECIFIC_CURRENT i  RANGE tau, i }
PARAMETER { tau = 3 (ms) }
ASSIGNED { i (nA) v (mV) }
BREAKPOINT { i = v }
"""
CLAMP = "NEURON { POINT_PROCESS Clamp\n ELECTRODE_CURRENT i }\nASSIGNED { i (nA) }\n"
SOURCE = "NEURON { ARTIFICIAL_CELL Source\n RANGE interval }\nPARAMETER { interval = 10 (ms) }\n"
FUNCTIONS = "NEURON { SUFFIX nothing }\nFUNCTION twice(x) { twice = 2*x }\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "channels"
    made.mkdir()
    return made


def test_what_a_channel_declares(folder: Path) -> None:
    (folder / "potassium.mod").write_text(CHANNEL)
    (channel,) = read_mechanisms(folder).mechanisms
    assert (channel.suffix, channel.kind, channel.file) == ("kca", "density", "potassium.mod")
    assert channel.range_parameters == (Parameter("gbar", 1e-5, "S/cm2"),)
    assert channel.global_parameters == (
        Parameter("half", -4.5e-4, "mM"),
        Parameter("loose", 0.0, ""),
        Parameter("many", 3.0, ""),
    )
    assert channel.states == ("n", "o")
    assert channel.assigned == ("ik", "g")
    assert channel.ions == (Ion("k", ("ek",), ("ik",)), Ion("ca", ("cai",), ()))
    assert channel.nonspecific_currents == ("i",)
    assert channel.electrode_currents == ()


def test_kinds_of_mechanisms(folder: Path) -> None:
    for name, text in (("a", SYNAPSE), ("b", CLAMP), ("c", SOURCE), ("d", FUNCTIONS)):
        (folder / f"{name}.mod").write_text(text)
    found = read_mechanisms(folder)
    assert [(m.suffix, m.kind) for m in found.mechanisms] == [
        ("Syn", "point"),
        ("Clamp", "point"),
        ("Source", "artificial"),
    ]
    assert [name for name, _ in found.sources] == ["a.mod", "b.mod", "c.mod", "d.mod"]
    assert found.mechanisms[1].electrode_currents == ("i",)


def test_the_second_reading_starts_no_child(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.mod").write_text(SYNAPSE)
    first = read_mechanisms(folder)

    def no_child(*_: object) -> object:
        raise AssertionError("a child was started")

    monkeypatch.setattr(linting, "ask", no_child)
    assert read_mechanisms(folder) == first
    (folder / "a.mod").write_text(SYNAPSE.replace("3", "4"))
    with pytest.raises(AssertionError):
        read_mechanisms(folder)


def test_a_damaged_cache_is_read_anew(folder: Path) -> None:
    (folder / "a.mod").write_text(SYNAPSE)
    first = read_mechanisms(folder)
    (cached,) = (folder.parent / "cache" / "mechanisms").iterdir()
    whole = cached.read_text()
    for damage in ('[{"suffix": "Syn"}]', "[", whole.replace("Syn", "Sun")):
        cached.write_text(damage)
        assert read_mechanisms(folder) == first
        assert cached.read_text() == whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NEURON {\n  SUFFIX x\n}\nBREAKPOINT { a = (b + }\n", r"bad\.mod:4: syntax error"),
        ('NEURON { SUFFIX x }\n INCLUDE "a.inc"\n', r'bad\.mod:2: INCLUDE "a\.inc": '),
        ("PARAMETER { a = 1 }\n", r"bad\.mod: no NEURON block"),
        ("NEURON { RANGE a }\n", r"bad\.mod: the NEURON block has no SUFFIX"),
    ],
)
def test_a_broken_file_is_named_with_its_line(folder: Path, text: str, said: str) -> None:
    (folder / "good.mod").write_text(SYNAPSE)
    (folder / "bad.mod").write_text(text)
    with pytest.raises(MechanismError, match=said) as raised:
        read_mechanisms(folder)
    assert "good.mod" not in str(raised.value)


@pytest.mark.parametrize(("valence", "charge"), [("", None), ("VALENCE 2", 2), ("CHARGE -1", -1)])
def test_the_charge_of_an_ion(folder: Path, valence: str, charge: float | None) -> None:
    text = f"NEURON {{ SUFFIX x USEION mg READ mgi WRITE img {valence} }}"
    (folder / "x.mod").write_text(text)
    [channel] = read_mechanisms(folder).mechanisms
    assert channel.ions == (Ion("mg", ("mgi",), ("img",), charge),)


@pytest.mark.parametrize(
    "name", ["a b.mod", "a;b.mod", "$(x).mod", "a.b.mod", "a-b.mod", "ä.mod", ".mod"]
)
def test_file_names_that_a_shell_would_misread_are_refused(folder: Path, name: str) -> None:
    (folder / name).write_text(SYNAPSE)
    with pytest.raises(MechanismError, match="rename it"):
        read_mechanisms(folder)


def test_files_of_other_kinds_are_left_alone(folder: Path) -> None:
    (folder / "a.mod").write_text(SYNAPSE)
    (folder / "read me.txt").write_text("x")
    assert [name for name, _ in read_mechanisms(folder).sources] == ["a.mod"]


def test_old_code_pages_are_read(folder: Path) -> None:
    (folder / "a.mod").write_bytes(": µm of Müller\n".encode("latin-1") + SYNAPSE.encode())
    assert read_mechanisms(folder).sources[0][1].startswith(": µm of Müller\n")


def test_the_word_include_is_harmless_where_it_is_no_code(folder: Path) -> None:
    """The text of an INCLUDEd file would be in no digest, so the code is refused."""
    verbatim = "VERBATIM\n#include <math.h> // INCLUDE\nENDVERBATIM\n"
    words = 'TITLE INCLUDE "x"\n: INCLUDE "x"\nCOMMENT\nINCLUDE "x"\nENDCOMMENT\n' + verbatim
    (folder / "a.mod").write_text(words + SYNAPSE)
    assert [m.suffix for m in read_mechanisms(folder).mechanisms] == ["Syn"]


def test_an_empty_or_missing_folder_is_an_error(folder: Path) -> None:
    with pytest.raises(MechanismError, match=r"holds no \.mod file"):
        read_mechanisms(folder)
    with pytest.raises(MechanismError, match="did you mean 'hay_l5b'"):
        read_mechanisms("hay_l5")
    with pytest.raises(MechanismError, match="unknown mechanism folder"):
        read_mechanisms(folder / "nowhere")


def test_a_path_wins_over_a_shipped_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = folder / "hay_l5b"
    own.mkdir()
    (own / "a.mod").write_text(SYNAPSE)
    monkeypatch.chdir(folder)
    assert read_mechanisms("hay_l5b").folder == own
    monkeypatch.chdir(own)
    assert len(read_mechanisms("hay_l5b").mechanisms) == 12


def test_the_shipped_family_declares_what_the_field_calls_it(folder: Path) -> None:
    """Names and defaults of Hay et al. 2011, as parameter files of the field use them."""
    assert "hay_l5b" in shipped_mechanisms()
    channels = {
        "NaTa_t": "gNaTa_tbar",
        "NaTs2_t": "gNaTs2_tbar",
        "Nap_Et2": "gNap_Et2bar",
        "K_Tst": "gK_Tstbar",
        "K_Pst": "gK_Pstbar",
        "SKv3_1": "gSKv3_1bar",
        "Im": "gImbar",
        "Ih": "gIhbar",
        "Ca_HVA": "gCa_HVAbar",
        "Ca_LVAst": "gCa_LVAstbar",
        "SK_E2": "gSK_E2bar",
    }
    found = {m.suffix: m for m in read_mechanisms("hay_l5b").mechanisms}
    assert set(found) == {*channels, "CaDynamics_E2"}
    for suffix, conductance in channels.items():
        parameter = found[suffix].parameters[f"{conductance}_{suffix}"]
        assert (parameter.default, parameter.unit) == (1e-5, "S/cm2")
    pool = {p.name: p.default for p in found["CaDynamics_E2"].range_parameters}
    assert pool == {"gamma": 0.05, "decay": 80.0, "depth": 0.1, "minCAI": 1e-4}
    assert found["Ih"].parameters["ehcn_Ih"].default == -45.0
    # CoreNEURON keeps the GLOBALs of its first run in a process, so the family has none.
    assert not any(m.global_parameters for m in found.values())


def test_importing_the_room_does_not_load_neuron(folder: Path) -> None:
    """If this fails, look for an `import neuron` outside the modules that run as children."""
    script = (
        "import sys; from workbench.mechanisms import read_mechanisms; "
        "read_mechanisms('hay_l5b'); print([m for m in ('neuron', 'filelock') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.stdout.strip() == "[]", ended.stderr


def test_what_is_no_mod_file_is_not_read(folder: Path) -> None:
    """From a pipe it would wait for ever."""
    (folder / "a.mod").write_text(SYNAPSE)
    os.mkfifo(folder / "b.mod")
    with pytest.raises(MechanismError, match=r"b\.mod is a named pipe"):
        read_mechanisms(folder)
    (folder / "b.mod").unlink()
    (folder / "b.mod").mkdir()
    with pytest.raises(MechanismError, match=r"b\.mod is a folder"):
        read_mechanisms(folder)
    (folder / "b.mod").rmdir()
    (folder / "b.mod").write_bytes(b"NEURON {\n\0}")
    with pytest.raises(MechanismError, match=r"b\.mod:2: there is a NUL byte"):
        read_mechanisms(folder)
