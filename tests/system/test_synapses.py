"""docs/synapses.md, followed word for word: its fit recovers the weight that made its targets."""

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Run

PAGE = (REPOSITORY / "docs" / "synapses.md").read_text()
WEIGHT_uS = 0.002
"""With which the targets were made, as the page says."""


def test_the_page_leads_to_the_weight_of_its_targets(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "driven").mkdir()
    files = re.findall(r"```toml\n# ([\w/]+\.toml)\n(.*?)```", PAGE, re.DOTALL)
    assert len(files) == 7, "protocols.toml in two parts, and an experiment"
    for name, text in files:
        with (tmp_path / name).open("a") as file:
            file.write(text)
    score = ["score", "driven", "--set", f"weight.syn={WEIGHT_uS}", "--json"]
    scores = json.loads(workbench(*score).stdout)["scores"]
    assert max(scores.values()) < 0.06, "the targets are rounded to a twentieth of an SD"

    commands = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        workbench(*shlex.split(command))
    assert (tmp_path / "train.csv").read_text().startswith("t_ms,soma.v,site.v\n")
    head, *points = (tmp_path / "train.placements.csv").read_text().splitlines()
    assert head == "place,mechanism,number,section,x,distance_um"
    assert points[0] == "syn,AMPA,0,apic[0],0.65,400.0", "soma(0.5) is 10 um from the dendrite"
    assert [row.split(",")[0] for row in points].count("gaba") == 100
    inwards_um = [float(row.split(",")[-1]) for row in points[-6:]]
    assert inwards_um == pytest.approx([550, 450, 350, 250, 150, 50])
    head, *segments = (tmp_path / "mapped.map.csv").read_text().splitlines()
    assert head == (
        "section,x,distance_um,area_um2,maximum,time_of_maximum_ms,width_at_half_ms,integral"
    )
    assert len(segments) == 1 + 31, "by the rule of 40 um, which is the default"
    assert (tmp_path / "mapped.csv").read_text().startswith("t_ms,soma.v,syn.g,syn.i\n")
    weak, strong = csv.DictReader((tmp_path / "runs/weights/table.csv").read_text().splitlines())
    for measure in ("map.maximum.mean", "map.maximum.maximum"):
        assert -65 < float(weak[measure]) < float(strong[measure])
    head, *points = (tmp_path / "runs/weights/placements.csv").read_text().splitlines()
    assert head == "row,place,mechanism,number,section,x,distance_um"
    assert len(points) == 1 + 100 + 6, "of both rows, which have them in the same places"
    report = (tmp_path / "runs" / "driven" / "report.html").read_text()
    assert "2 events on syn from 20 to 30 ms" in report

    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "page.py").write_text(
        f"{code}\nprint(result.best['weight.syn'], response['site.v'].values.max(), "
        "train['soma.v'].values[-1], len(stands), highest_mV.max())\n"
    )
    done = subprocess.run(
        [sys.executable, str(tmp_path / "page.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    weight_uS, highest_mV, last_mV, points, mapped_mV = map(float, done.stdout.split())
    assert mapped_mV >= highest_mV, "the site is one of the segments"
    assert points == 1 + 100 + 6 + 1 + 20
    assert weight_uS == pytest.approx(WEIGHT_uS, rel=0.02)
    assert highest_mV > -50
    written_mV = float((tmp_path / "train.csv").read_text().splitlines()[-1].split(",")[1])
    assert last_mV == written_mV, "the command line and Python simulate the same"
