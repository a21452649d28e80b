"""What a cache keeps is what was written, or taken for absent."""

import json
import math
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.caching import is_whole, keep, put, recall, seal

BOUNDED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
values = st.recursive(
    st.integers() | st.floats(allow_nan=False) | st.text() | st.booleans() | st.none(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=10,
)


def same(value):
    return [value]


@BOUNDED
@given(value=values)
def test_what_is_kept_is_recalled(tmp_path, value):
    keep(tmp_path / "a" / "kept.json", value)
    assert recall(tmp_path / "a" / "kept.json", same) == [value]
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["kept.json"]


def test_numbers_that_json_lacks_are_kept(tmp_path):
    keep(tmp_path / "kept.json", [math.nan, -math.inf])
    [[nan, inf]] = recall(tmp_path / "kept.json", same)
    assert math.isnan(nan)
    assert inf == -math.inf


@BOUNDED
@given(value=values, data=st.data())
def test_no_change_of_a_file_is_believed(tmp_path, value, data):
    """Cut, or a byte changed: absent, or what it was where the byte means nothing (a blank)."""
    file = tmp_path / "kept.json"
    keep(file, value)
    whole = file.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.none() | st.binary(min_size=1, max_size=1))
    file.write_bytes(whole[:place] if byte is None else whole[:place] + byte + whole[place + 1 :])
    assert recall(file, same) in (None, [value])


@BOUNDED
@given(left=st.binary() | st.text().map(str.encode) | values.map(json.dumps).map(str.encode))
def test_what_somebody_else_wrote_is_absent(tmp_path, left):
    file = tmp_path / "kept.json"
    file.write_bytes(left)
    assert recall(file, same) is None


def test_what_cannot_be_read_is_absent(tmp_path):
    assert recall(tmp_path, same) is None
    assert recall(tmp_path / "none", same) is None
    (tmp_path / "deep").write_text("[" * 100_000)
    assert recall(tmp_path / "deep", same) is None
    keep(tmp_path / "kept.json", {})
    assert recall(tmp_path / "kept.json", lambda kept: kept["a key of another version"]) is None


def test_a_sealed_file_is_whole_until_it_changes(tmp_path):
    file, stage = tmp_path / "library.so", tmp_path / "library.1"
    assert not is_whole(file)
    stage.write_bytes(b"machine code")
    put(stage, file)
    assert is_whole(file)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["library.so", "library.so.sha256"]
    for damaged in (b"machine", b"machine cold", b""):
        file.write_bytes(damaged)
        assert not is_whole(file)
    file.write_bytes(b"machine code")
    assert is_whole(file)
    (tmp_path / "library.so.sha256").write_bytes(b"\xff")
    file.touch()
    assert not is_whole(file)
    seal(file)
    file.touch()
    assert is_whole(file)


def test_a_pipe_is_no_sealed_file(tmp_path):
    """To read from it would wait for ever."""
    file, pipe = tmp_path / "library.so", tmp_path / "pipe.so"
    file.write_bytes(b"machine code")
    os.mkfifo(tmp_path / "library.so.sha256")
    os.mkfifo(pipe)
    (tmp_path / "pipe.so.sha256").write_text("0" * 64)
    assert not is_whole(file)
    assert not is_whole(pipe)
