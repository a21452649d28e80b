"""What `workbench reproduce` prints and where it writes, without a simulation."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.cli import reproducing
from workbench.errors import InputError, NotReproduced, NotTaken
from workbench.reports import reproducing as found_again
from workbench.studies import Reproduced, load_expected, load_study


@pytest.fixture
def numbers(monkeypatch, tmp_path):
    """Let the patch of Hodgkin & Huxley give what it should, but for the first number."""
    expected = load_expected(load_study("hodgkin_huxley"))
    results = [Reproduced(e, e.values) for e in expected]
    results[0] = Reproduced(expected[0], (), "there is no rest")
    monkeypatch.setattr(found_again, "prepare", lambda *_: None)
    monkeypatch.setattr(found_again, "reproduce_under", lambda *_: results)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproducing.console, "_width", 100)
    return results


def run(out=None, as_json=False):
    with pytest.raises(NotReproduced, match=r"^1 of \d+ missed"):
        reproducing.run(["hodgkin_huxley"], 1, False, out, as_json)


def test_the_page_is_written_although_a_number_is_missed(numbers, capsys, tmp_path):
    run()
    printed = capsys.readouterr().out.splitlines()
    [page] = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"reproduction-\d{8}-\d{6}\.html", page.name)
    assert printed[-1] == f"report: runs/{page.name}"
    assert "there is no rest" in page.read_text()
    assert any("there is no rest" in line and "missed" in line for line in printed)


def test_refused_numbers_are_counted_by_their_reason(numbers, capsys, tmp_path):
    """Exit code 3 where all others hold, 1 where one is missed too."""
    refused = Reproduced(numbers[0].expected, (), "the patch has a clamp", refused=True)
    numbers[1] = replace(refused, expected=numbers[1].expected)
    with pytest.raises(NotReproduced, match="1 of 52 refused:\nhodgkin_huxley, 1 number: "):
        reproducing.run(["hodgkin_huxley"], 1, False, None, True)
    numbers[0] = refused
    with pytest.raises(NotTaken, match=r"^2 of 52 refused; the others hold"):
        reproducing.run(["hodgkin_huxley"], 1, False, Path("page.html"), False)
    assert NotTaken.exit_code == 3
    assert "hodgkin_huxley, 2 numbers: the patch has a clamp" in Path("page.html").read_text()
    assert sum(line.endswith("refused") for line in capsys.readouterr().out.splitlines()) == 2


def test_the_table_fits_into_100_columns(numbers, capsys, monkeypatch):
    """On a terminal: a list of spike times is one line, or two where its name is long."""
    monkeypatch.setattr(reproducing.console, "_force_terminal", True)
    monkeypatch.setattr(reproducing.console, "_color_system", None)
    run()
    table = capsys.readouterr().out.splitlines()[2:-2]
    assert max(len(line.rstrip()) for line in table) <= 100
    assert len(table) < 2 * len(numbers)


def test_json_comes_without_a_page_unless_one_is_named(numbers, capsys, tmp_path):
    run(as_json=True)
    assert not list(tmp_path.iterdir())
    run(Path("mine.html"), as_json=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]
    assert "report" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "said"), [("page.pdf", "a .html file"), ("nowhere/page.html", "no folder nowhere")]
)
def test_a_page_that_cannot_be_written_is_refused_before_the_run(tmp_path, monkeypatch, out, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        reproducing.run(["no such study"], 1, False, Path(out), False)
