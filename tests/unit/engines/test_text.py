"""The text of a kernel is the key of its build: it must not hang on the process that writes it."""

import os
import subprocess
import sys

WRITE = """
from workbench.engines.population.frame import frame_of
from workbench.studies import load_study

print(*[frame_of(load_study(name).problem.recipe).text for name in ("l5pc", "traub_ca3")])
"""


def test_every_process_writes_the_same_kernel() -> None:
    """Sets of names have another order in each process, by the seed of its hashes."""
    written = [
        subprocess.run(
            [sys.executable, "-c", WRITE],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2)
    ]
    assert written[0].count("struct Membrane") > 2
    assert written[0] == written[1]
