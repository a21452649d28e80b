"""docs/own-experiment.md, followed: its picture, and one table from Python and the command line."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from pictures import run, written

from tests.system.command import REPOSITORY, Run

FILE = REPOSITORY / "docs" / "own-experiment.md"
PAGE = FILE.read_text(encoding="utf-8")


def test_the_page(workbench: Run, tmp_path: Path) -> None:
    assert len(written(FILE, tmp_path)) == 5
    run(FILE, tmp_path)
    assert (tmp_path / "volley.png").read_bytes().startswith(b"\x89PNG")
    table = pd.read_csv(tmp_path / "table.csv", float_precision="round_trip")

    commands = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        for_shell = shlex.split(command)
        cells = [str(one.relative_to(tmp_path)) for one in sorted(tmp_path.glob("cells/*.swc"))]
        workbench(*(word for one in for_shell for word in (cells if "*" in one else [one])))
    assert len(pd.read_csv(tmp_path / "shapes.csv")) == 4
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    asked = pd.read_csv(tmp_path / "runs/volley/table.csv", float_precision="round_trip")
    pd.testing.assert_frame_equal(asked, table, check_exact=True)

    ours, theirs = (
        pd.read_csv(tmp_path / "runs" / name / "placements.csv", float_precision="round_trip")
        for name in ("from_python", "volley")
    )
    assert len(theirs) == 4 * 20, "of each shape once"
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)

    says_what_it_shows(table)


def says_what_it_shows(table: pd.DataFrame) -> None:
    """The page's last paragraph holds for its table."""
    epsp_mV = table.pivot(index="cell", columns="weight.syn", values="soma.v.peak_amplitude")
    weak, strong = epsp_mV[5e-4], epsp_mV[2e-3]
    length_um = table.groupby("cell")["morphology.length_um.basal"].first()
    assert list(length_um.sort_values().index) == list(weak.sort_values(ascending=False).index)
    assert ((strong / weak) < 2.5).all()
    assert ((strong / weak) > 2).all()
    resistance = table["cell.passive.input_MOhm"]
    assert resistance.max() < 1.5 * resistance.min()
    assert weak["tree1"] == pytest.approx(6.33, abs=0.01), "the target that the page writes"
