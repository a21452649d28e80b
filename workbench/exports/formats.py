"""The formats in which a model is handed on: who writes each, what it cannot say, how it is run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError, unknown
from workbench.exports.hoc import hoc_command, write_hoc
from workbench.exports.model import Model
from workbench.exports.obstacles import of_neuron
from workbench.exports.python import write_python
from workbench.exports.running import python


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes
    ----------
    title
        What it is, in a few words.
    write
        Writes a model into a folder that is there.
    obstacles
        What of a model it cannot say, a sentence each.
    command
        How a protocol is run in the folder, where its traces/PROTOCOL.csv is written; Python has
        no workbench there.
    cvode
        Whether it has CVODE beside fixed steps.
    usage
        What its user types, line by line.
    """

    title: str
    write: Callable[[Model, Path], None]
    obstacles: Callable[[Model], Iterator[str]]
    command: Callable[[str, Path], list[str]]
    cvode: bool
    usage: tuple[str, ...]


FORMATS: Mapping[str, Format] = {
    "python": Format(
        "Python for NEURON",
        write_python,
        of_neuron,
        lambda protocol, folder: [*python("simulation.py"), protocol],
        cvode=True,
        usage=("python simulation.py            # or: python simulation.py PROTOCOL",),
    ),
    "hoc": Format(
        "a hoc template",
        write_hoc,
        of_neuron,
        hoc_command,
        cvode=True,
        usage=(
            "x86_64/special protocols.hoc    # nrniv, if there are no mechanisms",
            "oc> run_PROTOCOL()",
        ),
    ),
}


BLUEPYOPT = "bluepyopt"
"""A whole problem with its free parameters, and no model: it goes a way of its own."""


def format_named(name: str) -> Format:
    """Return a format.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in FORMATS:
        raise InputError(unknown("format", name, (*FORMATS, BLUEPYOPT)))
    return FORMATS[name]
