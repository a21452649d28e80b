import os
import subprocess
import sys
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.digests import digest


@dataclass(frozen=True)
class Pair:
    one: object
    other: object


@dataclass(frozen=True)
class Twin:
    one: object
    other: object


@dataclass(frozen=True)
class Zero:
    value: object = 0.0


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


PAIR = Pair


class Signed:
    digest = "abc"

    def __str__(self):
        return "signed"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def bits(value):
    """Return the value with what `==` hides made visible: types, signs of zero, NaN."""
    if isinstance(value, dict):
        return {key: bits(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(bits(inner) for inner in value)
    return type(value), value.hex() if isinstance(value, float) else value


@given(plain)
def test_a_value_rebuilt_has_the_same_digest(value):
    def rebuilt(part):
        if isinstance(part, dict):
            return {key: rebuilt(part[key]) for key in reversed(part)}
        return tuple(map(rebuilt, part)) if isinstance(part, tuple) else part

    assert digest(rebuilt(value)) == digest(value)


@given(plain, plain)
def test_other_values_have_other_digests(one, other):
    assume(bits(one) != bits(other))
    assert digest(one) != digest(other)


@given(plain, plain)
def test_only_a_value_that_is_the_default_to_the_last_bit_is_left_out(value, default):
    """Another value is told apart from it, and is what it would be without a default."""

    @dataclass(frozen=True)
    class Pair:
        one: object
        other: object = field(default_factory=lambda: default)

    same = bits(value) == bits(default)
    assert (digest(Pair(1, value)) == digest(Pair(1))) == same
    assert same or digest(Pair(1, value)) == digest(PAIR(1, value))


@given(st.floats(allow_nan=False))
def test_the_last_bit_of_a_float_counts(number):
    assert digest(number) != digest(float(np.nextafter(number, np.inf if number <= 0 else 0)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Pair(1, 2), Pair(2, 1)),
        (Pair(1, 2), Twin(1, 2)),
        (Pair(1, 2), ("Pair", {"one": 1, "other": 2})),
        (Zero(), Zero(-0.0)),
        (Zero(), Zero(0)),
        (Zero(), Zero(False)),
        (Colour.RED, Colour.BLUE),
        (Colour.RED, ("Colour", "RED")),
        (1.0, (1.0).hex()),
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(2), np.zeros(2, dtype=np.float32)),
        (np.array([0.0]), np.array([-0.0])),
        (Signed(), ("Signed", "abc")),
    ],
    ids=str,
)
def test_near_misses_have_other_digests(one, other):
    assert digest(one) != digest(other)


def test_the_layout_of_an_array_in_memory_does_not_count():
    array = np.arange(6.0).reshape(2, 3)
    assert digest(np.asfortranarray(array)) == digest(array)
    assert digest(np.arange(12.0).reshape(2, 6)[:, ::2]) == digest(
        np.array([[0.0, 2, 4], [6, 8, 10]])
    )


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), b"bytes", np.array([object()]), Pair, {"a": {3}}]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        digest(value)


def test_the_digest_is_the_same_in_other_processes():
    """Python salts the hashes of text anew in each process; digests must not notice."""
    value = "{'b': 1.5, 'a': ('x', None, True), 'c': np.arange(3.0)}"
    code = f"import numpy as np; from workbench.digests import digest; print(digest({value}))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {digest({"c": np.arange(3.0), "b": 1.5, "a": ("x", None, True)})}
