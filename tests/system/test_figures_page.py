"""docs/figures.md: its pictures are made by its code, and its commands write files."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest
from pictures import pictures

from tests.system.command import REPOSITORY, Run
from workbench.cli.app import app
from workbench.errors import InputError

FILE = REPOSITORY / "docs" / "figures.md"
PAGE = FILE.read_text(encoding="utf-8")
BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".html": b"<!DOCTYPE html>"}


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return pictures(FILE)


def test_what_the_page_shows_is_made_by_it(made: dict[str, bytes]) -> None:
    shown = re.findall(r"\]\(([\w.]+\.(?:png|html))\)", PAGE)
    assert len(shown) == 6
    for name in shown:
        assert made[name].startswith(BEGINS[Path(name).suffix])


def test_a_page_that_turns_needs_no_network(made: dict[str, bytes]) -> None:
    assert not re.search(rb"https?:|src=|@import|url\(", made["l5pc_3d.html"])


def show(words: Sequence[str]) -> None:
    """Do what the command line does, in this process: NEURON is in none of it."""
    app(["morphology", "show", *words], standalone_mode=False)


def test_the_commands_write_files(
    tmp_path: Path, made: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "delays.csv").write_bytes(made["delays.csv"])
    commands = re.findall(r"^\$ workbench morphology show (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 7
    for command in commands:
        show(shlex.split(command))
        out = tmp_path / command.split()[-1]
        assert out.read_bytes().startswith(BEGINS[out.suffix])


def test_a_shape_has_the_channels_of_a_study_and_a_file_its_name(
    workbench: Run, tmp_path: Path
) -> None:
    study = ("--study", "hodgkin_huxley", "--params", "published", "--set", "gl_hh.all=1e-3")
    done = workbench("morphology", "show", "traub_ca3", *study, "--colour", "gl_hh")
    assert done.stdout == "traub_ca3.png\n"
    assert (tmp_path / "traub_ca3.png").read_bytes().startswith(BEGINS[".png"])


def test_what_cannot_be_drawn_ends_with_2(workbench: Run) -> None:
    done = workbench("morphology", "show", "traub_ca3", "--out", "no/where.png", code=2)
    assert "no/where.png cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a FILE to be drawn, or a cell: --study STUDY"),
        (("traub_ca3", "--params", "published"), "name a FILE to be drawn"),
        (("traub_ca3", "--as", "tree"), "unknown kind 'tree'"),
        (("traub_ca3", "--limits", "3"), "--limits '3' cannot be read; write --limits LOW,HIGH"),
        (("traub_ca3", "--colour", "gkbar"), "unknown colour 'gkbar'"),
        (("traub_ca3", "--as", "electrotonic"), "traub_ca3 is a shape alone"),
        (("traub_ca3", "--out", "cell.bmp"), "unknown figure format '.bmp'"),
    ],
)
def test_what_cannot_be_drawn_is_said(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        show(words)
