"""Import what stock BluePyOpt has found so far: its checkpoint as rows of numbers."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.inputs import content

LARGEST_MB = 512


@dataclass(frozen=True)
class Individual:
    """Parameter values, (d,), and scores, (k,); no scores if it was not evaluated."""

    values: Floats
    scores: Floats

    def __post_init__(self) -> None:
        for array in (self.values, self.scores):
            array.setflags(write=False)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint of BluePyOpt's: the last population, and the best ever, by their sum."""

    parameters: tuple[str, ...]
    generation: int
    population: tuple[Individual, ...]
    hall_of_fame: tuple[Individual, ...]


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint of BluePyOpt's (`cp.pkl`) without running what it says.

    It is read by `unpickling` in a child process that has no access to anything.

    Raises
    ------
    InputError
        If there is no such file, it is no checkpoint, or it asks for more than numbers.
    """
    pickled = content(path, largest_MB=LARGEST_MB)
    program = [sys.executable, "-I", str(Path(__file__).with_name("unpickling.py"))]
    done = subprocess.run(program, input=pickled, capture_output=True, env={}, check=False)
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise InputError(
            f"{path} ended the process that read it (exit code {done.returncode})"
        ) from None
    if "refused" in said:
        raise InputError(f"{path} is not imported: {said['refused']}")
    population, best = (
        tuple(Individual(np.array(i["values"]), np.array(i["scores"])) for i in said[key])
        for key in ("population", "hall_of_fame")
    )
    return Checkpoint(tuple(said["parameters"]), said["generation"], population, best)
