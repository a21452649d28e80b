"""Which flags a processor is given, and when two builds agree."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.mechanisms import Build, comparing, native
from workbench.mechanisms.comparing import TOLERANCE, compare, measure
from workbench.mechanisms.native import native_flags
from workbench.mechanisms.toolchain import processor_features

amounts = st.floats(-1e3, 1e3)


@pytest.mark.parametrize(("features", "wide"), [("avx2 fma", False), ("avx2 avx512f", True)])
def test_wide_vectors_only_where_the_processor_has_them(
    features: str, wide: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "processor_features", lambda flags: features)
    assert ("-mprefer-vector-width=512" in native_flags()) == wide


def test_the_key_of_a_native_build_knows_the_processor() -> None:
    assert processor_features(native_flags())


def test_no_flag_takes_nan_away_or_sets_the_processor() -> None:
    """These four make gcc assume finite numbers, or link what flushes denormals to zero."""
    refused = {"-ffast-math", "-Ofast", "-funsafe-math-optimizations", "-ffinite-math-only"}
    assert not refused & set(native_flags().split())


@given(st.lists(st.lists(amounts, min_size=3, max_size=3), min_size=1))
def test_equal_families_differ_by_nothing(family: list[list[float]]) -> None:
    families = {"NEURON": {"ina of Na": family}}
    assert measure(families, families).difference == 0


@given(st.floats(1e-3, 1e3), st.floats(1e-12, 1e-3))
def test_a_difference_counts_by_the_largest_of_its_family(scale: float, share: float) -> None:
    """So a current that passes through zero is not asked for digits that it cannot have."""
    reference = {"NEURON": {"ina of Na": [[0.0, -scale]], "ik of K": [[1.0, 1.0]]}}
    found = {"NEURON": {"ina of Na": [[share * scale, -scale]], "ik of K": [[1.0, 1.0]]}}
    compared = measure(reference, found)
    assert compared.difference == pytest.approx(share)
    assert (compared.worst, compared.quantities) == ("ina of Na in NEURON", 2)


@pytest.mark.parametrize("found", [[[math.nan, 1.0]], [[1.0]], [[1.0, math.inf]]])
def test_what_is_missing_or_not_a_number_never_agrees(found: list[list[float]]) -> None:
    reference = {"CoreNEURON": {"m of Na": [[1.0, 1.0]]}}
    assert measure(reference, {"CoreNEURON": {"m of Na": found}}).difference == math.inf
    assert measure({"CoreNEURON": {"m of Na": found}}, reference).difference == math.inf


def test_a_quantity_that_was_zero_must_stay_zero() -> None:
    zero = {"NEURON": {"i of x": [[0.0, 0.0]]}}
    assert measure(zero, {"NEURON": {"i of x": [[0.0, 1e-300]]}}).difference == math.inf


@pytest.mark.parametrize(
    ("steps", "agrees"), [(252, True), (270, True), (300, False), (200, False)]
)
def test_other_numbers_of_cvode_steps_are_a_failure(
    steps: int, agrees: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal derivatives with another Jacobian: right results, but slow."""
    one = Build("key", Path("a"), Path("a/library"), None, (), "")
    other = Build("key", Path("b"), Path("b/library"), None, (), "")

    def ask(module: str, question: dict[str, Any]) -> dict[str, Any]:
        taken = 252 if question["library"] == str(one.library) else steps
        return {"families": {"CVODE": {"d(m)/dt": [[1.0]]}}, "cvode_steps": taken}

    monkeypatch.setattr(comparing, "ask", ask)
    found = compare(one, other, [])
    assert (found.failure == "") == agrees
    assert agrees == (found.difference <= TOLERANCE)
