"""Compiling for real: what a broken file, a killed build and a second process lead to."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.builds import Build, build, building, is_built, trust
from workbench.errors import BuildError, MechanismError
from workbench.mechanisms import read_mechanisms

LEAK = """NEURON {{
    THREADSAFE
    SUFFIX {suffix}
    NONSPECIFIC_CURRENT i
    RANGE g
    {more}
}}
PARAMETER {{ g = 1e-4 (siemens/cm2) }}
ASSIGNED {{ v (millivolt) i (milliamp/cm2) {assigned} }}
BREAKPOINT {{
    {first}
    i = g*(v + 70)
}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "channels"
    made.mkdir()
    return made


def write(
    folder: Path, suffix: str = "leak", *, more: str = "", assigned: str = "", first: str = ""
) -> None:
    text = LEAK.format(suffix=suffix, more=more, assigned=assigned, first=first)
    (folder / f"{suffix}.mod").write_text(text)


def builds(folder: Path) -> list[str]:
    cache = folder.parent / "cache" / "builds"
    return sorted(p.name for p in cache.iterdir() if p.suffix != ".lock" and p.name != "logs")


def test_a_broken_file_ends_in_the_compilers_own_line(folder: Path) -> None:
    write(folder, "leak", first="i = nowhere")
    mechanisms = read_mechanisms(folder)
    with pytest.raises(MechanismError, match=r"leak\.mod:11:\n.* declares nowhere"):
        build([mechanisms], coreneuron=False)
    trust([mechanisms])
    with pytest.raises(BuildError) as raised:
        build([mechanisms], coreneuron=False)
    said = str(raised.value)
    assert "leak.cpp:" in said
    assert "nowhere" in said
    assert "not declared" in said
    log = Path(said.rpartition("The whole log: ")[2])
    assert "nrnivmodl" in log.read_text()
    assert builds(folder) == []


@pytest.mark.parametrize("level", [None, "1"], ids=["from a shell", "from a makefile"])
def test_what_only_coreneuron_refuses_is_said_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, level: str | None
) -> None:
    monkeypatch.delenv("MAKELEVEL", raising=False)
    if level is not None:
        monkeypatch.setenv("MAKELEVEL", level)
    write(folder, more="GLOBAL seen", assigned="seen", first="seen = v")
    mechanisms = read_mechanisms(folder)
    with pytest.raises(BuildError, match=r"leak\.mod:6: .*seen.* RANGE") as raised:
        build([mechanisms])
    assert "without CoreNEURON they may compile" in str(raised.value)


def test_a_killed_build_does_not_survive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder)
    mechanisms = read_mechanisms(folder)
    built = build([mechanisms], coreneuron=False)
    # As a kill leaves it: a folder of the right name without its card, and a half-filled stage.
    (built.folder / "build.json").unlink()
    (built.library).write_bytes(b"")
    stage = built.folder.with_name(f".{built.key}-killed")
    stage.mkdir()
    (stage / "libnrnmech.so").write_bytes(b"")
    said: list[str] = []
    again = build([mechanisms], coreneuron=False, report=said.append)
    assert said == ["compiling 1 mechanism (about 3 s)"]
    assert again.library.stat().st_size > 0
    assert builds(folder) == [built.key]


def test_a_library_without_the_mechanism_is_refused(
    folder: Path, hay_build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As nrnivmodl leaves it in a folder that saw a failed run: success, and nothing inside."""
    write(folder)

    def other_library(*_: object, **__: object) -> tuple[Path, None]:
        return hay_build.library, None

    monkeypatch.setattr(building, "compile_sources", other_library)
    with pytest.raises(BuildError, match="mechanism leak is not in the library"):
        build([read_mechanisms(folder)], coreneuron=False)
    assert builds(folder) == []


def test_a_missing_parameter_is_refused(
    folder: Path, hay_build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = read_mechanisms("hay_l5b").folder / "Im.mod"
    (folder / "Im.mod").write_text(source.read_text().replace("gImbar", "gOther"))

    def other_library(*_: object, **__: object) -> tuple[Path, None]:
        return hay_build.library, None

    monkeypatch.setattr(building, "compile_sources", other_library)
    with pytest.raises(BuildError, match="Im has no gOther_Im"):
        build([read_mechanisms(folder)], coreneuron=False)


def test_two_processes_compile_once(folder: Path) -> None:
    write(folder)
    script = (
        "import json, sys; from workbench.builds import build; "
        "from workbench.mechanisms import read_mechanisms; said = []; "
        "built = build([read_mechanisms(sys.argv[1])], coreneuron=False, report=said.append); "
        "print(json.dumps([str(built.library), said]))"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [json.loads(child.communicate()[0]) for child in children]
    libraries = {library for library, _ in answers}
    sentences = [sentence for _, said in answers for sentence in said]
    assert len(libraries) == 1
    assert len([s for s in sentences if s.startswith("compiling")]) == 1


def test_equal_files_elsewhere_are_not_compiled_again(folder: Path) -> None:
    write(folder)
    assert not is_built([read_mechanisms(folder)])
    first = build([read_mechanisms(folder)], coreneuron=False)
    assert is_built([read_mechanisms(folder)])
    assert not is_built([read_mechanisms(folder)], coreneuron=True)
    moved = shutil.copytree(folder, folder.with_name("elsewhere"))
    said: list[str] = []
    assert build([read_mechanisms(moved)], coreneuron=False, report=said.append) == first
    assert said == []


def test_a_request_for_neuron_is_served_by_a_build_with_coreneuron(
    hay_build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    plain = build([read_mechanisms("hay_l5b")], coreneuron=False, report=said.append)
    assert said == []
    assert (plain.key, plain.coreneuron_library) == (hay_build.key, None)
    assert plain.library.exists()


def test_folders_and_flags_are_compiled_together(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "more channels"
    other.mkdir()
    write(folder, "leak")
    write(other, "drip")
    sets = [read_mechanisms(folder), read_mechanisms(other)]
    plain = build(sets, coreneuron=False)
    assert plain.suffixes == ("drip", "leak")
    quick = build(sets[::-1], coreneuron=False, flags=" -O3  -march=native ")
    assert quick.flags == "-O3 -march=native"
    assert quick.key != plain.key
    assert build(sets[::-1], coreneuron=False) == plain


def test_the_path_need_not_hold_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = str(Path(sys.executable).parent)
    kept = [p for p in os.environ["PATH"].split(os.pathsep) if p != scripts]
    monkeypatch.setenv("PATH", os.pathsep.join(kept))
    write(folder)
    assert build([read_mechanisms(folder)], coreneuron=False).library.exists()


def test_a_node_without_a_compiler_uses_what_another_compiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder)
    mechanisms = read_mechanisms(folder)
    made = build([mechanisms], coreneuron=False)
    monkeypatch.setenv("PATH", str(folder))
    assert build([mechanisms], coreneuron=False) == made
    with pytest.raises(BuildError, match=r"C\+\+ compiler"):
        build([mechanisms], coreneuron=True)
    with pytest.raises(BuildError, match=r"C\+\+ compiler"):
        build([mechanisms], coreneuron=False, flags="-O3")


def test_a_cache_that_cannot_be_written_is_said_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder)
    occupied = folder / "occupied"
    occupied.write_text("")
    monkeypatch.setenv("WORKBENCH_CACHE", str(occupied))
    with pytest.raises(BuildError, match="WORKBENCH_CACHE"):
        build([read_mechanisms(folder)], coreneuron=False)
