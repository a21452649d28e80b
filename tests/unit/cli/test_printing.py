"""What a user gave is printed as it is: neither markup nor emoji, and numbers stay whole."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

import workbench.cli
from workbench.cli import ledgers
from workbench.cli.layout import cut, shown, side_by_side, widths
from workbench.cli.printing import console, notes, print_json, print_table

NAME = "[red]kadist.mod[/]:100: [link=x] :smile:"
CLI = Path(workbench.cli.__file__).parent


def test_a_name_is_neither_markup_nor_an_emoji(capsys):
    console.print(NAME)
    notes.print(NAME, style="red")
    print_table(["name", ">[b]"], [[NAME, "1"]], f"title {NAME}")
    out, err = capsys.readouterr()
    assert out.count(NAME) == 3
    assert ">[b]"[1:] in out
    assert err == f"{NAME}\n"


def test_a_run_is_listed_under_its_own_name(tmp_path, capsys):
    run = tmp_path / "[red]:100: [b]"
    run.mkdir()
    (run / "ledger.sqlite").write_text("none")
    ledgers.list_runs(tmp_path, as_json=False)
    assert f"{run} " in capsys.readouterr().out


def test_nobody_prints_but_with_the_plain_consoles():
    """So that no other verb can bring markup back."""
    for file in CLI.rglob("*.py"):
        if file.name not in ("printing.py", "layout.py"):
            found = re.findall(r"\brich\b|(?:markup|emoji|highlight)=", file.read_text())
            assert not found, f"{file.name}: {found}"


def test_what_a_terminal_would_obey_is_shown(capsys):
    assert shown("a\x1b[31mb\x07\x9b\n\tc\udcff±") == "a\\x1b[31mb\\x07\\x9b\n\tc\\udcff±"
    console.print("a\x1b]0;title\x07b")
    print_table(["name"], [["a\x1b[2Jb"]])
    assert "\x1b" not in capsys.readouterr().out


def test_json_has_no_nan(capsys):
    print_json({"a": [float("nan"), 1.5, (float("inf"),)], "b": "±"})
    said = capsys.readouterr().out
    assert json.loads(said, parse_constant=pytest.fail) == {"a": [None, 1.5, [None]], "b": "±"}


LONG = "StepProtocolWithAVeryLongName.soma.time_to_first_spike_of_the_second_burst"
ROWS = [
    [LONG, "12.3456 ± 4.56789", "1.23457e-05", "250.000"],
    ["short", "1 ± 1", "eFEL cannot compute it on this trace: no spike at all", "250.000"],
]


def test_in_a_pipe_everything_stays(capsys):
    print_table(["feature", ">target", ">model", ">SD"], ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for row, line in zip(ROWS, lines[1:], strict=True):
        assert all(cell in line for cell in row)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_on_a_terminal_numbers_stay_whole_and_names_lose_their_middle(capsys, monkeypatch, width):
    monkeypatch.setattr(console, "_width", width)
    monkeypatch.setattr(console, "_force_terminal", True)
    monkeypatch.setattr(console, "_color_system", None)
    print_table(["feature", ">target", ">model", ">SD"], ROWS)
    lines = Text.from_ansi(capsys.readouterr().out).plain.splitlines()
    assert max(map(len, lines)) <= width
    [line] = [line for line in lines if "12.3456" in line]
    assert all(number in line for number in ROWS[0][1:])
    name = line.split()[0]
    head, tail = name.split("…")
    assert LONG.startswith(head)
    assert LONG.endswith(tail)
    assert abs(len(head) - len(tail)) <= 1
    for word in ROWS[1][2].split():
        assert any(word in line for line in lines), "prose is folded"


def test_prose_is_folded_by_what_a_terminal_needs_for_a_letter():
    assert cut("nine ⺀⺀ and one", 8) == ["nine", "⺀⺀ and", "one"]


texts = st.text(min_size=0, max_size=40) | st.floats().map(repr) | st.just("12 ± 3")


@settings(max_examples=200, deadline=None)
@given(data=st.data(), columns=st.integers(1, 5), most=st.integers(1, 120) | st.none())
def test_any_table_has_its_width_or_holds_numbers_that_need_more(data, columns, most):
    rows = data.draw(st.lists(st.lists(texts, min_size=columns, max_size=columns), min_size=1))
    rows = [[shown(cell).replace("\n", " ").replace("\t", " ") for cell in row] for row in rows]
    right = data.draw(st.lists(st.booleans(), min_size=columns, max_size=columns))
    found = widths(rows, right, most)
    for row in rows:
        for cell, width, is_right in zip(row, found, right, strict=True):
            assert all(cell_len(line) <= width for line in cut(cell, width))
            if is_right and re.match(r"[-+.]?\d", cell):
                assert cut(cell, width) == [cell]
        for line in side_by_side(row, found, right):
            assert list(map(cell_len, line)) == found
