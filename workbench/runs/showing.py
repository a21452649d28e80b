"""Progress where somebody looks: in a notebook, on a terminal, or in the file of a job."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workbench.evaluations.counting import Far
from workbench.runs.progress import Progress

Show = Callable[[Progress], None]
"""What is told how far a fit is."""

EVERY_s = 0.25
"""How often a notebook's output is renewed."""


@contextmanager
def shown(progress: bool | Callable[[Any], None]) -> Iterator[Callable[[Far], None]]:
    """Yield what shows the progress of a fit or an experiment while it runs.

    A notebook has a bar and a terminal a line, both drawn again and again; elsewhere standard error
    gets a line a generation, or for each tenth of an experiment, as on a terminal if NO_PROGRESS is
    set in the environment.

    Parameters
    ----------
    progress
        Whether it is shown, or what is told of it instead.
    """
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda now: None
    elif console.is_jupyter:
        with _in_notebook() as show:
            yield show
    elif console.is_terminal and not os.environ.get("NO_PROGRESS"):
        with Live(console=console, refresh_per_second=4) as live:
            yield lambda now: live.update(Text(str(now)))
    else:
        yield _line


def _line(now: Far) -> None:
    if now.whole:
        print(now, file=sys.stderr, flush=True)


@contextmanager
def _in_notebook() -> Iterator[Callable[[Far], None]]:
    """Yield what draws in one output of a cell, no more often than a browser can follow."""
    from IPython.display import DisplayHandle

    output = DisplayHandle()
    last: Far | None = None
    drawn_at = float("-inf")

    def show(now: Far) -> None:
        nonlocal last, drawn_at
        if last is None:
            output.display(now)
        elif time.monotonic() - drawn_at >= EVERY_s:
            output.update(now)
        else:
            last = now
            return
        last, drawn_at = now, time.monotonic()

    try:
        yield show
    finally:
        if last is not None:
            output.update(last)
