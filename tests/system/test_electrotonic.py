"""`workbench electrotonic` as a user types it."""

import json
import math

import pytest

from tests.system.command import Refused, Run

VERB = ("electrotonic", "hodgkin_huxley", "--params", "published")


def test_the_axon_of_hodgkin_and_huxley_as_a_cable(workbench: Run) -> None:
    shown = workbench(*VERB, "--at", "soma(0)", "--at", "soma(1)").stdout
    assert "gates frozen" in shown
    assert "slowest time constants" in shown
    sites = ("--at", "soma(0.5)", "--json")
    frozen, following = (
        json.loads(workbench(*VERB, *sites, "--gates", gates).stdout)
        for gates in ("frozen", "following")
    )
    assert following["time_constants_ms"] is None
    inputs = [one["sites"][0]["input_MOhm"] for one in (frozen, following)]
    assert inputs[0] > inputs[1] > 0
    assert all(math.isfinite(tau) for tau in frozen["time_constants_ms"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--gates", "open"), "unknown gates 'open'"),
        (("--gates", "following", "--frequency", "20"), "not for 20 Hz; freeze them"),
        (("--at", "nowhere"), "is not a site"),
    ],
)
def test_what_cannot_be_asked_is_said(refused: Refused, words: tuple[str, ...], said: str) -> None:
    assert said in refused(*VERB, *words)
