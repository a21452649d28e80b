"""Every study that ships reproduces its numbers, from the command that a user would type."""

import json
from pathlib import Path

import pytest

from tests.cells import cell_of
from tests.system.command import REPOSITORY, Run

STUDIES = sorted(p.parent.name for p in REPOSITORY.glob("optimizations/*/expected.toml"))


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_reproduces_its_numbers(workbench: Run, study: str) -> None:
    cell_of(study)
    said = workbench("reproduce", study, "--json")
    numbers = json.loads(said.stdout)
    assert len(numbers) >= 10
    assert all(number["holds"] for number in numbers)


LATE_PEAK = """
[[number]]
name = "late maximum at 10 uA/cm2 (mV)"
source = "NEURON 9.0.2, built-in hh"
params = "published"
protocol = "step"
parameters = { amplitude_nA = 1.0, delay_ms = 50, width_ms = 1000, duration_ms = 1050 }
window_ms = [850, 1050]
integrator = { dt_ms = 0.01 }
feature = "maximum"
values = [30.2]
tolerance = 0.05
"""


def test_a_number_of_a_fixed_step_is_not_missed_for_its_converged_one(
    workbench: Run, tmp_path: Path
) -> None:
    patch_that_expects(tmp_path, LATE_PEAK)
    said = workbench("reproduce", "patch", "--converged", "--json", "--workers", 1)
    [number] = json.loads(said.stdout)
    assert number["holds"]
    assert abs(number["converged"][0] - 30.2) > 0.05


def test_a_missed_number_is_named_and_ends_with_1(workbench: Run, tmp_path: Path) -> None:
    patch_that_expects(
        tmp_path,
        '[[number]]\nname = "an impossible peak"\nsource = "this test"\nparams = "published"\n'
        'protocol = "pulse"\nfeature = "maximum"\nvalues = [100]\ntolerance = 1\n',
    )
    said = workbench("reproduce", "patch", "--workers", 1, code=1)
    assert "an impossible peak" in said.stderr
    assert "missed" in said.stdout


def patch_that_expects(folder: Path, expected: str) -> None:
    """Write a copy of hodgkin_huxley with other numbers as optimizations/patch."""
    study = folder / "optimizations" / "patch"
    study.mkdir(parents=True)
    source = REPOSITORY / "optimizations" / "hodgkin_huxley"
    for name in ("cell", "protocols", "targets", "study", "published"):
        (study / f"{name}.toml").write_text((source / f"{name}.toml").read_text())
    (study / "expected.toml").write_text(expected)
