"""A C++ file of our own: compiled once, found again by content, and refused in words."""

import ctypes

import pytest

from workbench.builds import build_library
from workbench.errors import BuildError

ANSWER = 'extern "C" int answer() { return %s; }\n'


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "answer.cpp"
    file.write_text(ANSWER % 42)
    return file


def test_it_is_compiled_once_and_again_when_a_text_changes(source):
    said = []
    first = build_library(source, "", said.append)
    assert ctypes.CDLL(str(first)).answer() == 42
    assert build_library(source, "", said.append) == first
    assert len(said) == 1
    (source.parent / "number.hpp").write_text("int const number = 43;\n")
    source.write_text('#include "number.hpp"\n' + ANSWER % "number")
    second = build_library(source, "", said.append)
    (source.parent / "number.hpp").write_text("int const number = 44;\n")
    third = build_library(source, "", said.append)
    assert len({first, second, third}) == len(said) == 3
    assert ctypes.CDLL(str(third)).answer() == 44


def test_other_flags_are_another_library(source):
    one, other = (build_library(source, flags, lambda _: None) for flags in ("", "-DOTHER"))
    assert one != other


def test_a_damaged_one_is_told_and_compiled_anew(source):
    library = build_library(source, "", lambda _: None)
    whole = library.read_bytes()
    for damaged in (whole[: len(whole) // 2], bytes([whole[0] ^ 1]) + whole[1:]):
        library.write_bytes(damaged)
        said = []
        assert build_library(source, "", said.append) == library
        assert library.read_bytes() == whole
        assert "is damaged" in said[0]


def test_one_without_a_checksum_is_not_called_damaged(source):
    library = build_library(source, "", lambda _: None)
    library.with_name(f"{library.name}.sha256").unlink()
    said = []
    assert build_library(source, "", said.append) == library
    assert "another version compiled it" in said[0]


def test_a_node_without_a_compiler_uses_what_another_one_compiled(source, monkeypatch):
    compiled = build_library(source, "", lambda _: None)
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert build_library(source, "", lambda _: None) == compiled
    source.write_text(ANSWER % 1)
    with pytest.raises(BuildError, match="no-such-compiler"):
        build_library(source, "", lambda _: None)


def test_what_the_compiler_says_is_told_and_nothing_is_left(source, tmp_path):
    source.write_text(ANSWER % "nonsense")
    with pytest.raises(BuildError, match=r"answer\.cpp cannot be compiled[\s\S]*nonsense"):
        build_library(source, "", lambda _: None)
    assert not [*tmp_path.glob("cache/libraries/answer/*.so*")]
