"""Loading mechanism libraries, each case in a process that has loaded none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.builds import Build
from workbench.engines.neuron import adaptive

SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
from workbench.engines.neuron import NeuronEngine
from workbench.errors import EngineError
from workbench.engines.neuron import adaptive
from workbench.builds import Build

asked = json.loads(sys.argv[1])
library = Path(asked["library"])
if asked["foreign"]:
    from neuron import h
    h.nrn_load_dll(asked["foreign"])
engine = None
try:
    engine = NeuronEngine(Build("key", library.parent, library, None, ("Ih",), ""))
except EngineError as error:
    print(error)
else:
    section = engine._h.Section()
    section.insert("Ih")
    print("it has Ih")
"""


def what_happens(tmp_path: Path, library: Path, foreign: Path | None = None) -> str:
    asked = {"library": str(library), "foreign": foreign and str(foreign)}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(asked)],
        cwd=tmp_path,
        env={**os.environ, "NEURON_MODULE_OPTIONS": "-nogui"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout.strip().splitlines()[-1]


def test_a_library_is_loaded(tmp_path: Path, hay_build: Build) -> None:
    assert what_happens(tmp_path, hay_build.library) == "it has Ih"


def test_a_library_that_is_gone_is_refused(tmp_path: Path) -> None:
    """NEURON goes on without a word."""
    said = what_happens(tmp_path, tmp_path / "libnrnmech.so")
    assert said.startswith(f"NEURON cannot load {tmp_path / 'libnrnmech.so'}: is it there")


def test_a_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "libnrnmech.so").write_text("not a library")
    assert "cannot load" in what_happens(tmp_path, tmp_path / "libnrnmech.so")


def test_a_library_that_somebody_else_has_loaded_is_used(tmp_path: Path, hay_build: Build) -> None:
    assert what_happens(tmp_path, hay_build.library, hay_build.library) == "it has Ih"


def test_a_second_library_with_the_same_mechanisms_is_refused(
    tmp_path: Path, hay_build: Build
) -> None:
    copy = tmp_path / "libnrnmech.so"
    copy.write_bytes(hay_build.library.read_bytes())
    said = what_happens(tmp_path, copy, hay_build.library)
    assert said.startswith(f"NEURON cannot load {copy}: ")
    assert "already exists" in said


def test_the_library_of_the_current_folder_is_not_loaded(tmp_path: Path, hay_build: Build) -> None:
    """NEURON takes ./x86_64/libnrnmech.so unasked: another one could not be loaded beside it."""
    architecture = tmp_path / os.uname().machine
    architecture.mkdir()
    (architecture / "libnrnmech.so").write_bytes(hay_build.library.read_bytes())
    assert what_happens(tmp_path, hay_build.library) == "it has Ih"


@pytest.fixture(autouse=True)
def _no_cell_left() -> None:
    """Nothing is simulated in this process."""


def test_the_adaptive_steps_name_neuron_among_what_they_need() -> None:
    """Whether NEURON's symbols are global in a process hangs on the machine's MPI."""
    library = adaptive.prepare(native=False)
    load = f"from neuron import h; import ctypes; ctypes.CDLL({str(library)!r})"
    ended = subprocess.run(
        [sys.executable, "-c", load],
        env={**os.environ, "NEURON_MODULE_OPTIONS": "-nogui"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    assert b"libnrniv" in library.read_bytes()
