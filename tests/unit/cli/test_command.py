"""What ends in a message, and what is a bug whose traceback somebody needs."""

import errno

import pytest

from workbench.cli import command
from workbench.errors import LedgerError, StoppedEarly


def ended_by(error, monkeypatch):
    """Return the exit code of a command line whose verb raises this error."""

    def verb():
        raise error

    monkeypatch.setattr(command, "app", verb)
    with pytest.raises(SystemExit) as ended:
        command.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (LedgerError("it is damaged"), 2, "it is damaged"),
        (StoppedEarly("SIGTERM"), 75, "SIGTERM"),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), 1, "/a/b: Permission denied"),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "out/x.csv"),
            1,
            "out/x.csv: No such file",
        ),
        (OSError(errno.ENAMETOOLONG, "File name too long", "aa"), 2, "aa: File name too long"),
        (LedgerError("a\x1b[2Jb :100: [red]"), 2, "a\\x1b[2Jb :100: [red]"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device"),
        (BlockingIOError(errno.EAGAIN, "Try again"), 1, "Try again"),
    ],
)
def test_what_is_no_bug_is_one_line(error, code, said, monkeypatch, capsys):
    assert ended_by(error, monkeypatch) == code
    assert capsys.readouterr().err == f"workbench: {said}\n"


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EBADF, "Bad file descriptor"), OSError("of our own"), ValueError("a bug")],
)
def test_a_bug_keeps_its_traceback(error, monkeypatch):
    def verb():
        raise error

    monkeypatch.setattr(command, "app", verb)
    with pytest.raises(type(error)):
        command.main()
