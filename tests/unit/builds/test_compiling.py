"""What a log of nrnivmodl says, and what is said when a tool is missing."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.builds import build, building, compiling, is_built, toolchain
from workbench.builds.compiling import complaints
from workbench.caching import seal
from workbench.errors import BuildError
from workbench.mechanisms import Mechanism, MechanismSet

# Captured from NEURON 9.0.2 with gcc 12, paths shortened.
TRANSLATOR = """\
 -> \x1b[32mNMODL\x1b[0m ../mod/bad.mod
Translating Im.mod into /tmp/b/x86_64/Im.cpp
Translating bad.mod into /tmp/b/x86_64/bad.cpp
syntax error:
 Illegal expression:
 Illegal statement:
 Error: Illegal block at line 9 in file bad.mod
}
^
make: *** [makemod2c_inc:11: bad.cpp] Error 1
make: *** Waiting for unfinished jobs....
Thread Safe
"""
# A message that ends with a line of the file, and one without a line.
TRANSLATOR_QUOTES = """\
Translating klat.mod into /tmp/b/x86_64/klat.cpp
Error: Line too long:: a very long line
 at line 7 in file klat.mod
make: *** [makemod2c_inc:3: klat.cpp] Error 1
"""
TRANSLATOR_FILE = """\
Translating q.mod into /tmp/b/x86_64/q.cpp
Error: kinf used as both variable and function in file q.mod
"""
CPP = """\
Warning: nothere undefined. (declared within VERBATIM?)
 -> \x1b[32mCompiling\x1b[0m /tmp/b/x86_64/bad.cpp
/tmp/b/x86_64/bad.cpp: In function 'double _nrn_current__bad(double)':
/tmp/b/x86_64/bad.cpp:235:18: error: 'nothere' was not declared in this scope
  235 |    i = g * ( v - nothere ) ;
      |                  ^~~~~~~
make: *** [makemod2c_inc:15: bad.o] Error 1
"""
CORENEURON_RULE = """\
[NMODL] [error] :: Code incompatibility detected
[NMODL] [error] :: Cannot translate mod file to .cpp file
[NMODL] [error] :: Fix the following errors and try again
[NMODL] [error] :: Code Incompatibility :: "minf" variable found at [5.10-13] should be defined \
as a RANGE variable instead of GLOBAL to enable backend transformations
make: *** [/opt/nrn/share/coreneuron/nrnivmodl_core_makefile:185: x86_64/corenrn/mod2c/bad.cpp] \
Error 1
"""
CORENEURON_SYNTAX = """\
[FATAL] NMODL encountered an unhandled exception.
terminate called after throwing an instance of 'std::runtime_error'
  what():  NMODL Parser Error : syntax error, unexpected } [Location : 9.1]
}
^
Aborted
make: *** [/opt/nrn/share/coreneuron/nrnivmodl_core_makefile:185: x86_64/corenrn/mod2c/bad.cpp] \
Error 134
"""
FINE = """\
[NMODL] [warning] :: SemanticAnalysisVisitor :: FUNCTION initps does not have an explicit return
Translating bad.mod into /tmp/b/x86_64/bad.cpp
Notice: VERBATIM blocks are not thread safe
Successfully created x86_64/special
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (TRANSLATOR, ("bad.mod:9: Error: Illegal block",)),
        (TRANSLATOR_QUOTES, ("klat.mod:7: Error: Line too long:: a very long line",)),
        (TRANSLATOR_FILE, ("q.mod: Error: kinf used as both variable and function",)),
        (
            CPP,
            (
                "bad.cpp:235: 'nothere' was not declared in this scope "
                "(in: i = g * ( v - nothere ) ;)",
            ),
        ),
        (
            CORENEURON_RULE,
            (
                'bad.mod:5: "minf" variable found at [5.10-13] should be defined as a RANGE '
                "variable instead of GLOBAL to enable backend transformations",
            ),
        ),
        (CORENEURON_SYNTAX, ("bad.mod:9: syntax error, unexpected }",)),
        (FINE, ()),
    ],
)
def test_the_lines_that_count(log: str, said: tuple[str, ...]) -> None:
    assert complaints(log) == said


@given(st.text())
def test_any_text_is_read(log: str) -> None:
    assert all(isinstance(line, str) for line in complaints(log))


@given(st.integers(1, 99999), st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True))
def test_a_compilers_error_is_found_wherever_it_stands(line: int, stem: str) -> None:
    log = f"noise\n/x/{stem}.cpp:{line}:7: error: expected ';'\nmore noise"
    assert complaints(log) == (f"{stem}.cpp:{line}: expected ';'",)


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, a cache with nothing in it, and files that NEURON has judged."""
    monkeypatch.setattr(building, "require_trust", lambda sets: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path


def put(folder: Path, tool: str, does: str = "exit 0") -> None:
    file = folder / tool
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o755)


A_SET = MechanismSet("x", Path("/x"), (("a.mod", ""),), (Mechanism("a", "density", "a.mod"),))


def test_a_missing_compiler_names_its_package(bare_machine: Path) -> None:
    with pytest.raises(BuildError, match=r"g\+\+.*apt-get install g\+\+"):
        build([A_SET])


def test_a_compiler_that_is_named_but_missing(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "clang++-99 -stdlib=libc++")
    with pytest.raises(BuildError, match=r"\$CXX .*clang\+\+-99"):
        toolchain.find_toolchain()


def test_a_compiler_that_does_not_run(bare_machine: Path) -> None:
    put(bare_machine, "g++", "exit 3")
    with pytest.raises(BuildError, match="does not run"):
        toolchain.find_toolchain()


def test_the_compiler_is_part_of_the_toolchain(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bare_machine, "mycxx", "echo mycxx 1.2.3; echo more")
    monkeypatch.setenv("CXX", "mycxx -stdlib=libc++")
    found = toolchain.find_toolchain()
    assert found.cxx == f"{bare_machine / 'mycxx'} -stdlib=libc++"
    assert found.cxx_version == "mycxx 1.2.3"


@pytest.mark.parametrize(("tool", "there"), [("make", ()), ("perl", ("make",))])
def test_a_missing_tool_names_its_package(
    bare_machine: Path, tool: str, there: tuple[str, ...]
) -> None:
    for name in there:
        put(bare_machine, name)
    with pytest.raises(BuildError, match=f"{tool} is missing.*apt-get install {tool}"):
        toolchain.nrnivmodl()


def test_a_missing_python_library_names_its_package(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("make", "perl"):
        put(bare_machine, name)
    monkeypatch.delenv("NMODL_PYLIB", raising=False)
    monkeypatch.setattr("find_libpython.find_libpython", lambda: None)
    with pytest.raises(BuildError, match=r"apt-get install libpython3\.\d+"):
        toolchain.nrnivmodl()


def test_processor_features_count_only_where_flags_ask_for_them() -> None:
    assert toolchain.processor_features("-O3") == ""
    assert toolchain.processor_features("-O3 -march=native") != ""


@pytest.fixture
def with_compiler(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put(bare_machine, "g++", "echo g++ 1")
    monkeypatch.setenv("CXX", str(bare_machine / "g++"))
    return bare_machine / "cache" / "builds"


@pytest.mark.parametrize("card", ["", "{", "[]", "null", "{}", '{"content": 1}'])
def test_a_damaged_build_counts_as_absent(with_compiler: Path, card: str) -> None:
    work = building._work([A_SET], coreneuron=False, flags="")
    folder = building._folder(work.key, coreneuron=False)
    folder.mkdir(parents=True)
    library = folder / "libnrnmech.so"
    library.touch()
    seal(library)
    building._write_card(folder / "build.json", work, library, None)
    assert is_built([A_SET])
    (folder / "build.json").write_text(card)
    assert not is_built([A_SET])
    (folder / "build.json").unlink()
    os.mkfifo(folder / "build.json")
    assert not is_built([A_SET]), "a pipe, from which nobody could read to the end"


def test_a_cache_without_the_build_that_cannot_be_written(with_compiler: Path) -> None:
    """Its lock is no file that could be opened: root may write anywhere."""
    key = building._work([A_SET], coreneuron=False, flags="").key
    (with_compiler / f"{key}.lock").mkdir(parents=True)
    with pytest.raises(BuildError, match=r"does not hold .* cannot be written .*WORKBENCH_CACHE"):
        build([A_SET], coreneuron=False)


def test_a_full_disk_is_told_and_leaves_no_build(
    with_compiler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(building, "compile_sources", full)
    with pytest.raises(BuildError, match=r"No space left on device; see to room in the cache"):
        build([A_SET], coreneuron=False)
    assert not [path for path in with_compiler.iterdir() if path.is_dir()]


@pytest.mark.parametrize(
    ("says", "refused"),
    [
        ("echo 'g++: error: unknown value'; exit 1", True),
        ("echo '/tmp/cc.s: fatal error: No space left on device'; exit 1", False),
        ("echo 'c++: fatal error: Killed signal terminated program cc1plus'; exit 1", False),
        ("kill -KILL $$", False),
        (
            "echo 'it went wrong'; echo 'Traceback (most recent call last):'; "
            "echo '  subprocess.CalledProcessError: Command'; exit 1",
            True,
        ),
    ],
)
def test_only_a_compilers_word_is_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, refused: bool
) -> None:
    put(tmp_path, "nrnivmodl", says)
    monkeypatch.setattr(compiling, "nrnivmodl", lambda: tmp_path / "nrnivmodl")
    folder = tmp_path / "work"
    folder.mkdir()
    with pytest.raises(BuildError) as raised:
        compiling.compile_sources(
            A_SET.sources,
            folder,
            toolchain.Toolchain("g++", "1"),
            coreneuron=False,
            flags="",
            vectorised=False,
            log=tmp_path / "log",
        )
    assert isinstance(raised.value, compiling.RefusedError) == refused
    assert "CalledProcessError" not in str(raised.value)


def test_building_nothing_is_refused() -> None:
    with pytest.raises(BuildError, match=r"no \.mod file"):
        build([])
