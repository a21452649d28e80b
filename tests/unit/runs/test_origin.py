"""A run goes on with what it was made with, or is told that it may not be the same."""

import pytest

from workbench.evaluations.origin import changes
from workbench.runs.origin import FIT_PACKAGES

BEFORE = {"the build of the mechanisms": "a", "neuron": "9.0.1", "efel": "5.7"}


def test_what_is_as_it_was_is_no_change():
    assert changes(BEFORE, dict(reversed(BEFORE.items()))) == ()


def test_what_changed_is_named_with_both_versions():
    now = {**BEFORE, "the build of the mechanisms": "b", "neuron": "9.0.2"}
    build, neuron = changes(BEFORE, now)
    assert build.startswith("the build of the mechanisms changed")
    assert neuron == "neuron 9.0.1 became 9.0.2"


def test_what_nobody_told_is_no_change():
    assert changes({}, BEFORE) == ()
    assert changes(BEFORE, {"neuron": "9.0.1"}) == ()


@pytest.mark.parametrize("package", ["deap", "bluepyopt", "efel", "numpy", "neuron"])
def test_another_version_of_what_decides_digits_is_a_change(package):
    """Searches draw and select as DEAP and BluePyOpt do."""
    assert package in FIT_PACKAGES
    [said] = changes({package: "1.4.1"}, {package: "1.4.2"})
    assert said == f"{package} 1.4.1 became 1.4.2"
