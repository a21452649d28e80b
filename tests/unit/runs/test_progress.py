"""How far a fit is: counted by hand, and shown where somebody looks."""

import re
from dataclasses import replace

import IPython.display
import numpy as np
import pytest
import rich.console

from workbench.evaluations import Evaluation, Row, counting
from workbench.runs import Progress, Watch, showing, shown

NOW = Progress(2, 4, 6, 12, 3.25, 30.0, 12.0, {}, whole=True)


def row(generation, individual, total=1.0, status="OK"):
    return Row(
        generation, individual, np.zeros(1), Evaluation((), status), np.array([total / 2] * 2)
    )


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose last number is the time in s."""
    times = [0.0]
    monkeypatch.setattr(counting.time, "monotonic", lambda: times[-1])
    return times


def test_it_counts_from_the_first_new_row_on(clock):
    told = []
    watch = Watch(population=2, generations=3, known=3, show=told.append)
    for known in (row(0, 0, 5.0), row(0, 1, 4.0), row(1, 0, 9.0)):
        watch(known)
    assert told == []
    clock.append(30.0)
    watch(row(1, 1, 500.0, status="UNFINISHED"))
    clock.append(60.0)
    watch(row(2, 0, 3.5))
    first, second = told
    assert first == Progress(2, 3, 4, 6, 4.0, 2.0, 60.0, {"UNFINISHED": 1}, whole=True)
    assert second == Progress(3, 3, 5, 6, 3.5, 2.0, 30.0, {"UNFINISHED": 1}, whole=False)


def test_of_what_has_only_failed_there_is_no_best(clock):
    told = []
    watch = Watch(population=2, generations=1, known=0, show=told.append)
    watch(row(0, 0, status="ABSURD"))
    assert (told[0].best, told[0].left_s, told[0].per_minute) == (None, None, 0.0)
    assert "best sum none yet  0.0/min  left unknown  failed: 1 ABSURD" in str(told[0])


@pytest.mark.parametrize(
    ("left_s", "said"), [(0.4, "0:00"), (59.6, "1:00"), (3599.0, "59:59"), (3725.0, "1:02:05")]
)
def test_what_is_left_is_said_as_a_clock_does(left_s, said):
    assert str(replace(NOW, left_s=left_s)).endswith(f"left {said}")


def test_it_prints_as_a_line_and_shows_as_a_bar():
    line = "generation 2/4  evaluations 6/12  best sum 3.25 SD  30.0/min  left 0:12"
    assert str(NOW) == line
    assert NOW._repr_html_() == f'<div><progress value="6" max="12"></progress> {line}</div>'


def test_in_a_file_there_is_a_line_a_generation(capsys):
    with shown(True) as show:
        show(replace(NOW, whole=False))
        show(NOW)
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"{NOW}\n")


def test_it_is_shown_to_nobody_or_to_a_function(capsys):
    told = []
    for asked in (False, told.append):
        with shown(asked) as show:
            show(NOW)
    assert told == [NOW]
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # to rich, a stream that nobody sees is a terminal
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_PROGRESS", raising=False)


def test_on_a_terminal_one_line_is_drawn_again(terminal, capsys):
    with shown(True) as show:
        show(replace(NOW, evaluations=5, whole=False))
        show(NOW)
    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert str(NOW) in drawn
    assert "\n" not in drawn.strip()


def test_a_terminal_may_refuse(terminal, capsys, monkeypatch):
    monkeypatch.setenv("NO_PROGRESS", "1")
    with shown(True) as show:
        show(NOW)
    assert capsys.readouterr().err == f"{NOW}\n"


def test_in_a_notebook_one_output_is_renewed_and_ends_with_the_last(monkeypatch, clock):
    drawn = []

    class Handle:
        def display(self, now):
            drawn.append(("new", now))

        def update(self, now):
            drawn.append(("again", now))

    monkeypatch.setattr(rich.console.Console, "is_jupyter", True, raising=False)
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)
    monkeypatch.setattr(IPython.display, "DisplayHandle", Handle)
    steps = [replace(NOW, evaluations=count) for count in range(5)]
    with shown(True) as show:
        for at_s, step in zip([0.0, 0.1, 0.2, 0.3, 0.31], steps, strict=True):
            clock.append(at_s)
            show(step)
    assert drawn == [("new", steps[0]), ("again", steps[3]), ("again", steps[4])]
    assert showing.EVERY_s == 0.25
