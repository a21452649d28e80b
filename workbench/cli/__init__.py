"""The command line: thin verbs over the rooms."""

from workbench.cli.command import main

__all__ = ["main"]
