"""`workbench morphology check`: the findings of Python, in its words, and 2 if one is an error."""

import json

import pytest
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.errors import MorphologyError
from workbench.morphology import check_morphology, load_morphology

FORKS = "1 1 0 0 0 8 -1\n2 3 0 80 0 1 1\n3 5 0 90 0 0.8 2\n4 3 20 100 0 0.6 3\n5 3 0 120 0 0 3\n"
KINDS = {5: "basal"}


def run(*words):
    return CliRunner().invoke(app, ["morphology", "check", *map(str, words)])


@pytest.fixture
def forks(tmp_path):
    file = tmp_path / "cell.swc"
    file.write_text(FORKS)
    return file


def test_it_says_what_python_says(forks):
    found = check_morphology(load_morphology(forks, kinds=KINDS))
    assert {one.severity for one in found} == {"note", "remark"}
    printed = run(forks, "--kind", "5=basal")
    assert printed.exit_code == 0
    for one in found:
        assert f"  {one.severity}: {one.message}\n" in printed.output
    answer = json.loads(run(forks, "--kind", "5=basal", "--json").output)
    assert [f["message"] for f in answer["findings"]] == [one.message for one in found]
    assert answer["sections"] == {"somatic": 1, "basal": 3}


def test_errors_end_with_2_after_all_was_said(forks):
    forks.write_text(FORKS.replace("90 0 0.8", "90 0 0"))
    printed = run(forks, "--kind", "5=parent")
    assert "  error: cell.swc, line 3: dend[0] has a diameter of 0 um" in printed.output
    assert isinstance(printed.exception, MorphologyError)
    assert printed.exception.exit_code == 2
    assert isinstance(run(forks, "--kind", "5=parent", "--unit", "nm").exception, MorphologyError)


def test_a_mended_copy_is_written_beside_the_file(forks, tmp_path):
    forks.write_text(FORKS.replace("90 0 0.8", "90 0 0"))
    out = tmp_path / "new" / "mended.swc"
    done = run(forks, "--kind", "5=basal", "--fix", "--out", out)
    assert done.exit_code == 0
    assert "points of kind 5 are basal" in done.output
    assert "of its diameters, 0 um, are those between the neighbours" in done.output
    assert run(out).exit_code == 0
    answer = json.loads(run(forks, "--kind", "5=basal", "--fix", "--out", out, "--json").output)
    assert answer["written"] == str(out)
    assert len(answer["done"]) == 5
    assert all(one["severity"] != "error" for one in answer["left"])
    assert any(one["fixable"] and one["place_um"] for one in answer["findings"])


def test_nothing_to_mend_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cell.swc").write_text("1 1 0 0 0 8 -1\n2 3 0 10 0 1 1\n3 3 0 90 0 1 2\n")
    done = run("cell.swc", "--fix")
    assert (done.exit_code, "nothing was mended" in done.output) == (0, True)
    assert [file.name for file in tmp_path.iterdir()] == ["cell.swc"]


def test_the_file_itself_is_never_written_over(forks):
    forks.write_text(FORKS.replace("90 0 0.8", "90 0 0"))
    before = forks.read_bytes()
    refused = run(forks, "--kind", "5=basal", "--fix", "--out", forks)
    assert "is the file itself, which is never written over" in str(refused.exception)
    assert forks.read_bytes() == before


def test_several_files_are_checked_though_one_cannot_be_read(forks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lost.swc").write_text("1 1 0 0\n")
    (tmp_path / "sign.swc").write_text("1 1 0 0 0 8 -1\n2 3 0 80 0 -1 1\n3 3 0 90 0 1 2\n")
    done = run("lost.swc", "sign.swc", forks, "--kind", "5=basal", "--json")
    assert isinstance(done.exception, MorphologyError)
    assert "lost.swc, line 1" in str(done.exception)
    lost, sign, sound = json.loads(done.output)
    assert (lost["findings"][0]["fixable"], sign["findings"][0]["fixable"]) == (False, True)
    assert sound["neuron"]["basal"]["length_um"] > 0
    mended = run("lost.swc", "sign.swc", "--fix", "--out", "mended")
    assert "lost.swc" in str(mended.exception)
    assert "sign.swc" not in str(mended.exception)
    assert [file.name for file in (tmp_path / "mended").iterdir()] == ["sign_mended.swc"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "a.swc"], "--out a.swc is for mended copies; add --fix"),
        (["--fix", "--out", "a.swc", "b.swc"], "--out a.swc is one file, and 2 are checked"),
        (["--fix", "--out", "a.txt"], "unknown suffix to write '.txt'"),
    ],
)
def test_where_copies_cannot_go(forks, words, message):
    forks.write_text(FORKS.replace("90 0 0.8", "90 0 0"))
    assert message in str(run(forks, "--kind", "5=basal", *words).exception)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "line 3: unknown kind of point '5'"),
        (["--kind", "5"], "--kind '5' cannot be read"),
        (["--kind", "5=bsal"], "kinds: 5: unknown region 'bsal'; did you mean 'basal'"),
        (["--kind", "5=basal", "--soma", "ball"], "unknown soma model 'ball'"),
        (["--kind", "5=basal", "--unit", "parsec"], "unit 'parsec'"),
    ],
)
def test_what_cannot_be_read(forks, words, message):
    assert message in str(run(forks, *words).exception)
