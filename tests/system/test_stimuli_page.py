"""docs/stimuli.md: what it shows is simulated, and Python and TOML say the same."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.system.command import REPOSITORY, Run
from workbench.engines import Integrator
from workbench.engines.neuron import check
from workbench.errors import EngineError
from workbench.exports.bluepyopt.limits import STIMULI as KEPT
from workbench.protocols import STIMULI
from workbench.studies import load_study

PAGE = (REPOSITORY / "docs" / "stimuli.md").read_text(encoding="utf-8")
TARGETS = """
[clamped.soma]
variable = "i_clamp"
window_ms = [20, 39.9]
features = { minimum = [-1, 0.1], steady_state_voltage_stimend = [1, 0.1] }
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study with the page's protocols, and the current of a clamp as its target."""
    folder = tmp_path / "page"
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", folder)
    (folder / "expected.toml").unlink()
    [protocols] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (folder / "protocols.toml").write_text(protocols)
    (folder / "targets.toml").write_text(TARGETS)
    [csv] = re.findall(r"  ```text\n(.*?)  ```", PAGE, re.DOTALL)
    (folder / "bumps.csv").write_text(csv.replace("  ", ""))
    return folder


def test_every_protocol_is_simulated(workbench: Run, study: Path) -> None:
    out = study.parent / "out.npz"
    workbench("simulate", study, "--params", "published", "--cvode", "1e-5", "--out", out)
    traces = np.load(out)
    names = [protocol.name for protocol in load_study(study).protocols]
    assert len(names) == 8
    for name in names:
        recorded = traces[f"{name}/soma.v"]
        assert np.ptp(recorded) > 1, name
    assert traces["clamped/soma.i_clamp"].size == traces["clamped/t_ms"].size


def test_the_current_of_a_clamp_is_a_target(workbench: Run, study: Path) -> None:
    """The squid's inward and outward currents; at rest -80 mV the leak alone."""
    args = ["score", study, "--params", "published", "--cvode", "1e-5", "--json"]
    found = json.loads(workbench(*args).stdout)
    values = found["values"]
    assert values["clamped.soma.minimum"][0] < -1
    assert values["clamped.soma.steady_state_voltage_stimend"][0] > 1


def test_python_says_the_same(study: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    compare = f"""
study = wb.load_study({str(study)!r})
said = [one for protocol in study.protocols for one in protocol.stimuli]
assert [s.told() for s in said[:4]] == [s.told() for s in stimuli[:4]]
bound = study.protocol("chirp").bound().stimuli[0]
assert [bound, *said[5:]] == stimuli[4:]
assert len(spikes["peak_time"]) > 2
"""
    script = [sys.executable, "-c", f"{code}\n{compare}"]
    done = subprocess.run(script, cwd=study.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_table_of_engines_and_exports_is_true(study: Path) -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", PAGE, re.MULTILINE)
    told = {kind: cells for kinds, cells in rows for kind in re.findall(r"`(\w+)`", kinds)}
    assert set(told) == {kind.kind for kind in STIMULI}
    exported = {kind.kind for kind in KEPT} | {"train"}
    for kind, cells in told.items():
        _, second_order, _, _, adaptive, to_bluepyopt = cells.split(" | ")
        held = "refused" if kind == "voltage_clamp" else "yes"
        assert (second_order, adaptive) == (held, held)
        assert to_bluepyopt.startswith("yes" if kind in exported else "refused")
    protocol = load_study(study).protocol("clamped")
    recipe = load_study(study).problem.recipe
    for refused in (
        Integrator(atol=None, dt_ms=0.01, order=2),
        Integrator(atol=None, step_error_mV=0.01),
    ):
        with pytest.raises(EngineError, match="voltage_clamp"):
            check(recipe, [protocol], refused)
