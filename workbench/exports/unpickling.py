"""Read a BluePyOpt checkpoint from stdin as numbers: `python -I unpickling.py < cp.pkl`.

A pickle is a program. This one runs in a process of its own that may open no file, write none and
take little, and the unpickler gives it no function to call: each name on the list below stands
for a class that only keeps what it is given, every other name ends the reading. Nothing of
BluePyOpt, DEAP or the workbench is imported.
"""

import io
import json
import pickle
import resource
import struct
import sys
from typing import Any

_PACKAGES = ("bluepyopt.deapext.", "deap.")
_NAMES = {
    "_operator": {"eq"},
    "builtins": {"getattr", "map", "sum"},
    "collections": {"defaultdict", "deque"},
    "copy": {"deepcopy"},
    "copyreg": {"_reconstructor"},
    "functools": {"partial"},
    "numpy": {"dtype", "ndarray", "sum"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy.random._pickle": {"__randomstate_ctor", "__bit_generator_ctor"},
}
_FORMATS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i"}


class RefusedError(Exception):
    """The checkpoint asks for something that numbers do not need."""


class Kept:
    """Stands for an object: keeps its arguments and its state, and does nothing."""

    def __init__(self, *given: Any) -> None:
        self.given = given
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def append(self, value: Any) -> None:
        """Take an entry of something like a list."""

    def extend(self, values: Any) -> None:
        """Take entries of something like a list."""


class Individual(list[Any]):
    """Stands for a list of parameter values with a fitness."""

    def __init__(self, *_: Any) -> None:
        super().__init__()
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Reader(pickle.Unpickler):
    """Gives names on the list a stand-in, and no other."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for this name."""
        if name not in _NAMES.get(module, ()) and not module.startswith(_PACKAGES):
            raise RefusedError(f"it asks for {module}.{name}, which no checkpoint of numbers needs")
        if name == "scalar":
            return _scalar
        return Individual if name.endswith("Individual") else Kept


def _scalar(dtype: Kept, data: bytes) -> float:
    form, order = _FORMATS.get(dtype.given[0]), "<>"[dtype.state[1] == ">"]
    if form is None:
        raise RefusedError(f"a number of the type {dtype.given[0]!r}")
    return float(struct.unpack(order + form, data)[0])


def _numbers(values: Any) -> list[float]:
    if not all(isinstance(value, int | float) for value in values):
        raise RefusedError("a parameter or a score is not a number")
    return [float(value) for value in values]


def _individual(one: Any) -> dict[str, Any]:
    """Return parameter values and scores; DEAP keeps scores times their weights."""
    if not isinstance(one, Individual):
        raise RefusedError("an individual is not a list of numbers")
    fitness = (one.state or {}).get("fitness")
    state = getattr(fitness, "state", None) or {}
    weighted = _numbers(state.get("wvalues", ()))
    weights = _numbers(state.get("weights", ())) or [-1.0] * len(weighted)
    scores = [w / weight for w, weight in zip(weighted, weights, strict=False)]
    return {"values": _numbers(one), "scores": scores}


def read(content: bytes) -> dict[str, Any]:
    """Return a checkpoint as plain numbers and texts."""
    found = Reader(io.BytesIO(content)).load()
    if not isinstance(found, dict) or "population" not in found:
        raise RefusedError("it is a pickle, but not a checkpoint of BluePyOpt's")
    best = getattr(found.get("halloffame"), "state", None) or {}
    return {
        "parameters": [str(name) for name in found.get("param_names") or ()],
        "generation": int(found["generation"]),
        "population": [_individual(one) for one in found["population"]],
        "hall_of_fame": [_individual(one) for one in best.get("items", ())],
    }


def main() -> None:
    """Answer with JSON: the checkpoint, or why there is none."""
    content = sys.stdin.buffer.read()
    for limit, most in (
        (resource.RLIMIT_AS, 2 << 30),
        (resource.RLIMIT_CPU, 120),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        answer = read(content)
    except RefusedError as error:
        answer = {"refused": str(error)}
    except Exception as error:
        # A pickle that is none can raise whatever it likes.
        words = str(error) or type(error).__name__
        answer = {"refused": f"it cannot be read, so it is damaged or no checkpoint ({words})"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
