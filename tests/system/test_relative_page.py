"""docs/relative.md, followed; a fit of its study, killed and resumed, by workers and by lanes."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import COMMAND, REPOSITORY, Refused, Run
from tests.system.running import table, wait_for_rows

PAGE = (REPOSITORY / "docs" / "relative.md").read_text(encoding="utf-8")


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Return the study of the page."""
    for name, text in re.findall(r"```toml\n# (held/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "held"


def test_the_page(workbench: Run, held: Path) -> None:
    simulate, score, fit = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = json.loads(workbench(*shlex.split(simulate), "--json").stdout)
    found = {f"{one['protocol']}: {one['what']}": one["value"] for one in said["found"]}
    rheobase_nA = found["threshold: rheobase (nA)"]
    assert found["strong: amplitude (nA): 350 % of the rheobase of threshold"] == 3.5 * rheobase_nA
    more = "hardly: amplitude (nA): 100 % of the rheobase of threshold + 0.01 nA"
    assert found[more] == rheobase_nA + 0.01
    away = json.loads(workbench(*shlex.split(score), "--json").stdout)["scores"]
    assert max(away.values()) < 1
    workbench(*shlex.split(fit))
    report = (held.parent / "runs" / "held" / "report.html").read_text()
    assert "threshold.soma.rheobase" in report
    assert "amplitude_nA = 350 % of the rheobase of threshold" in report
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=held.parent, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    holding_nA, amplitude_nA = map(float, done.stdout.splitlines()[0].split())
    assert holding_nA == pytest.approx(found["threshold: holding_current (nA)"], rel=1e-12)
    assert amplitude_nA == pytest.approx(3.5 * rheobase_nA, rel=1e-12)


def test_killed_and_resumed_alone_and_beside_others(workbench: Run, held: Path) -> None:
    """The same bits from one worker, from two, and from one that was killed on its way."""
    whole, run = held.parent / "whole", held.parent / "run"
    workbench("fit", held, "--out", whole, "--workers", 2)
    words = [*COMMAND, "fit", str(held), "--out", str(run), "--workers", "1"]
    begun = subprocess.Popen(words, cwd=held.parent, stderr=subprocess.PIPE)
    wait_for_rows(begun, run, 4)
    os.kill(begun.pid, signal.SIGKILL)
    begun.communicate()
    assert 4 <= len(table(run)) < 18
    workbench("resume", run)
    assert table(run) == table(whole)


def test_lanes_killed_and_resumed(workbench: Run, held: Path) -> None:
    """What is bundled differs between one worker and two, and nothing that comes of it."""
    one, two = held.parent / "one", held.parent / "two"
    workbench("fit", held, "--engine", "population", "--out", one, "--workers", 1)
    workbench("fit", held, "--engine", "population", "--out", two, "--workers", 2)
    assert table(one) == table(two)
    workbench("rescore", one, "--out", held.parent / "again")
    assert table(held.parent / "again") == table(one)


def test_what_cannot_be_ends_with_words(refused: Refused, held: Path) -> None:
    words = ("--format", "bluepyopt", "--params", "published")
    assert "amplitude is 350 % of the rheobase of threshold" in refused("export", held, *words)
    assert "threshold, strong, hardly ask for currents" in refused("calibrate", held)
    protocols, targets = held / "protocols.toml", held / "targets.toml"
    text = protocols.read_text()
    protocols.write_text(text.replace("percent_of_rheobase = 350", "percent_of_rheobse = 350"))
    assert "percent_of_rheobse" in refused("score", held)
    protocols.write_text(text.replace('{ to_fire = "soma" }', "0.3"))
    assert "no protocol seeks one; give a protocol" in refused("score", held)
    protocols.write_text(text.replace("percent", 'of = "thresh", percent'))
    said = refused("score", held)
    assert "unknown protocol that seeks a rheobase 'thresh'" in said
    assert "threshold" in said
    protocols.write_text(text.replace("to_mV = -67", "to_mV = -670"))
    assert "to_mV is -670, it must lie between" in refused("score", held)
    protocols.write_text(text)
    targets.write_text("[strong.soma.features]\nrheobase = [0.3, 0.1]\n")
    said = refused("score", held)
    assert "protocol strong finds resting_potential, input_resistance, holding_current" in said


@pytest.mark.parametrize("form", ["python", "hoc"])
def test_a_model_is_handed_on_with_the_numbers_of_its_cell(
    workbench: Run, held: Path, form: str
) -> None:
    """Elsewhere nothing is found: what was found here stands there."""
    words = ("--format", form, "--params", "published", "--protocol", "strong")
    workbench("export", held, "--out", "handed", *words)
    files = (held.parent / "handed").iterdir()
    text = "".join(one.read_text() for one in files if one.suffix in (".json", ".py", ".hoc"))
    said = json.loads(workbench("simulate", held, "--params", "published", "--json").stdout)
    [amplitude_nA] = [
        one["value"]
        for one in said["found"]
        if one["protocol"] == "strong" and one["what"].startswith("amplitude")
    ]
    assert repr(amplitude_nA) in text
