"""Functions of users as measures: found beside an experiment's file, or given in Python."""

import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.errors import InputError, shortened
from workbench.experiments.measures import FunctionMeasure
from workbench.inputs import text


def named_function(name: str, folder: Path, trusted: bool) -> FunctionMeasure:
    """Return the function that `module:function` names.

    Parameters
    ----------
    folder
        Where the experiment's file lies, and the module beside it.
    trusted
        Whether the user lets the module run; one that ships may always.

    Raises
    ------
    InputError
        If there is no such module or it does not define the function, or nobody trusts it.
    """
    module, _, function = name.partition(":")
    if not (module.isidentifier() and function.isidentifier()):
        raise InputError(
            f"measure {name!r} cannot be read; write <module>:<function>, as `waves:rise` for the "
            "function rise in waves.py beside the experiment's file"
        )
    source = python_beside(folder / f"{module}.py", trusted)
    if f"def {function}(" not in source:
        raise InputError(f"{folder / module}.py defines no function {function!r}")
    return FunctionMeasure(name, function, source)


def given_function(function: Callable[..., Any]) -> FunctionMeasure:
    """Return a function of a script or a notebook as a measure.

    Workers are given the text of its module; of one that was defined in a script or a notebook its
    own text alone, so that it has to import what it needs.

    Raises
    ------
    InputError
        If its text cannot be had, as of a lambda or of a function within another.
    """
    try:
        module, name = function.__module__, function.__qualname__
        if not name.isidentifier():
            raise OSError
        if module == "__main__":
            return FunctionMeasure(name, name, textwrap.dedent(inspect.getsource(function)))
        source = Path(inspect.getsourcefile(function) or "").read_text(encoding="utf-8")
    except (OSError, TypeError, AttributeError):
        raise InputError(
            f"{shortened(repr(function))} is no measure: define a function with `def` and a name, "
            "not inside another one; workers are given its text"
        ) from None
    return FunctionMeasure(f"{module.rpartition('.')[2]}:{name}", name, source)


def python_beside(path: Path, trusted: bool) -> str:
    """Return the text of a Python file that an experiment runs.

    Raises
    ------
    InputError
        If there is none, or it neither ships nor is trusted.
    """
    source = text(path)
    if not trusted and not path.resolve().is_relative_to(shipped_folder()):
        raise InputError(
            f"{path} is Python that would run with your rights. Read it, and if you trust it, "
            "give --trust-python, or trust_python=True in Python"
        )
    return source


def shipped_folder() -> Path:
    """Return where the experiments that ship lie."""
    return resources.shipped("optimizations").resolve()
