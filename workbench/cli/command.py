"""The command line as a whole: what is told, and with which exit code, when it cannot go on."""

import errno
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from workbench.cli.app import app
from workbench.cli.streams import take_streams
from workbench.errors import InputError, WorkbenchError

# What a machine may run out of, or lose, wherever in the program that shows first. A full disk does
# not say in which file it was met; other errors of the kind always name the file.
_OF_THE_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.ESTALE,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
    errno.ENOENT,
}
# What is wrong with a path that was given, wherever it is used first.
_OF_THE_INPUT = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"workbench {version('neuron-workbench')}")
        raise typer.Exit


@app.callback()
def workbench(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and end.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take the options before the verb."""


def main() -> None:
    """Run the command line; what is no bug ends in a message and an exit code."""
    take_streams()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except WorkbenchError as error:
        _end(str(error), error.exit_code)
    except OSError as error:
        if error.filename is None and error.errno not in _OF_THE_MACHINE:
            raise
        where = "" if error.filename is None else f"{error.filename}: "
        kind = InputError if error.errno in _OF_THE_INPUT else WorkbenchError
        _end(f"{where}{error.strerror or error}", kind.exit_code)


def _end(said: str, code: int) -> NoReturn:
    from workbench.cli.layout import shown

    print(f"workbench: {shown(said)}", file=sys.stderr)
    sys.exit(code)
