"""A JSON file of parameters is numbers by name, or an error that names it."""

import contextlib
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.cli.simulating import _values_from
from workbench.errors import InputError

BOUNDED = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
one = st.floats() | st.integers() | st.text() | st.booleans() | st.none() | st.lists(st.floats())


@BOUNDED
@given(value=st.dictionaries(st.text(), one) | one)
def test_any_json_is_numbers_or_refused(tmp_path, value):
    file = tmp_path / "p.json"
    file.write_text(json.dumps(value))
    with contextlib.suppress(InputError):
        found = _values_from(file)
        assert found == value
        assert all(type(number) is float and math.isfinite(number) for number in found.values())


@BOUNDED
@given(data=st.binary() | st.text('{}[]":,.0189eE+- \\nultrfasNI').map(str.encode))
def test_any_bytes_are_numbers_or_refused(tmp_path, data):
    (tmp_path / "p.json").write_bytes(data)
    with contextlib.suppress(InputError):
        assert isinstance(_values_from(tmp_path / "p.json"), dict)


@pytest.mark.parametrize("text", ["[1]", "1", '{"a": "1"}', '{"a": true}', '{"a": null}'])
def test_what_is_no_parameter_set_says_what_one_is(tmp_path, text):
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(InputError, match=r"p\.json: a parameter set is"):
        _values_from(tmp_path / "p.json")
