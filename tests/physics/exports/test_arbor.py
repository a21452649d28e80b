"""A cable cell in Arbor, whose channels, matrix and steps are its own."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.physics.exports.models import STEPS, small_study
from tests.unit.exports.small_problem import VALUES
from workbench.errors import NotTheSame
from workbench.exports.exported import Exported
from workbench.exports.handing import hand_on

ARBOR = os.environ.get("WORKBENCH_ARBOR", "")
"""The Python of an environment with arbor."""

pytestmark = pytest.mark.skipif(not ARBOR, reason="WORKBENCH_ARBOR names no Python with arbor")


def quiet(sentence: str) -> None:
    """Say nothing."""


def handed(folder: Path) -> Exported:
    """Hand on the small model without what Arbor cannot say."""
    study = small_study(folder)
    recipe = replace(study.problem.recipe, placed=())
    kept = [one for one in study.protocols if one.name in ("Step", "Train", "Played")]
    study = replace(study, problem=replace(study.problem, recipe=recipe), protocols=tuple(kept))
    out = folder / "out"
    return hand_on(study, VALUES, "known", "arbor", out, quiet, python=Path(ARBOR))


def test_arbor_is_near(tmp_path: Path) -> None:
    """Spikes, distributions, spines, another temperature and played currents, in equal steps."""
    made = handed(tmp_path)
    assert len(made.protocols) == 3
    for one in made.protocols.values():
        assert one.nearness.shift_ms < STEPS.dt_ms
        assert one.nearness.apart_mV < 0.1


def test_a_cell_that_is_another_is_refused(tmp_path: Path, monkeypatch) -> None:
    """Arbor's cm is in F/m2: one that is ten times too large is found."""
    from workbench.exports.arbor import component

    monkeypatch.setattr(component, "PER_uF_per_cm2", 0.1)
    with pytest.raises(NotTheSame, match=r"Step: \w+\.v at [\d.]+ ms"):
        handed(tmp_path)
