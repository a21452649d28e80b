"""`import workbench` costs milliseconds.

If one of these fails, somebody imports a heavy library at the top of a module. Move the import
into the function that needs it, or into the one module that is that library's door;
`python -X importtime -c 'import workbench'` shows who asked for it.
"""

import subprocess
import sys

import pytest

HEAVY = {
    "mpi4py",
    "neuron",
    "bluepyopt",
    "deap",
    "efel",
    "neurom",
    "morphio",
    "matplotlib",
    "pandas",
    "h5py",
    "scipy",
}


def loaded_by(code):
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_probe_sees_what_is_loaded():
    assert "numpy" in loaded_by("import numpy")


@pytest.mark.parametrize(
    ("module", "light"),
    [
        ("workbench", HEAVY | {"numpy", "pydantic"}),
        ("workbench.cli.app", HEAVY | {"numpy", "pydantic"}),
        ("workbench.studies", HEAVY),
        ("workbench.api", HEAVY),
        ("workbench.cli.fitting", HEAVY),
        ("workbench.cli.simulating", HEAVY),
        ("workbench.workers.child", HEAVY | {"pydantic"}),
    ],
)
def test_importing_is_light(module, light):
    assert loaded_by(f"import {module}") & light == set()
