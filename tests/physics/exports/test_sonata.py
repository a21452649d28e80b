"""A SONATA node, read as the format's guide says, and loaded by BMTK where there is one."""

import os
from pathlib import Path

import pytest

from tests.physics.exports.models import read_plainly, small_study, steps_alone
from tests.unit.exports.small_problem import VALUES
from workbench.exports.formats import format_named
from workbench.exports.handing import hand_on, write
from workbench.exports.model import Model, model_of
from workbench.exports.verifying import verify

BMTK = os.environ.get("WORKBENCH_BMTK", "")
"""The Python of an environment with bmtk and neuron."""


def quiet(sentence: str) -> None:
    """Say nothing."""


def test_a_plain_reading_gives_the_same_numbers(tmp_path: Path) -> None:
    study, form = steps_alone(tmp_path), format_named("sonata")
    model: Model = model_of(study, VALUES, "known", study.protocols, form.cvode)
    out = tmp_path / "out"
    write(model, form, out)
    found = verify(model, out, read_plainly(form, out), quiet)
    assert {name: str(one.nearness) for name, one in found.items()} == {
        "Step": "exact",
        "Train": "exact",
    }


def test_what_sonata_cannot_say_is_named_at_once(tmp_path: Path) -> None:
    study, form = small_study(tmp_path), format_named("sonata")
    said = list(form.obstacles(model_of(study, VALUES, "known", study.protocols, form.cvode)))
    assert [one.partition(":")[0] for one in said] == [
        "placed syn",
        "protocol Clamp",
        "protocol Played",
        "protocol Played",
    ]


@pytest.mark.skipif(not BMTK, reason="WORKBENCH_BMTK names no Python with bmtk")
def test_bmtk_gives_the_same_numbers(tmp_path: Path) -> None:
    made = hand_on(
        steps_alone(tmp_path),
        VALUES,
        "known",
        "sonata",
        tmp_path / "out",
        quiet,
        python=Path(BMTK),
    )
    assert all(one.nearness.exact for one in made.protocols.values())
