"""Every format, run where there is no workbench: the same numbers, or a refusal that says where."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.physics.exports.models import STEPS, small_model, small_study
from tests.unit.exports.small_problem import VALUES
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.errors import InputError, NotTheSame
from workbench.exports.formats import format_named
from workbench.exports.handing import hand_on, write
from workbench.exports.running import Environment
from workbench.exports.verifying import verify


def quiet(sentence: str) -> None:
    """Say nothing."""


@pytest.mark.parametrize("form", ["python", "hoc"])
def test_every_number_is_the_same_with_a_fixed_step(tmp_path: Path, form: str) -> None:
    """Cut sections, spines, distributions, clamps, played currents, events, own conditions."""
    made = hand_on(small_study(tmp_path), VALUES, "known", form, tmp_path / "out", quiet)
    assert {name: str(one.nearness) for name, one in made.protocols.items()} == dict.fromkeys(
        ("Step", "Train", "Clamp", "Played", "Driven"), "exact"
    )
    said = (tmp_path / "out" / "README.md").read_text()
    assert "| Played | NEURON, backward Euler dt 0.025 ms | exact | the same |" in said
    assert re.search(r"pip install neuron==\d", said)


@pytest.mark.parametrize("form", ["python", "hoc"])
def test_steps_of_second_order_are_taken_too(tmp_path: Path, form: str) -> None:
    study, out = small_study(tmp_path, fixed_step(0.025, 2)), tmp_path / "out"
    made = hand_on(study, VALUES, "known", form, out, quiet, ["Driven"])
    assert made.protocols["Driven"].nearness.exact


@pytest.mark.parametrize("form", ["python", "hoc"])
def test_cvode_stays_near(tmp_path: Path, form: str) -> None:
    study, out = small_study(tmp_path, Integrator(atol=1e-4)), tmp_path / "out"
    made = hand_on(study, VALUES, "known", form, out, quiet, ["Step", "Played", "Driven"])
    assert all(one.nearness.shift_ms < 0.01 for one in made.protocols.values())
    assert all(one.nearness.apart_mV < 0.1 for one in made.protocols.values())


def test_steps_that_the_tool_has_not_are_told_with_what_they_cost(tmp_path: Path) -> None:
    study = small_study(tmp_path, adaptive_step(0.005))
    made = hand_on(study, VALUES, "known", "python", tmp_path / "out", quiet, ["Step"])
    step = made.protocols["Step"]
    assert step.integrator == STEPS
    assert step.nearness.exact
    assert step.cost is not None
    assert 0 < step.cost.shift_ms < 1
    assert "of NEURON, adaptive steps 0.005 mV" in (tmp_path / "out" / "README.md").read_text()


def test_an_export_that_does_not_run_is_refused(tmp_path: Path) -> None:
    model, form = small_model(tmp_path, "python"), format_named("python")
    write(model, form, tmp_path / "out")
    (tmp_path / "out" / "sections.json").write_text("[]")
    with pytest.raises(NotTheSame, match=r"(?s)does not run .*IndexError"):
        verify(model, tmp_path / "out", form, quiet)


def test_the_workbench_cannot_be_imported_there(tmp_path: Path) -> None:
    where = Environment()
    (tmp_path / "script.py").write_text("import workbench")
    with pytest.raises(NotTheSame, match="ModuleNotFoundError"):
        where.run(where.script("script.py"), tmp_path)


def test_what_cannot_be_said_is_named_before_anything_is_written(tmp_path: Path) -> None:
    study = small_study(tmp_path)
    with pytest.raises(InputError, match="unknown format 'genesis'"):
        hand_on(study, VALUES, "known", "genesis", tmp_path / "out", quiet)
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="is there already"):
        hand_on(study, VALUES, "known", "python", tmp_path / "there", quiet)
    assert not (tmp_path / "out").exists()
    assert np.array_equal(sorted(p.name for p in tmp_path.iterdir()), ["small.swc", "there"])
