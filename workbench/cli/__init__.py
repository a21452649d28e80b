"""The command line: thin verbs over the rooms."""

from workbench.cli.app import main

__all__ = ["main"]
