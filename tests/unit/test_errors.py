import inspect
import pickle

import pytest

from workbench import errors
from workbench.errors import WorkbenchError, unknown

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, WorkbenchError)
]


def test_unknown_names_the_nearest_and_all_that_is_allowed():
    said = unknown("region", "apcal", ["basal", "apical"])
    assert said == "unknown region 'apcal'; did you mean 'apical'? Allowed: apical, basal"


def test_unknown_makes_no_guess_when_nothing_is_near():
    assert unknown("region", "zzz", ["apical"]) == "unknown region 'zzz'. Allowed: apical"


def test_unknown_says_so_when_nothing_is_allowed():
    assert unknown("parameter", "x", []).endswith("Allowed: none")


@pytest.mark.parametrize("kind", CLASSES)
def test_the_tree_in_the_docstring_tells_every_class_and_its_exit_code(kind):
    [line] = [line for line in errors.__doc__.splitlines() if kind.__name__ in line.split()]
    if "exit code" in line:
        assert int(line.rpartition(" ")[2]) == kind.exit_code
    else:
        assert kind.exit_code == kind.__base__.exit_code


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_travels_between_processes(kind):
    copy = pickle.loads(pickle.dumps(kind("apic[3] is not there")))
    assert type(copy) is kind
    assert str(copy) == "apic[3] is not there"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("StudyError", 2),
        ("MorphologyError", 2),
        ("MechanismError", 2),
        ("BuildError", 2),
        ("StoppedEarly", 75),
        ("WorkerError", 1),
    ],
)
def test_exit_codes_are_those_of_the_command_line(name, code):
    assert getattr(errors, name).exit_code == code
