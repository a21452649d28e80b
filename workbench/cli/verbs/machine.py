"""Verbs about the machine and what is installed on it."""

import typer

from workbench.cli import options as opt

machine = typer.Typer()


@machine.command()
def doctor(json: opt.Json = False) -> None:
    """Say what is installed, compiled and missing, and how to mend it."""
    from workbench.cli import checkup

    checkup.doctor(json)
