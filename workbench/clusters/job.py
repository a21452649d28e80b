"""What a batch job is, whichever scheduler runs it."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError

SCRIPT = "job.sh"
_SHORTEST_s = 60
_LONGEST_s = 9_999 * 3_600
_MOST_RANKS = 1_000_000
_LONGEST_NOTICE_s = 120
_LONGEST_START_s = 300
_ORDERS = ("#$", "#SBATCH", "#PBS")


@dataclass(frozen=True)
class BatchJob:
    """A fit on a cluster: a task for each seed, each with its own run folder.

    Attributes
    ----------
    folder
        Absolute; holds the script, the scheduler's logs and the run folders `seed-N`.
    start
        Absolute; where the job works, so that relative paths mean what they meant when it was
        written.
    fit
        What follows `workbench`: the verb `fit`, the study and its options, but for those that
        differ from task to task.
    command
        The words that start the workbench of this installation.
    launcher
        The words that start MPI ranks, but for their number; empty for a single process.
    environment
        Set before the workbench is started.
    scratch
        Where a node keeps what nobody needs afterwards; None for what the scheduler offers.
    directives
        More of the scheduler's own options, a line each.

    Raises
    ------
    InputError
        If there is no such job, or a scheduler would take one of its texts for an order.
    """

    name: str
    folder: Path
    start: Path
    fit: tuple[str, ...]
    seeds: tuple[int, ...]
    ranks: int
    time_s: int
    command: tuple[str, ...]
    launcher: tuple[str, ...]
    environment: Mapping[str, str]
    scratch: Path | None = None
    directives: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.ranks <= _MOST_RANKS:
            raise InputError(f"{self.ranks} ranks cannot run a fit; ask for 1 to {_MOST_RANKS}")
        if self.time_s < _SHORTEST_s:
            raise InputError(f"{self.time_s} s are too short for a job; ask for a minute or more")
        if self.time_s > _LONGEST_s:
            raise InputError(
                f"{self.time_s} s are too long for a job; ask for {clock(_LONGEST_s)} at most, "
                "what is not done by then goes on in the next"
            )
        for line in (self.name, *self.directives):
            _check_directive(line)
        for text in (*self.fit, *self.command, *self.launcher, *self.environment.values()):
            _check_text(text)
        for folder in (self.folder, self.start, self.scratch):
            _check_text(str(folder or ""))

    @property
    def time(self) -> str:
        """The job's time limit, HH:MM:SS."""
        return clock(self.time_s)

    @property
    def notice_s(self) -> int:
        """How long before the end of its time the job wants to hear of it."""
        return min(_LONGEST_NOTICE_s, self.time_s // 10)

    @property
    def walltime(self) -> str:
        """What `--walltime` is told: ranks need a while until they begin to count."""
        return clock(self.time_s - min(_LONGEST_START_s, self.time_s // 10))


def job_name(study: str) -> str:
    """Return a job's name for a study of any name; schedulers ask for a letter first."""
    return "fit-" + re.sub(r"[^A-Za-z0-9_.-]+", "-", study).strip("-")


def clock(time_s: int) -> str:
    """Return seconds as every scheduler reads them.

    >>> clock(93784)
    '26:03:04'
    """
    return f"{time_s // 3600:02d}:{time_s // 60 % 60:02d}:{time_s % 60:02d}"


def _check_text(text: str) -> None:
    """Refuse what a scheduler may take for an order, though the shell is told that it is text.

    Grid Engine looks for its directives in every line of a script.
    """
    broken = len(f"{text}.".splitlines()) > 1 or any(ord(sign) < ord(" ") for sign in text)
    if broken or any(order in text for order in _ORDERS):
        raise InputError(
            f"{text!r} cannot stand in a job's script, where a scheduler may read orders in it: "
            f"line breaks, other control characters and {' '.join(_ORDERS)} are refused. Rename it"
        )


def _check_directive(line: str) -> None:
    """Refuse what a directive cannot hold: no shell reads it, so nothing can be quoted in it.

    What may stand there is just what a shell would leave alone too.
    """
    if not line or any(shlex.quote(word) != word for word in line.split(" ")):
        raise InputError(
            f"{line!r} cannot stand in a scheduler's directive; words of letters, digits and "
            "_ @ % + = : , . / - with one space between them can. Give anything else to the "
            "scheduler's command itself, when you submit the script"
        )
