"""docs/many-morphologies.md, followed: races change nothing, and verbs ask of which cell."""

import json
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.system.command import COMMAND, REPOSITORY, Refused, Run
from tests.system.running import table, wait_for_rows
from tests.system.test_stages_page import python

PAGE = (REPOSITORY / "docs" / "many-morphologies.md").read_text(encoding="utf-8")
FIT, SIMULATE = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
READ, ONE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAMES = ["short", "long", "thick"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in re.findall(r"```toml\n# (\w+/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_page(workbench: Run, refused: Refused, folder: Path) -> None:
    said = json.loads(workbench(*shlex.split(FIT), "--workers", 1, "--json").stdout)
    race = said["racing"]
    assert list(said["morphologies"]) == NAMES
    assert said["best"]["sum"] == pytest.approx(max(said["morphologies"].values()))
    assert race["planned"] == 3 * 8 * 15
    assert race["saved"] >= race["beaten"] > 0

    whole = json.loads(
        workbench("fit", "sticks", "--workers", 1, "--out", "runs/whole", "--json").stdout
    )
    assert whole["best"] == said["best"]
    assert whole["racing"] is None
    raced = table(folder / "runs" / "raced")
    rows = json.loads(workbench("ledger", "runs/raced", "--json").stdout)
    saved = 0
    for row, other in zip(raced, table(folder / "runs" / "whole"), strict=True):
        assert row[:3] == other[:3]
    for row in rows:
        run = [name for name in NAMES if row[f"step@{name}.soma.spike_count"] is not None]
        if row["status"] == "OK":
            assert run == NAMES
            continue
        assert row["status"] == f"beaten after {len(run)} of 3 morphologies"
        saved += 3 - len(run)
    assert saved == race["saved"]
    archive = json.loads(
        workbench("ledger", "runs/raced", "--archive", "--by", "features", "--json").stdout
    )
    beaten = {(r["generation"], r["individual"]) for r in rows if r["status"] != "OK"}
    assert not beaten.intersection((r["generation"], r["individual"]) for r in archive)
    report = (folder / "runs" / "raced" / "report.html").read_text()
    assert f"saved {race['saved']} of {race['planned']} simulations" in " ".join(report.split())

    generation, individual = min(beaten)
    asked = f"{generation}/{individual}"
    assert "was beaten after" in refused("report", "runs/raced", "--pick", asked)

    killed = folder / "runs" / "killed"
    child = subprocess.Popen(
        [*COMMAND, "fit", "sticks", "--racing", "--workers", "1", "--out", str(killed)],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for_rows(child, killed, 40)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    workbench("resume", str(killed))
    assert table(killed) == raced

    workbench(*shlex.split(SIMULATE))
    scored = json.loads(workbench("score", "sticks", "--params", "runs/raced", "--json").stdout)
    assert scored["sum"] == said["best"]["sum"]
    for name in NAMES:
        one = workbench("score", "sticks", "--params", "runs/raced", "--morphology", name, "--json")
        assert json.loads(one.stdout)["sum"] == pytest.approx(said["morphologies"][name])
    workbench("sensitivity", "runs/raced", "--workers", 1)
    workbench("export", "runs/raced", "--morphology", "long", "--out", "python")
    again = workbench("rescore", "runs/raced", "--out", "runs/again", "--json")
    assert json.loads(again.stdout)["best"] == said["best"]
    assert table(folder / "runs" / "again") == raced

    shown = python(f"{READ}\n{ONE}\nprint(sorted(response))", folder)
    assert f"{race['saved']} of {race['planned']}" in shown
    assert "'long'" in shown


def test_what_is_refused_of_several(refused: Refused, folder: Path) -> None:
    every = "sticks has 3 morphologies; name one with --morphology"
    given = {"g_pas.all": 1e-4, "gnabar_hh.somatic": 0.1, "gkbar_hh.somatic": 0.04}
    values = [f"--set={name}={value}" for name, value in given.items()]
    assert every in refused("simulate", "sticks", *values)
    assert every in refused("electrotonic", "sticks", *values)
    assert every in refused("placements", "sticks")
    assert every in refused("morphology", "show", "--study", "sticks", *values)
    assert "shrt" in refused("simulate", "sticks", *values, "--morphology", "shrt")
    assert "racing is for truncation" in refused("fit", "sticks", "--racing", "--algorithm", "ibea")
    assert "several morphologies, and seeds is 2" in refused("fit", "sticks", "--seeds", 2)


CELL, STUDY = "cell.toml", "study.toml"
MISTAKES = {
    "two are called short": (CELL, 'label = "long"', 'label = "short"'),
    'give it a label: label = "..."': (CELL, 'label = "long"\n', ""),
    "morphology thick: ": (CELL, 'region = "basal"', 'region = "apical"'),
    "the cell has no apical section": (CELL, "g_pas = {", "[parameters.apical]\ng_pas = {"),
    "a fit of several morphologies has none": (STUDY, "[fit]", '[[stage]]\nname = "a"\n\n[fit]'),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_mistakes_in_a_study_of_several(refused: Refused, folder: Path, said: str) -> None:
    name, old, new = MISTAKES[said]
    text = (folder / "sticks" / name).read_text()
    assert old in text
    (folder / "sticks" / name).write_text(text.replace(old, new))
    assert said in refused("placements", "sticks")


def test_words_of_several_are_refused_of_one(refused: Refused, folder: Path) -> None:
    cell, study = (folder / "sticks" / name for name in (CELL, STUDY))
    first, *_ = re.findall(r"\[\[morphology\]\]\n.*?\n\n", cell.read_text(), re.DOTALL)
    rest = re.sub(r"\[\[morphology[.\w]*\]\]\n.*?\n\n", "", cell.read_text(), flags=re.DOTALL)
    cell.write_text(first + rest)
    assert "there is one; write it as [morphology]" in refused("placements", "sticks")
    cell.write_text(first.replace("[[morphology]]", "[morphology]") + rest)
    assert "the cell has one morphology; leave it out" in refused("placements", "sticks")
    study.write_text(study.read_text().replace('morphologies = "worst"\n', ""))
    assert "racing is for several" in refused("fit", "sticks", "--racing")
    assert "leave --morphology long out" in refused("placements", "sticks", "--morphology", "long")
