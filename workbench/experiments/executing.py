"""The one place where Python of a user runs: a trusted file, or a function that was given."""

from typing import Any


def executed(text: str, name: str, file: str) -> dict[str, Any]:
    """Return what a module's text defines, by name.

    Parameters
    ----------
    text
        Of a file that ships or that the user trusts (`functions.py` asks), or of a function that a
        Python program gave.
    name
        The module's `__name__`.
    file
        What tracebacks call it.
    """
    names: dict[str, Any] = {"__name__": name, "__file__": file}
    exec(compile(text, file, "exec"), names)
    return names
