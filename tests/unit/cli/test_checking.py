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
