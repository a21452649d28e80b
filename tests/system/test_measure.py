"""`workbench morphology measure` as a user types it, and `wb.measure`."""

import csv
import json
from pathlib import Path

import pytest

import workbench as wb
from tests.cells import known_cell
from tests.system.command import Run


def test_the_cell_of_hay_has_the_lengths_that_its_study_has(workbench: Run) -> None:
    """Counts and lengths are NEURON's, of the cell as Hay et al. 2011 load it."""
    known_cell("hay_cell1")
    done = workbench("morphology", "measure", "hay_cell1", "--by", "region", "--json")
    rows = {row["region"]: row for row in json.loads(done.stdout)}
    basal, apical = rows["basal"], rows["apical"]
    assert (basal["number_of_sections"], apical["number_of_sections"]) == (84, 109)
    assert basal["total_length_um"] == pytest.approx(5133.49, abs=0.005)
    assert apical["total_length_um"] == pytest.approx(7440.91, abs=0.005)
    assert apical["max_path_distance_um"] == pytest.approx(1300.53, abs=0.005)


def test_one_bad_file_does_not_lose_the_others(workbench: Run, tmp_path: Path) -> None:
    good = "1 1 0 0 0 5 -1\n2 3 0 0 0 1 1\n3 3 0 {y} 0 1 2\n"
    for number, y in enumerate((100, 200, 400)):
        (tmp_path / f"{number}.swc").write_text(good.format(y=y))
    (tmp_path / "bad.swc").write_text("1 1 0 0\n")
    files = ("0.swc", "1.swc", "bad.swc", "2.swc")
    done = workbench("morphology", "measure", *files, "--out", "t.csv", code=2)
    assert "1 of 4 could not be measured:\nbad.swc: " in done.stderr
    with (tmp_path / "t.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["cell"] for row in rows] == ["0", "1", "bad.swc", "2"]
    assert float(rows[3]["total_length_um"]) == pytest.approx(400)
    assert "bad.swc" in rows[2]["reason"]
    shown = workbench("morphology", "measure", "0.swc", "1.swc", "2.swc").stdout
    [line] = [line for line in shown.splitlines() if line.startswith("total_length_um")]
    assert line.split()[:4] == ["total_length_um", "100", "(z", "-1.41)"]
    table = wb.measure([tmp_path / name for name in files])
    assert table["total_length_um"].dropna().tolist() == pytest.approx([100, 200, 400])
    assert (table["reason"] != "").tolist() == [False, False, True, False]
