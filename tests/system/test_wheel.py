"""The wheel works in an empty folder and brings nothing but the package."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Run


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wheels = tmp_path_factory.mktemp("wheels")
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*pip, "wheel", str(REPOSITORY), *options, "-w", str(wheels)], check=True)
    [wheel] = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "-t", str(target), str(wheel)], check=True)
    return target


def test_nothing_but_the_package_is_installed(installed: Path) -> None:
    names = {path.name for path in installed.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} <= {"workbench", "bin"}
    assert not list(installed.rglob("*.asc"))
    assert not list(installed.rglob("*.swc"))


def test_a_study_of_the_wheel_scores_outside_the_clone(workbench: Run, installed: Path) -> None:
    args = ["score", "l5pc_quick", "--params", "release", "--json"]
    said = json.loads(workbench(*args, PYTHONPATH=str(installed)).stdout)
    assert said["status"] == "OK"
    where = subprocess.run(
        [sys.executable, "-c", "import workbench; print(workbench.__file__)"],
        env={"PYTHONPATH": str(installed)},
        cwd=installed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(installed) in where.stdout, "the wheel was tested, not the clone"
