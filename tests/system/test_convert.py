"""`workbench morphology convert` and `compare` as a user types them."""

import json
from pathlib import Path

from tests.system.command import Run

HOC = """\
create soma, dend[3]
for i = 1, 2 connect dend[i](0), dend[0](1)
connect dend[0](0), soma(0.5)
soma { pt3dadd(0, 0, 0, 10) pt3dadd(0, 5, 0, 12) pt3dadd(0, 10, 0, 10) }
dend[0] { pt3dadd(0, 5, 0, 2) pt3dadd(50, 5, 0, 1) }
for i = 1, 2 dend[i] { pt3dadd(50, 5, 0, 1) pt3dadd(90, 5 + 30*i, 0, 0.5) }
access soma
"""


def test_a_hoc_file_becomes_swc_and_one_diameter_is_found(workbench: Run, tmp_path: Path) -> None:
    own = {"WORKBENCH_CACHE": str(tmp_path / "cache")}
    (tmp_path / "cell.hoc").write_text(HOC)
    refused = workbench("morphology", "convert", "cell.hoc", "cell.swc", code=2, **own)
    assert "--trust-hoc" in refused.stderr
    trusted = ("cell.hoc", "cell.swc", "--trust-hoc")
    done = workbench("morphology", "convert", *trusted, **own)
    assert done.stdout == "cell.swc holds the cell of cell.hoc\n"
    same = workbench("morphology", "compare", "cell.hoc", "cell.swc", **own)
    assert same.stdout == "nothing differs\n"
    text = (tmp_path / "cell.swc").read_text()
    assert text.count(" 0.25 ") == 2
    (tmp_path / "cell.swc").write_text(text.replace(" 0.25 ", " 0.3 ", 1))
    differ = ("morphology", "compare", "cell.hoc", "cell.swc")
    done = workbench(*differ, code=1, **own)
    assert "diameters: of another diameter: dend[1]; dend[1] is 0.5 um at 1, and 0.6" in done.stdout
    assert "cell.hoc and cell.swc differ" in done.stderr
    found = json.loads(workbench(*differ, "--json", code=1, **own).stdout)
    assert [one["what"] for one in found] == ["diameters", "measures"]


def test_what_cannot_be_written_or_read_is_said(workbench: Run) -> None:
    bad = workbench("morphology", "convert", "patch", "patch.txt", code=2)
    assert "unknown suffix to write '.txt'" in bad.stderr
    missing = workbench("morphology", "compare", "patch", "nowhere.swc", code=2)
    assert "nowhere.swc does not exist" in missing.stderr
