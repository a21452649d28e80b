"""Shipped models under all of their protocols, shortened: the same numbers in Python and in hoc.

The whole protocols, and the formats that need environments of their own, are in docs/exporting.md.
"""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.builds import nrnivmodl
from workbench.engines import fixed_step
from workbench.exports.formats import format_named
from workbench.exports.handing import write
from workbench.exports.model import model_of
from workbench.exports.verifying import verify
from workbench.protocols import Protocol
from workbench.studies import Study, load_study


def quiet(sentence: str) -> None:
    """Say nothing."""


def shortened(protocol: Protocol) -> Protocol:
    """Return a protocol of 20 ms: what holds does so from the begin, what steps begins at 5 ms."""
    bound = protocol.bound()
    stimuli = tuple(
        replace(one, delay_ms=min(one.delay_ms, 5.0), duration_ms=min(one.duration_ms, 12.0))
        for one in bound.stimuli
    )
    return replace(bound, duration_ms=20.0, stimuli=stimuli)


def shipped(name: str) -> Study:
    """Return a study with fixed steps."""
    return load_study(name).with_integrator(fixed_step(0.025))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "params"), [("halnes_in", "P1"), ("l5pc", "release")])
def test_every_protocol_is_the_same_in_python_and_in_hoc(
    tmp_path: Path, name: str, params: str
) -> None:
    study, out = shipped(name), tmp_path / "out"
    protocols = tuple(map(shortened, study.protocols))
    model = model_of(study, study.values(params), params, protocols, cvode=True)
    write(model, format_named("python"), out)
    format_named("hoc").write(model, out)
    # Compiled once for both.
    subprocess.run([nrnivmodl(), "mechanisms"], cwd=out, check=True, capture_output=True)
    for form in ("python", "hoc"):
        found = verify(model, out, replace(format_named(form), mechanisms=""), quiet)
        assert {one: str(made.nearness) for one, made in found.items()} == dict.fromkeys(
            (protocol.name for protocol in study.protocols), "exact"
        )
