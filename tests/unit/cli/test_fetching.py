"""A morphology that is not here: a terminal is asked, --yes fetches, else the advice is said."""

import contextvars
import sys

import pytest

from workbench.cli import command, fetching
from workbench.morphology.catalogue import entries


@pytest.fixture
def fetched(monkeypatch, tmp_path):
    """Let hay_cell1 be nowhere; return the names of the cells that are fetched."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_MORPHOLOGIES", raising=False)
    names = []

    def fetch(name, progress):
        names.append(name)
        progress("https://example.org/cell1.asc", 10, 10)
        path = tmp_path / "cell1.toml"
        path.write_text('[[section]]\nregion = "somatic"\nlength_um = 20\ndiameter_um = 20\n')
        return path

    monkeypatch.setattr(fetching, "fetch", fetch)
    return names


def run(monkeypatch, *words):
    """Return the exit code of a command line."""
    monkeypatch.setattr(sys, "argv", ["workbench", *words])
    with pytest.raises(SystemExit) as ended:
        contextvars.copy_context().run(command.main)
    return ended.value.code


VERBS = [
    ("simulate", "hay_l5b"),
    ("score", "hay_l5b"),
    ("fit", "hay_l5b"),
    ("reproduce", "hay_l5b"),
    ("calibrate", "hay_l5b"),
    ("export", "hay_l5b", "--params", "biophys3"),
    ("torture", "hay_l5b"),
    ("submit", "hay_l5b", "--ranks", "1", "--time", "1:00:00"),
]
CHECK = ("morphology", "check", "hay_cell1")


@pytest.mark.parametrize("words", [*VERBS, CHECK], ids=lambda words: words[0])
def test_without_a_terminal_it_is_said_what_to_run(fetched, monkeypatch, capsys, words):
    assert run(monkeypatch, *words) == 2
    said = capsys.readouterr().err
    assert "workbench morphology fetch hay_cell1" in said
    assert "--yes" in said
    assert fetched == []


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_yes_fetches(fetched, monkeypatch, capsys, words):
    """What comes is no pyramidal cell here, so that the verb ends behind it."""
    assert run(monkeypatch, *words, "--yes") == 2
    assert fetched == ["hay_cell1"]
    said = capsys.readouterr().err
    assert "fetching https://example.org/cell1.asc" in said
    assert "is not on this machine" not in said


def test_a_morphology_alone_is_fetched_too(fetched, monkeypatch, capsys):
    assert run(monkeypatch, *CHECK, "--yes") == 0
    assert fetched == ["hay_cell1"]
    assert "1 sections (1 somatic)" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [True, False])
def test_a_terminal_is_asked_once(fetched, monkeypatch, capsys, answer):
    asked = []

    def confirm(question, **_):
        asked.append(question)
        return answer

    monkeypatch.setattr(fetching.typer, "confirm", confirm)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(monkeypatch, "simulate", "hay_l5b") == 2
    assert asked == ["Fetch it?"]
    assert fetched == ["hay_cell1"] * answer
    said = capsys.readouterr().err
    cell = entries.entry("hay_cell1")
    for part in (cell.citation, cell.licence, cell.files[0].sources[0].url):
        assert part in said


def test_fetch_prints_the_path(fetched, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["workbench", "morphology", "fetch", "hay_cell1"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{tmp_path / 'cell1.toml'}\n"
