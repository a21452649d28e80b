"""A checkpoint of BluePyOpt's is read as numbers; a pickle that does more is not read."""

import contextlib
import io
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.exports.checkpoint import read_checkpoint

WRITE = """
import sys, warnings
warnings.simplefilter("ignore")
import bluepyopt as bpop
from bluepyopt.deapext.optimisationsCMA import DEAPOptimisationCMA

class Evaluator(bpop.evaluators.Evaluator):
    def __init__(self):
        super().__init__(
            objectives=[bpop.objectives.Objective(name) for name in "ab"],
            params=[bpop.parameters.Parameter(name, bounds=[0, 2]) for name in "xy"],
        )
        self.param_names = ["x", "y"]
    def init_simulator_and_evaluate_with_lists(self, values):
        return [abs(values[0] - 0.3), abs(values[1] - 1)]

if sys.argv[1] == "ibea":
    search = bpop.deapext.optimisations.IBEADEAPOptimisation(
        evaluator=Evaluator(), offspring_size=4, seed=1)
else:
    search = DEAPOptimisationCMA(
        evaluator=Evaluator(), offspring_size=4, seed=1, selector_name=sys.argv[1])
search.run(max_ngen=2, cp_filename=sys.argv[2])
"""


@pytest.mark.parametrize(
    ("search", "generation"), [("ibea", 2), ("single_objective", 3), ("multi_objective", 3)]
)
def test_checkpoints_of_stock_bluepyopt_are_read(tmp_path, search, generation):
    """After two generations; BluePyOpt's CMA counts the next one."""
    path = tmp_path / "cp.pkl"
    command = [sys.executable, "-c", WRITE, search, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    found = read_checkpoint(path)
    assert found.parameters == ("x", "y")
    assert found.generation == generation
    assert len(found.population) >= 4
    assert len(found.hall_of_fame) > 0
    scored = [one for one in (*found.population, *found.hall_of_fame) if one.scores.size]
    assert len(scored) >= len(found.hall_of_fame)
    for one in scored:
        # The definition of the two objectives above.
        x, y = one.values
        np.testing.assert_allclose(one.scores, [abs(x - 0.3), abs(y - 1)], rtol=1e-12)
    sums = [one.scores.sum() for one in found.hall_of_fame]
    assert sums == sorted(sums)


class Run:
    """A pickle that calls a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("function", [os.system, eval, exec, __import__, os.mkdir, io.open])
def test_nothing_is_run(tmp_path, function):
    target = tmp_path / "made"
    argument = f"mkdir {target}" if function is os.system else str(target)
    if function in (eval, exec):
        argument = f"__import__('os').mkdir({str(target)!r})"
    content = {"population": [Run(function, argument)], "generation": 1}
    (tmp_path / "cp.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(InputError, match=r"not imported: it asks for \w+\.\w+"):
        read_checkpoint(tmp_path / "cp.pkl")
    assert not target.exists()


def test_names_on_the_list_stand_for_nothing(tmp_path):
    """`getattr` and `map` are named by checkpoints of CMA; they are not what they seem.

    Read by pickle, this one gives a method of a text.
    """
    program = b"cbuiltins\ngetattr\n(Vlower\nVlower\ntR."
    assert callable(pickle.loads(program))
    (tmp_path / "cp.pkl").write_bytes(program)
    with pytest.raises(InputError, match="not a checkpoint"):
        read_checkpoint(tmp_path / "cp.pkl")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be read"),
        (b"no pickle", "cannot be read"),
        (pickle.dumps([1, 2]), "not a checkpoint"),
        (pickle.dumps({"population": [[1.0]], "generation": 1}), "not a list of numbers"),
        (pickle.dumps({"population": [], "generation": "x"}), "cannot be read"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path, content, says):
    (tmp_path / "cp.pkl").write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_checkpoint(tmp_path / "cp.pkl")


def test_a_pickle_that_swells_is_refused(tmp_path):
    """A text of 64 bytes that claims to be 8 GB long."""
    path = tmp_path / "cp.pkl"
    path.write_bytes(b"\x80\x04\x8d" + (8 << 30).to_bytes(8, "little") + b"x" * 64)
    with pytest.raises(InputError):
        read_checkpoint(path)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "cp.pkl"
    subprocess.run(
        [sys.executable, "-c", WRITE, "ibea", str(path)], check=True, capture_output=True
    )
    return path.read_bytes()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), put=st.binary(max_size=3), cut=st.booleans())
def test_a_damaged_checkpoint_is_read_or_refused(checkpoint, tmp_path, place, put, cut):
    at = int(place * len(checkpoint))
    rest = b"" if cut else checkpoint[at + len(put) :]
    (tmp_path / "cp.pkl").write_bytes(checkpoint[:at] + put + rest)
    with contextlib.suppress(InputError):
        assert len(read_checkpoint(tmp_path / "cp.pkl").population) >= 0


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_checkpoint(tmp_path / "cp.pkl")
