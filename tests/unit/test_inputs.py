"""Whatever is in the place of a file: an error that names it, never a hang and never a traceback.

Parsers of the standard library raise what they like (RecursionError, ValueError of int, ...);
hypothesis looks for inputs that get through.
"""

import contextlib
import json
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import inputs
from workbench.errors import InputError, StudyError

BOUNDED = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def refusal(read, path: Path) -> str:
    with pytest.raises(StudyError) as caught:
        read(path, StudyError)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("read", [inputs.toml, inputs.json_value, inputs.text, inputs.content])
def test_what_is_no_file(tmp_path, read):
    """None of these is opened: reading from a pipe would wait for ever."""
    assert "no such file" in refusal(read, tmp_path / "nothing")
    assert "is a folder" in refusal(read, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "named pipe" in refusal(read, tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    assert "device" in refusal(read, tmp_path / "link")
    assert "too long" in refusal(read, tmp_path / ("a" * 300)).lower()
    (tmp_path / "ring").symlink_to("ring")
    assert "cannot be read" in refusal(read, tmp_path / "ring")
    assert "Not a directory" in refusal(read, tmp_path / "pipe" / "a")


def test_a_nul_in_a_path():
    with pytest.raises(InputError, match="is no path"):
        inputs.content(Path("a\0b"))


def test_what_is_too_large(tmp_path):
    """A hole of a terabyte is refused by its size, unread."""
    with (tmp_path / "huge.toml").open("wb") as file:
        file.truncate(1 << 40)
    assert "at most 8 MB" in refusal(inputs.toml, tmp_path / "huge.toml")


@pytest.mark.parametrize(
    ("read", "written", "words"),
    [
        (inputs.toml, b"a = 1\nb = '\xe9'\n", ":2: this is not text in UTF-8"),
        (inputs.toml, "a = 1".encode("utf-16"), "UTF-8"),
        (inputs.toml, b"a = 1\n\n\0", ":3: there is a NUL"),
        (inputs.toml, b'a = "\\u0000"', "a: there is a NUL"),
        (inputs.toml, b'"a\\u0000" = 1', "there is a NUL"),
        (inputs.toml, b'["a\\u0000"]', "there is a NUL"),
        (inputs.json_value, b'{"a": "\\ud800"}', "a: there is half a surrogate pair"),
        (inputs.json_value, b'{"a": {"\\ud800": [1]}}', "a.\\ud800: there is half"),
        (inputs.toml, b"a = " + b"[" * 100_000, "nested"),
        (inputs.toml, b"a = " + b"[" * 40 + b"]" * 40, "32 levels"),
        (inputs.toml, b".".join([b"a"] * 5000) + b" = 1", "levels"),
        (inputs.toml, b"a.b = " + b"9" * 300, "a.b: a whole number of 997 bits"),
        (inputs.toml, b"a = " + b"9" * 5000, "4300"),
        (inputs.json_value, b"[" * 100_000, "nested"),
        (inputs.json_value, b'{"a": ' + b"9" * 300 + b"}", "a: a whole number of 997 bits"),
        (inputs.json_value, b'{"a": 1e400}', "a is inf"),
        (inputs.json_value, b'{"a": NaN}', "a is nan"),
        (inputs.json_value, b'{"a": 1, "a": 2}', "'a' is given twice"),
    ],
)
def test_what_no_reader_understands(tmp_path, read, written, words):
    file = tmp_path / "given"
    file.write_bytes(written)
    assert words in refusal(read, file)


def test_a_byte_order_mark_is_none_of_the_text(tmp_path):
    file = tmp_path / "given"
    file.write_bytes(b"\xef\xbb\xbfa = 1")
    assert inputs.toml(file) == {"a": 1}


values = st.recursive(
    st.integers() | st.floats() | st.text() | st.booleans() | st.none(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@BOUNDED
@given(value=values)
def test_json_is_read_as_it_is_or_refused(tmp_path, value):
    file = tmp_path / "given"
    file.write_text(json.dumps(value))
    with contextlib.suppress(InputError):
        assert inputs.json_value(file) == value


@BOUNDED
@given(
    data=st.binary() | st.text().map(str.encode) | st.text("[]{}=.'\"0189eE+-\n a#").map(str.encode)
)
def test_any_bytes_are_read_as_the_library_reads_them_or_refused(tmp_path, data):
    file = tmp_path / "given"
    file.write_bytes(data)
    for read, library in ((inputs.toml, tomllib.loads), (inputs.json_value, json.loads)):
        try:
            found = read(file)
        except InputError:
            continue
        assert found == library(data.decode("utf-8-sig"))


def test_a_parser_may_raise_anything():
    for wrong in (
        KeyError("a"),
        MemoryError(),
        ZeroDivisionError(),
        UnicodeError(),
        OSError(5, "x"),
    ):
        with (
            pytest.raises(StudyError, match="given"),
            inputs.parsing(Path("given"), "x", StudyError),
        ):
            raise wrong
