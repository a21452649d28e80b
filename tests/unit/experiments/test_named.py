"""Experiments by name: found, described, analysed, and compared with what they have to give."""

from pathlib import Path

import pytest

from workbench.errors import InputError, StudyError
from workbench.experiments import (
    check_rows,
    compared,
    described,
    experiment_names,
    find_experiment,
)
from workbench.experiments.analysis import Analysis, analysis_beside
from workbench.runs import with_params
from workbench.studies import load_expected_rows

FILE = """title = "Two currents"
study = "hodgkin_huxley"
params = "published"
protocols = ["step"]
measures = ["soma.v.Spikecount"]
[factors]
step.amplitude_nA = [0.5, 1.0]
"""
CELL = "hodgkin_huxley"
ROWS = [
    {"cell": CELL, "step.amplitude_nA": 0.5, "soma.v.Spikecount": 2.0, "reason": ""},
    {"cell": CELL, "step.amplitude_nA": 1.0, "soma.v.Spikecount": None, "reason": "it failed"},
]
EXPECTED = """[[row]]
name = "weak"
source = "this test"
where = { "step.amplitude_nA" = 0.5 }
columns = { "soma.v.Spikecount" = [2.5, 0.1] }
relative = 0.2
[[row]]
name = "strong"
source = "this test"
where = { cell = "hodgkin_huxley", "step.amplitude_nA" = 1 }
at_least = { "soma.v.Spikecount" = 3 }
[[row]]
name = "sum"
source = "this test"
table = "sums"
columns = { sum = [2, 0], twice = [3, 0] }
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "optimizations" / "mine"
    made.mkdir(parents=True)
    (made / "experiment.toml").write_text(FILE)
    (made / "expected.toml").write_text(EXPECTED)
    return made


def test_an_experiment_is_found_by_name_folder_and_file(folder):
    file = Path("optimizations") / "mine" / "experiment.toml"
    assert find_experiment("mine") == file
    assert find_experiment(folder) == folder / "experiment.toml"
    assert find_experiment("other.toml") == Path("other.toml")
    assert {"mine", "van_elburg"} <= set(experiment_names())
    with pytest.raises(StudyError, match="unknown experiment 'mien'; did you mean 'mine'"):
        find_experiment("mien")


def test_what_a_file_describes(folder):
    found = described(find_experiment("mine"), with_params)
    assert (found.name, found.title, found.analysis) == ("mine", "Two currents", None)
    assert len(found.experiment.conditions) == 2
    ours = described(find_experiment("van_elburg"), with_params)
    assert ours.analysis is not None
    assert ours.analysis.draws
    check_rows(load_expected_rows(ours.folder), ours.experiment)


def test_rows_are_compared_column_by_column(folder):
    expected = load_expected_rows(folder)
    assert [one.name for one in expected] == [
        "weak: soma.v.Spikecount",
        "strong: soma.v.Spikecount",
        "sum: sum",
        "sum: twice",
    ]
    tables = {"sums": [{"sum": 2, "twice": 4.0}]}
    found = compared(expected, ROWS, tables)
    assert [one.holds for one in found] == [True, False, True, False]
    assert found[0].expected.tolerance == (pytest.approx(0.1 + 0.2 * 2.5),)
    assert found[1].reason == "it failed"
    assert found[3].differences == (1.0,)
    check_rows(expected, described(find_experiment("mine"), with_params).experiment)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"step.amplitude_nA" = 0.5', '"step.amplitude_nA" = 0.7', "0 rows have step.amplitude_nA"),
        ('where = { "step.amplitude_nA" = 0.5 }', "", "2 rows have no levels"),
        ("Spikecount", "Spikecont", "there is no column 'soma.v.Spikecont'; there are"),
    ],
)
def test_a_row_that_the_table_will_not_have(folder, before, after, said):
    (folder / "expected.toml").write_text(EXPECTED.replace(before, after))
    asked = described(find_experiment("mine"), with_params).experiment
    with pytest.raises(StudyError, match=said):
        check_rows(load_expected_rows(folder), asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it holds no number"),
        ('[[row]]\nname = "n"\nsource = "s"\n', "n: give columns"),
        ('[[row]]\nname = "n"\nsource = "s"\ncolumn = 1\n', "column"),
        ('[[row]]\nname = "n"\nsource = "s"\ncolumns = { a = [1, -1] }\n', "tolerance"),
    ],
)
def test_an_expected_row_that_cannot_be(folder, text, said):
    (folder / "expected.toml").write_text(text)
    with pytest.raises(StudyError, match=said):
        load_expected_rows(folder)


def test_a_cell_is_cut_as_its_table_says(folder):
    """With 40 um, as the study says, and with 9 um."""
    file = folder / "experiment.toml"
    cells = "[cells.plain]\n[cells.fine]\nsegments = { max_length_um = 9 }\n"
    file.write_text(FILE + cells)
    asked = described(file, with_params).experiment.conditions
    length_um = asked[0].job.recipe.morphology.length_um()
    counts = {one.levels["cell"]: one.job.recipe.segment_counts for one in asked}
    fine, plain = (1 + 2 * int(length_um / most_um) for most_um in (9, 40))
    assert counts == {"plain": (plain,), "fine": (fine,)}
    file.write_text(FILE + cells.replace("9", "-1"))
    with pytest.raises(InputError, match=r"experiment\.toml.*max_length_um"):
        described(file, with_params)


def test_an_analysis_is_trusted_or_ships(folder):
    (folder / "analysis.py").write_text("def tables(rows):\n    return {'n': [{'n': len(rows)}]}\n")
    file = folder / "experiment.toml"
    with pytest.raises(InputError, match=r"analysis\.py is Python .* give --trust-python"):
        described(file, with_params)
    analysis = described(file, with_params, trusted=True).analysis
    assert analysis is not None
    assert analysis.tables(ROWS) == {"n": [{"n": 2}]}
    assert not analysis.draws
    assert analysis_beside(folder / "other.toml", trusted=False) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def tables(rows):\n    return rows[9]\n", r"a\.py, line 2: IndexError"),
        ("def tables(rows):\n    return rows\n", "has to return a dict of tables"),
        ("def tables(rows:\n", r"a\.py: SyntaxError"),
        ("import nosuchmodule\n", r"a\.py, line 1: ModuleNotFoundError"),
    ],
)
def test_an_analysis_that_fails_says_where(text, said):
    with pytest.raises(InputError, match=said):
        Analysis(Path("a.py"), text).tables(ROWS)
