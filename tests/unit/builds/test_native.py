"""Which flags a processor is given, and when two builds agree."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.builds import Build, build_native, comparing, native
from workbench.builds.comparing import TOLERANCE, Comparison, compare, measure
from workbench.builds.compiling import RefusedError
from workbench.builds.native import native_flags
from workbench.builds.toolchain import processor_features
from workbench.errors import BuildError
from workbench.questions import ChildFailed

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


@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.floats(1e-12, 1e-3))
def test_no_number_in_the_same_place_agrees_and_hides_nothing(none: float, share: float) -> None:
    reference = {"NEURON": {"i of x": [[none, 1.0], [0.5, none]]}}
    assert measure(reference, reference).difference == 0
    found = {"NEURON": {"i of x": [[none, 1.0 + share], [0.5, none]]}}
    assert measure(reference, found).difference == pytest.approx(share)


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


class Workshop:
    """Builds in no time: the default always, the native one unless it is to fail."""

    def __init__(self, folder: Path) -> None:
        self.fails: BuildError | None = None
        self.said: list[str] = []
        self.default = Build("key", folder, folder / "library", None, (), "")
        self.fast = Build("fast", folder, folder / "fast", None, (), "-O3", True)

    def build(self, *_: object, vectorised: bool = False, **__: object) -> Build:
        if vectorised and self.fails:
            raise self.fails
        return self.fast if vectorised else self.default

    def build_native(self) -> Build:
        return build_native([], self.said.append, coreneuron=False)

    def verdicts(self) -> list[Path]:
        return list(self.default.folder.glob("native-*.json"))


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    made = Workshop(tmp_path)
    monkeypatch.setattr(native, "build", made.build)
    monkeypatch.setattr(native, "compare", lambda *_: Comparison(0.0, "i of x", 1))
    return made


def test_a_full_disk_is_no_verdict(workshop: Workshop) -> None:
    workshop.fails = BuildError("No space left on device")
    assert workshop.build_native() == workshop.default
    assert workshop.verdicts() == []
    assert "No space left on device" in workshop.said[0]
    workshop.fails = None
    assert workshop.build_native() == workshop.fast


def test_a_compilers_verdict_is_kept(workshop: Workshop) -> None:
    workshop.fails = RefusedError("bad value for -march")
    assert workshop.build_native() == workshop.default
    workshop.fails = None
    assert workshop.build_native() == workshop.default
    assert "bad value for -march" in workshop.said[-1]


@pytest.mark.parametrize("verdict", ["", "{", "[]", "{}", "null"])
def test_a_damaged_verdict_is_none(workshop: Workshop, verdict: str) -> None:
    assert workshop.build_native() == workshop.fast
    [file] = workshop.verdicts()
    whole = file.read_text()
    file.write_text(verdict)
    assert workshop.build_native() == workshop.fast
    assert file.read_text() == whole


@pytest.mark.parametrize("from_outside", [False, True])
def test_a_killed_comparison_is_no_verdict(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, from_outside: bool
) -> None:
    def ask(module: str, question: dict[str, Any]) -> None:
        raise ChildFailed("exit status -9", from_outside)

    monkeypatch.setattr(comparing, "ask", ask)
    monkeypatch.setattr(native, "compare", compare)
    assert workshop.build_native() == workshop.default
    assert (workshop.verdicts() == []) == from_outside
