"""No code of the workbench runs what it reads unasked: said of the source, so that it stays so."""

import ast
from pathlib import Path

import pytest

import workbench

SOURCES = sorted(Path(workbench.__file__).parent.rglob("*.py"))
PIPES_ONLY = {"workers/child.py", "workers/seat.py", "fitting/sources.py"}
"""What they unpickle comes from the process that started them, or that they started."""

RESTRICTED = {"exports/unpickling.py"}
"""Reads a foreign pickle with an allow-list, in a process that may do nothing."""

TRUSTED = "experiments/executing.py"
"""Runs what ships, what `--trust-python` trusts, or a function that a Python program gave."""


def calls(path):
    """Yield the dotted name of each call in a file, with the call."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def inside(path):
    return path.relative_to(Path(workbench.__file__).parent).as_posix()


def test_pickles_come_from_pipes_only():
    found = set()
    for path in SOURCES:
        for name, _ in calls(path):
            if name.split(".")[0] in ("pickle", "dill", "cloudpickle", "shelve", "joblib"):
                found.add(inside(path))
    assert found <= PIPES_ONLY | RESTRICTED


@pytest.mark.parametrize("path", SOURCES, ids=inside)
def test_nothing_that_is_read_is_run(path):
    """Methods may be called so: hoc's `h.execute` is no `exec`."""
    for name, node in calls(path):
        words = {k.arg: ast.unparse(k.value) for k in node.keywords}
        assert name not in {"eval", "os.system", "os.popen", "yaml.load"}, name
        assert name != "exec" or inside(path) == TRUSTED
        assert words.get("shell") != "True", f"{name} through a shell"
        assert words.get("allow_pickle") != "True", name
