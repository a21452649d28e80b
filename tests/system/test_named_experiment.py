"""An experiment with a name: shapes as factors, Python of its own, a figure, numbers to hold."""

import csv
import json
from pathlib import Path

import pytest

import workbench as wb
from tests.system.command import Run

EXPERIMENT = """title = "Pulses into trees"
study = "hodgkin_huxley"
params = "published"
protocols = ["pulse"]
measures = [
    "soma.v.AP_height",
    "waves:last_mV",
    "morphology.topology",
    "morphology.area_um2.basal",
    "cell.passive.mean_path",
    "cell.initial.input_MOhm",
]

[cells.tree]
generate = "binary-tree tips=3,length_um=300"
edit = ["scale-diameters basal=1"]

[factors]
edit.scale-diameters.factor = [1, 2]
morphology.length_um = [300, "600 um"]
"""
WAVES = """def last_mV(traces):
    return traces["soma.v"].values[-1]
"""
ANALYSIS = """def tables(rows):
    areas = [row["morphology.area_um2.basal"] for row in rows]
    return {"areas": [{"ratio": max(areas) / min(areas)}]}


def draw(figure, rows, tables):
    axes = figure.subplots()
    axes.plot([row["morphology.area_um2.basal"] for row in rows])
    axes.set(xlabel="row", ylabel="area (um2)")
"""
EXPECTED = """[[row]]
name = "thick and long"
source = "a cylinder's area is pi d l: twice of both are four times as much"
table = "areas"
columns = { ratio = [4, 1e-9] }

[[row]]
name = "the first"
source = "this test"
where = { "edit.scale-diameters.factor" = 1, "morphology.length_um" = 300 }
at_least = { "soma.v.AP_height" = IMPOSSIBLE }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "optimizations" / "mine"
    made.mkdir(parents=True)
    for name, text in {
        "experiment.toml": EXPERIMENT,
        "waves.py": WAVES,
        "analysis.py": ANALYSIS,
        "expected.toml": EXPECTED.replace("IMPOSSIBLE", "10"),
    }.items():
        (made / name).write_text(text)
    return made


def test_it_is_done_by_its_name(
    workbench: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = workbench("experiment", "mine", code=2).stderr
    assert "waves.py is Python that would run with your rights" in refused.replace("\n", " ")
    assert "--trust-python" in refused
    words = ("--trust-python", "--converged", "--out", "out", "--json")
    told = json.loads(workbench("experiment", "mine", *words).stdout)
    rows = told["rows"]
    assert told["tables"]["areas"][0]["ratio"] == pytest.approx(4, rel=1e-9)
    assert [row["morphology.topology"] for row in rows] == ["3(2(1,1),1)"] * 4
    assert all(row["status"] == "OK" and -90 < row["waves:last_mV"] < 60 for row in rows)
    budget = {row["measure"]: row for row in told["tables"]["budget"]}
    assert budget["morphology.area_um2.basal"]["segments"] == 0
    assert 0 < budget["soma.v.AP_height"]["segments"] < 20
    assert 0 < budget["soma.v.AP_height"]["steps"] < 1
    with (tmp_path / "out" / "areas.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 1
    for name in ("table.csv", "figure.svg", "figure.png"):
        assert (tmp_path / "out" / name).stat().st_size > 100
    # In Python the same folder goes on, with nothing left to do, and the values are the same.
    monkeypatch.chdir(tmp_path)
    found = wb.named_experiment("mine", trust_python=True, out="out", progress=False)
    for name in ("soma.v.AP_height", "cell.passive.mean_path", "cell.initial.input_MOhm"):
        assert found.table[name].tolist() == [row[name] for row in rows]
    assert found.figure().axes[0].get_xlabel() == "row"


def test_its_numbers_are_compared(workbench: Run, folder: Path, tmp_path: Path) -> None:
    ours = workbench("reproduce", "mine", "--trust-python", "--out", "page.html").stdout
    assert "Pulses into trees" in ours
    assert "The figure of mine" in (tmp_path / "page.html").read_text()
    (folder / "expected.toml").write_text(EXPECTED.replace("IMPOSSIBLE", "1000"))
    missed = workbench("reproduce", "mine", "--trust-python", "--json", code=1)
    assert "mine: the first: soma.v.AP_height" in missed.stderr
    assert [number["holds"] for number in json.loads(missed.stdout)] == [True, False]
