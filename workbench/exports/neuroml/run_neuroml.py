"""Run this cell in NEURON, by jNeuroML: `python run_neuroml.py [PROTOCOL ...]`, by default all.

LEMS_PROTOCOL.xml are the protocols. jNeuroML, which needs Java, writes them for NEURON into
neuron/; the traces go to traces/PROTOCOL.csv.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyneuroml  # type: ignore[import-not-found]

FOLDER = Path(__file__).resolve().parent


def run(name: str, recordings: list[str]) -> None:
    """Run one protocol and write its traces."""
    folder = FOLDER / "neuron" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in (*FOLDER.glob("*.nml"), FOLDER / f"LEMS_{name}.xml"):
        shutil.copy(file, folder)
    [jar] = (Path(pyneuroml.__file__).parent / "lib").glob("jNeuroML-*.jar")
    called = ["java", "-Xmx2G", "-jar", str(jar), f"LEMS_{name}.xml", "-neuron", "-nogui"]
    call(called, folder)
    call(["nrnivmodl", "."], folder)
    call([sys.executable, f"LEMS_{name}_nrn.py"], folder)
    (FOLDER / "traces").mkdir(exist_ok=True)
    with (FOLDER / "traces" / f"{name}.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["t_ms", *recordings])
        for line in (folder / f"{name}.dat").read_text().splitlines():
            # Of LEMS everything is in SI.
            writer.writerow(1e3 * float(value) for value in line.split())


def call(command: list[str], folder: Path) -> None:
    """Run a program; end with what it said if it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    program = shutil.which(command[0], path=path)
    if program is None:
        sys.exit(f"there is no {command[0]} on the PATH; install it")
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    protocols = json.loads((FOLDER / "recordings.json").read_text())
    for name in sys.argv[1:] or protocols:
        run(name, protocols[name])
        print(f"traces/{name}.csv")
