"""A distribution is arithmetic, whatever text a study from somebody else holds."""

import io
import json
import math
import subprocess
import sys
import tokenize

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.cells import Distribution
from workbench.errors import StudyError

DISTANCE_um = np.array([0.0, 100.0, 685.0, 700.0, 885.0, 1200.0])
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "minimum": np.minimum,
    "maximum": np.maximum,
}


def values(expression, value=2.0, farthest_um=1300.0):
    return Distribution("d", expression).evaluate(value, DISTANCE_um, farthest_um).tolist()


def test_the_exponential_of_ih():
    """Kole et al. 2006 as BluePyOpt writes it, with Python's own exponential."""
    found = values("(-0.8696 + 2.087 * exp(0.0031 * distance_um)) * value", 8e-5)
    expected = [(-0.8696 + 2.087 * math.exp(0.0031 * d)) * 8e-5 for d in DISTANCE_um]
    assert found == pytest.approx(expected, rel=1e-14)


def test_a_hot_zone():
    """Hay et al. 2011: calcium channels at full density between 685 and 885 um, 1 % elsewhere."""
    found = values("value if 685 < distance_um < 885 else 0.01 * value", 100.0)
    assert found == [1.0, 1.0, 1.0, 100.0, 1.0, 1.0]


def test_the_distance_may_be_relative_to_the_farthest_end():
    assert values("value * distance_um / max_distance_um", 3.0, 600.0) == pytest.approx(
        [0.0, 0.5, 3.425, 3.5, 4.425, 6.0]
    )


def test_an_expression_without_distance_is_the_same_everywhere():
    assert values("value") == [2.0] * 6


def test_a_comparison_is_1_or_0():
    assert values("distance_um > 690") == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert values("2 - (100 <= distance_um < 700)") == [2.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    assert values("-(distance_um >= 1200)")[-2:] == [0.0, -1.0]


numbers = st.integers(0, 9).map(str) | st.sampled_from(["0.5", "1e3", "2.25"])
names = st.sampled_from(["value", "distance_um", "max_distance_um"])
arithmetic = st.recursive(
    numbers | names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(" ".join),
        st.tuples(st.sampled_from("+-"), inner).map("".join),
        inner.map("({})".format),
        st.tuples(inner, inner, st.sampled_from(["<", "<=", ">", ">="]), inner, inner).map(
            lambda p: f"({p[0]} if {p[1]} {p[2]} {p[3]} else {p[4]})"
        ),
        st.tuples(st.sampled_from(["exp", "log", "sqrt", "abs"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(st.sampled_from(["minimum", "maximum"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"1 * ({p[0]} < {p[1]} <= {p[2]})"),
    ),
    max_leaves=6,
)


def floats_only(expression):
    """Return the text with every number a numpy float, so that Python may evaluate it."""
    tokens = io.StringIO(expression)
    return tokenize.untokenize(
        (kind, f"F({text})" if kind == tokenize.NUMBER else text)
        for kind, text, *_ in tokenize.generate_tokens(tokens.readline)
    )


@given(arithmetic, st.floats(0.0, 10.0))
def test_arithmetic_means_what_it_means_to_python(expression, value):
    found = values(expression, value)
    code = compile(floats_only(expression), "expression", "eval")
    scope = {**FUNCTIONS, "F": np.float64, "value": np.float64(value)}
    with np.errstate(all="ignore"):
        for distance, here in zip(DISTANCE_um, found, strict=True):
            expected = eval(
                code, scope, {"distance_um": distance, "max_distance_um": np.float64(1300.0)}
            )
            np.testing.assert_allclose(here, float(expected), rtol=1e-12)


PIECES = """value distance_um 1 0.5 1e3 9**9**9 + - * / ** // % < > == != ( ) [ ] { } . , : := ; =
if else for in lambda and or not is await yield exp log maximum __import__ ('os') .real 'text'
f'{value}' b'x' 1j True None ... @ & | ~ \\ # é"""
soup = st.lists(st.sampled_from([*PIECES.split(), "\n", "\0", "\ud800"]), max_size=12).map(" ".join)


@given(st.text(max_size=40) | soup)
@example("exp(distance_um, distance_um)")
@example("-(distance_um > 1)")
@example("(-1) ** 0.5")
@example("1 / 0")
@example("10 ** 400")
@example("1" + "0" * 400)
def test_any_text_is_arithmetic_or_refused(text):
    """Nothing but StudyError may come out, and nothing given may change."""
    before = DISTANCE_um.copy()
    try:
        found = Distribution("d", text).evaluate(1.0, DISTANCE_um, 1300.0)
    except StudyError:
        return
    assert found.shape == DISTANCE_um.shape
    assert found.dtype == float
    np.testing.assert_array_equal(DISTANCE_um, before)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__base__.__subclasses__()",
        "value.__class__",
        "(lambda: value)()",
        "[value for value in (1,)]",
        "[1, 2][0]",
        "{1: 2}",
        "(x := 3)",
        "open('a')",
        "exp.__call__(1)",
        "eval('1')",
        "exp(x=1)",
        "exp(*[1])",
        "f'{value}'",
        "'text'",
        "True",
        "None",
        "1j",
        "value == 1",
        "value and 1",
        "not value",
        "value % 2",
        "value // 2",
        "value @ value",
        "~1",
        "1; 2",
        "value = 2",
        "import os",
        "",
    ],
)
def test_all_else_is_refused_with_the_expression_and_what_is_allowed(text):
    with pytest.raises(StudyError) as caught:
        Distribution("hot", text)
    assert repr(text) in str(caught.value)
    assert "distribution 'hot'" in str(caught.value)
    assert "Allowed: numbers, value, distance_um, max_distance_um" in str(caught.value)


def test_a_misspelt_name_gets_a_hint():
    with pytest.raises(StudyError, match="did you mean 'distance_um'"):
        Distribution("d", "distance * value")
    with pytest.raises(StudyError, match="did you mean 'sqrt'"):
        Distribution("d", "sqr(value)")


@pytest.mark.parametrize("text", ["exp()", "exp(1, 2)", "maximum(1)", "maximum(1, 2, distance_um)"])
def test_functions_take_as_many_arguments_as_they_have(text):
    with pytest.raises(StudyError, match="arguments"):
        Distribution("d", text)


def test_what_has_no_value_is_not_finite_and_does_not_hang():
    assert values("9 ** 9 ** 9") == [math.inf] * 6
    assert math.isnan(values("log(distance_um - 1)")[0])
    assert math.isnan(values("(distance_um - 1) ** 0.5")[0])


DEEP = [
    "-" * 100_000 + "1",
    "(" * 100_000 + "1" + ")" * 100_000,
    "1" + "+1" * 100_000,
    "1" + "**1" * 100_000,
    "1" * 100_000,
    "-" * 900 + "1",
    "not " * 200 + "1",
    "1" + "+1" * 450,
]
TRY_ALL = """
import json, sys
from workbench.cells import Distribution
from workbench.errors import StudyError
for text in json.load(sys.stdin):
    try:
        Distribution("d", text)
    except StudyError:
        pass
    print(len(text), flush=True)
"""


def test_depth_and_length_never_end_the_interpreter():
    """In a child, because a stack that overflows would take the tests along."""
    done = subprocess.run(
        [sys.executable, "-c", TRY_ALL],
        input=json.dumps(DEEP),
        capture_output=True,
        text=True,
        timeout=20,
    )
    survived = [int(line) for line in done.stdout.split()]
    assert survived == [len(text) for text in DEEP], done.stderr[-2000:]
