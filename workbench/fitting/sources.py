"""Where evaluators of BluePyOpt's come from: they are made anew in each process that evaluates.

An evaluator is anything with `params` (name, bounds), `objectives` (name) and
`evaluate_with_lists(values)`, which returns a number for each objective.
"""

import hashlib
import importlib
import inspect
import os
import pickle
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.digests import digest
from workbench.errors import InputError, WorkbenchError, shortened

_ASKED = ("params", "objectives", "evaluate_with_lists")


@dataclass(frozen=True)
class EvaluatorSource:
    """Where an evaluator comes from: what a file can tell, or an object that was pickled.

    Attributes
    ----------
    name
        `module:function`, of a function without arguments that returns an evaluator, or of an
        evaluator; of an object the name of its class.
    folder
        Where it is made and works: its relative paths begin there, and NEURON loads what
        nrnivmodl compiled there.
    paths
        Where its modules are looked for.
    pickled
        The object, if it was given as one.
    """

    name: str
    folder: str
    paths: tuple[str, ...] = ()
    pickled: bytes = b""

    def __str__(self) -> str:
        return f"{self.name} in {self.folder}"

    @property
    def digest(self) -> str:
        """Digest of all of it."""
        packed = hashlib.sha256(self.pickled).hexdigest() if self.pickled else ""
        return digest((self.name, self.folder, self.paths, packed))

    def made(self) -> Any:
        """Return the evaluator, made in this process; its working directory is `folder` then.

        Raises
        ------
        InputError
            If it cannot be imported or made, or is no evaluator.
        """
        with telling(f"{self} cannot be made"):
            os.chdir(self.folder)
            sys.path[:0] = [path for path in self.paths if path not in sys.path]
            found = pickle.loads(self.pickled) if self.pickled else _named(self.name)
            if not self.pickled and not _is_evaluator(found):
                found = found()
        if not _is_evaluator(found):
            raise InputError(
                f"{self} gives {shortened(repr(found))}, which is no evaluator: it needs "
                f"{', '.join(_ASKED)}, as bluepyopt.evaluators.Evaluator has them"
            )
        return found


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say what a user's code raised, and where, in one error.

    Raises
    ------
    InputError
        With these words before it.
    """
    try:
        yield
    except (WorkbenchError, MemoryError):
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise InputError(
            f"{what}: {type(error).__name__}: {error} ({last.filename}, line {last.lineno}, in "
            f"{last.name})"
        ) from None


def source_of(evaluator: Any) -> EvaluatorSource:
    """Return where an evaluator comes from.

    Parameters
    ----------
    evaluator
        `module:function` or `file.py:function`; a function at the top of a module; or an evaluator.

    Raises
    ------
    InputError
        If child processes could not make it.
    """
    folder = str(Path.cwd())
    if isinstance(evaluator, str):
        place, colon, function = evaluator.rpartition(":")
        if not colon or not place or not function:
            raise InputError(
                f"{shortened(evaluator)!r} names no evaluator; write MODULE:FUNCTION or "
                "FILE.py:FUNCTION, of a function without arguments that returns one"
            )
        if not place.endswith(".py"):
            return EvaluatorSource(evaluator, folder, (folder,))
        file = Path(place).absolute()
        if not file.is_file() or not file.stem.isidentifier():
            raise InputError(f"{file} is no Python file that can be imported; name one that is")
        return EvaluatorSource(f"{file.stem}:{function}", folder, (str(file.parent), folder))
    if _is_evaluator(evaluator) and not inspect.isclass(evaluator):
        paths = tuple(dict.fromkeys(str(Path(path).absolute()) for path in sys.path))
        return EvaluatorSource(type(evaluator).__name__, folder, paths, _pickled(evaluator))
    return _of_function(evaluator, folder)


def _of_function(function: Any, folder: str) -> EvaluatorSource:
    module, name = (getattr(function, one, "") for one in ("__module__", "__qualname__"))
    if not callable(function) or not module or not name:
        raise InputError(
            f"{shortened(repr(function))} is no evaluator: give one of BluePyOpt's, a function "
            "that returns one, or MODULE:FUNCTION"
        )
    if module == "__main__" or "<" in name:
        raise InputError(
            f"{name} of {module} cannot be imported by the processes that evaluate: put it at the "
            "top of a file and give FILE.py:FUNCTION, or give the evaluator itself"
        )
    file = Path(inspect.getsourcefile(function) or folder).absolute()
    up = module.count(".") + (file.name == "__init__.py")
    return EvaluatorSource(f"{module}:{name}", folder, (str(file.parents[up]), folder))


def _pickled(evaluator: Any) -> bytes:
    try:
        packed = pickle.dumps(evaluator)
    except Exception as error:  # whatever a user's class raises
        raise InputError(
            f"the evaluator cannot be pickled ({shortened(str(error))}), and so cannot be given to "
            "the processes that evaluate; give MODULE:FUNCTION of a function that returns it"
        ) from None
    if b"__main__" in packed:
        raise InputError(
            "the evaluator holds something that is defined in __main__, which the processes that "
            "evaluate do not have; put its classes into a file, and import them from there"
        )
    return packed


def _named(name: str) -> Any:
    place, _, function = name.rpartition(":")
    found: Any = importlib.import_module(place)
    for part in function.split("."):
        found = getattr(found, part)
    return found


def _is_evaluator(found: Any) -> bool:
    return all(hasattr(found, name) for name in _ASKED)
